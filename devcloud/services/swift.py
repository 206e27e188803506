"""Swift's proxy, account, container and object servers in one process, with the container updater."""

from __future__ import annotations

import os
import time

import eventlet

from devcloud.configuration.swift import BACKEND_SERVERS, backend_port
from devcloud.layout import Location
from devcloud.services import web

DISK = "disk"
# How long after a change the updater runs: changes close together are reported to the account together.
UPDATE_DELAY = 0.3


def load() -> None:
    # Swift is written for eventlet, unlike the others.
    eventlet.monkey_patch()
    import swift.account.server
    import swift.container.server
    import swift.container.updater
    import swift.obj.server
    import swift.proxy.server  # noqa: F401


def serve(location: Location) -> None:
    # Swift compares timestamps in files with the clock's; its own start script does the same.
    os.environ["TZ"] = "UTC+0"
    time.tzset()
    config = location.etc / "swift"
    from swift.common import storage_policy, utils
    from swift.common.utils import config as utils_config

    # Both modules copy the path, /etc/swift/swift.conf, when they load.
    utils.SWIFT_CONF_FILE = utils_config.SWIFT_CONF_FILE = str(config / "swift.conf")
    storage_policy.reload_storage_policies()
    utils.validate_configuration()
    make_rings(location)

    servers = [
        start(location, "account", backend_port(location, "account")),
        start(location, "container", backend_port(location, "container"), lambda app: WithUpdater(app, location)),
        start(location, "object", backend_port(location, "object")),
        start(location, "proxy", location.port("swift")),
    ]
    web.mark_ready(location, "swift")
    for server in servers:
        server.wait()


def start(location: Location, kind: str, port: int, wrap=None):
    """Load one of the four servers and serve it in a green thread."""
    from eventlet import wsgi
    from swift.common import wsgi as swift_wsgi
    from swift.common.http_protocol import SwiftHttpProtocol

    conf = str(location.etc / "swift" / f"{kind}-server.conf")
    application = swift_wsgi.loadapp(conf, global_conf={"log_name": f"{kind}-server"})
    return eventlet.spawn(
        wsgi.server,
        eventlet.listen(("127.0.0.1", port), backlog=128),
        wrap(application) if wrap else application,
        open(os.devnull, "w"),
        protocol=SwiftHttpProtocol,
        max_size=1024,
        socket_timeout=60,
        capitalize_response_headers=False,
        url_length_limit=8192,
    )


def make_rings(location: Location) -> None:
    """Make the rings: one replica on one disk. Done at each start, as it takes milliseconds and stores the ports."""
    from swift.common.ring import RingBuilder

    for kind in BACKEND_SERVERS:
        port = backend_port(location, kind)
        ring = RingBuilder(2, 1, 1)
        ring.add_dev(
            {
                "id": 0,
                "region": 1,
                "zone": 1,
                "ip": "127.0.0.1",
                "port": port,
                "device": DISK,
                "weight": 1,
                "meta": "",
                "replication_ip": "127.0.0.1",
                "replication_port": port,
            }
        )
        ring.rebalance()
        ring.get_ring().save(str(location.etc / "swift" / f"{kind}.ring.gz"))


class WithUpdater:
    """The container server, followed by the container updater after each change.

    An account learns its containers' objects and bytes from that daemon, which usually walks the disk every five
    minutes. Here it runs right after a change, and not at all while nothing changes.
    """

    def __init__(self, application, location: Location) -> None:
        from swift.common.utils import readconf
        from swift.container.updater import ContainerUpdater

        self.application = application
        conf = readconf(str(location.etc / "swift" / "container-server.conf"), "container-updater")
        self.updater = ContainerUpdater(conf)
        self.containers = str(location.data / "swift" / DISK / "containers")
        self.due = False

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] in ("PUT", "POST", "DELETE") and not self.due:
            self.due = True
            eventlet.spawn_after(UPDATE_DELAY, self.update)
        return self.application(environ, start_response)

    def update(self) -> None:
        self.due = False
        self.updater.account_suppressions = {}
        self.updater.container_sweep(self.containers)
