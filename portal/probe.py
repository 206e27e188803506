"""Health check of a container: python -m portal.probe PART [URL]

Asks the portal's /readyz whether PART (database, redis, worker, beat, queue) does its work; `web` asks /healthz whether
this web server answers. Exit code 0 or 1. Standard library only, so that it is quick.
"""

import json
import sys
import urllib.error
import urllib.request

TIMEOUT = 5


def main() -> int:
    """Return 0 if the part is well, else 1."""
    part = sys.argv[1]
    base = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000"
    path = "/healthz" if part == "web" else "/readyz"
    # This machine may be addressed by any name, but the portal answers only to its own names and to loopback.
    request = urllib.request.Request(base + path, headers={"Host": "127.0.0.1"})  # noqa: S310 - from the command line
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()  # 503: the body names the parts
        if part == "web":
            return 1
    except OSError:
        return 1
    return 0 if part == "web" or json.loads(body)["parts"].get(part) == "well" else 1


if __name__ == "__main__":
    sys.exit(main())
