"""Measure what a change takes: python -m bench.changes STATE CLOUD_PORT PORTAL_URL CONCURRENCY [figure …]

Runs in the portal's environment, beside its web server and workers, on a real cloud. Prints JSON.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path

import django


def main() -> int:
    """Measure and return 0; the project and everything in it is deleted at the end."""
    state, cloud_port, url, concurrency, *wanted = sys.argv[1:]
    # Playwright's synchronous API runs an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    django.setup()
    from bench import accepting, queueing, showing
    from bench.ground import prepared

    with prepared(Path(state), int(cloud_port)) as ground:
        figures = {
            "accepting": partial(accepting.measure, url, ground),
            "showing": partial(showing.measure, url, ground),
            "queueing": partial(queueing.measure, ground, int(concurrency)),
        }
        results = {name: figures[name]() for name in wanted or figures}
    sys.stdout.write(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
