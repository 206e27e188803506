"""The real client reads what Meshdeck shows as the unit tests believe it does.

No location is asked anything: only the packages are needed that come with the cloud.
"""

import shlex

import pytest

from portal.ui.commands import Command, Option, line
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.support import openstack_parsers
from tests.unit.hostile import WORDS

pytestmark = CLOUD


@pytest.fixture(scope="module")
def words(devcloud: Devcloud) -> list[str]:
    """Return the hostile words that shlex takes apart as a shell does, without the one that argparse loses."""
    return [word for word in WORDS if word.isprintable() and word != "--"]


def test_the_client_takes_what_was_recorded(devcloud: Devcloud) -> None:
    """If not: python -m tests.support.openstack_parsers."""
    recorded = openstack_parsers.recorded()
    real = openstack_parsers.real(recorded)["options"]
    # Plugins of other services and ways to log in bring options of the client as a whole along.
    itself, known = real.pop("")["options"], {verb: takes for verb, takes in recorded.items() if verb}
    assert known == real
    assert recorded[""]["options"].items() <= itself.items()


def test_the_client_reads_hostile_lines_as_the_recorded_parsers_do(words: list[str]) -> None:
    asked = []
    for verb, takes in openstack_parsers.recorded().items():
        if verb:
            names = [name for name, count in takes["options"].items() if count is None and name.startswith("--")]
            for word in words:
                options: list[Option] = [(name, word) for name in names]
                things = [word for _ in takes["things"]]
                asked.append(shlex.split(line(["--os-cloud=atlas-north"], Command(verb, options, things))))
    read = openstack_parsers.real([], asked)["parsed"]
    assert read == [openstack_parsers.read(one) for one in asked]
    assert all(one["options"]["--os-cloud"] == ["atlas-north"] for one in read)
