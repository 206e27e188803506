"""Cinder's API, scheduler and one volume service per backend in one process."""

from __future__ import annotations

import os
import sys

from devcloud.layout import Location
from devcloud.patches import apply_common
from devcloud.services import web

# Only timers reference the services otherwise, and they would be garbage collected.
running = []


def load() -> None:
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "1"
    # Before oslo.messaging is imported: it chooses between threads and eventlet when it loads.
    from cinder import monkey_patch

    monkey_patch.patch(backend="threading")
    apply_common()
    from cinder import objects

    # The managers' modules refer to classes that this registers.
    objects.register_all()
    import cinder.api.v3.router
    import cinder.scheduler.manager
    import cinder.service
    import cinder.volume.manager
    import cinder.wsgi.wsgi  # noqa: F401

    from devcloud.patches import cinder as cinder_patches

    cinder_patches.apply()


def serve(location: Location) -> None:
    sys.argv = ["cinder-api", "--config-file", str(location.etc / "cinder" / "cinder.conf")]
    from cinder.wsgi.api import application

    web.serve(location, "cinder", application, start_workers)


def start_workers() -> None:
    import os_brick
    from cinder import service
    from oslo_config import cfg

    config = cfg.CONF
    os_brick.setup(config)
    for backend in config.enabled_backends:
        # cinder-volume's own command registers this option for each backend.
        config.register_opt(cfg.StrOpt("backend_host"), group=backend)
        running.append(
            service.Service.create(
                host=f"{config.host}@{backend}", service_name=backend, binary="cinder-volume", coordination=False
            )
        )
        running[-1].start()
    # After the volume services: the scheduler waits up to a minute for the first report of one of them.
    running.append(service.Service.create(binary="cinder-scheduler"))
    running[-1].start()
