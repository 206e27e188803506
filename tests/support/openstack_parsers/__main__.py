"""Write options.json anew, with more verbs if a command has come: `… "server rescue" "server unrescue"`."""

import json
import sys

from tests.support.openstack_parsers import RECORDED, real, recorded

options = real([*recorded(), *sys.argv[1:]])["options"]
rows = [f"{json.dumps(verb)}: {json.dumps(options[verb], sort_keys=True)}" for verb in sorted(options)]
RECORDED.write_text("{\n" + ",\n".join(rows) + "\n}\n")
