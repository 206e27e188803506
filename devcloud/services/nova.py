"""Nova's API, conductor, scheduler and compute in one process, so that messages between them need no broker."""

from __future__ import annotations

import os
import sys

from devcloud.layout import Location
from devcloud.patches import apply_common
from devcloud.services import web

# Only timers reference the services otherwise, and they would be garbage collected.
running = []


def load() -> None:
    os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"
    # Before oslo.messaging is imported: it chooses between threads and eventlet when it loads.
    from nova import monkey_patch

    monkey_patch.patch(backend="threading")
    apply_common()
    import nova.api.openstack.compute
    import nova.api.openstack.wsgi_app
    import nova.compute.manager
    import nova.conductor.manager
    import nova.scheduler.manager
    import nova.service  # noqa: F401

    from devcloud.patches import nova as nova_patches

    nova_patches.apply()


def serve(location: Location) -> None:
    config = str(location.etc / "nova")
    os.environ["OS_NOVA_CONFIG_DIR"] = config
    sys.argv = ["nova-api", "--config-file", f"{config}/nova.conf"]
    from nova.api.openstack import wsgi_app

    application = wsgi_app.init_application("osapi_compute", "nova-api-os-compute")
    web.serve(location, "nova", application, lambda: start_workers(location))


def start_workers(location: Location) -> None:
    import nova.conf
    import os_brick
    import os_vif
    from nova import context, service
    from nova.compute import rpcapi as compute
    from nova.conductor import rpcapi as conductor
    from nova.objects import host_mapping
    from nova.scheduler import rpcapi as scheduler

    os_brick.setup(nova.conf.CONF)
    os_vif.initialize()
    web.wait_for_catalog(location, "keystone", "placement")
    for binary, topics in (
        ("nova-conductor", {"topic": conductor.RPC_TOPIC}),
        ("nova-scheduler", {"topic": scheduler.RPC_TOPIC}),
        ("nova-compute", {"topic": compute.RPC_TOPIC, "topic_alt": compute.RPC_TOPIC_ALT}),
    ):
        worker = service.Service.create(binary=binary, **topics)
        worker.start()
        running.append(worker)
    # `nova-manage cell_v2 discover_hosts`, without a process of its own.
    host_mapping.discover_hosts(context.get_admin_context())
