"""`python -m devcloud.seed LOCATION FOLDER PORT_BASE`: fill a location whose services are starting."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from devcloud import cast
from devcloud.layout import Location
from devcloud.seed import identity, shared
from devcloud.seed.api import Api, SeedingFailed, wait_until
from devcloud.seed.plan import TENANTS
from devcloud.seed.tenant import Builder, finish

# Concurrent requests. More would only make SQLite's writers wait for each other.
PARALLEL = 4


def main(location: Location) -> None:
    started = time.monotonic()

    def ready(service: str) -> None:
        wait_until(f"{service} ready", (location.run / f"{service}.ready").exists)

    def say(what: str) -> None:
        print(f"{time.monotonic() - started:5.1f} s  {what}", flush=True)

    ready("keystone")
    admin = Api(location, cast.ADMIN, cast.PASSWORD, cast.ADMIN)
    identity.fill_catalog(admin, location)
    projects = identity.fill_projects(admin, location)
    identity.add_account(admin, location)
    domain = identity.federate(admin, location)
    say("identity")

    twin = admin.get("keystone", "/users?name=member&domain_id=default")["users"][0]["id"]

    builders = {
        name: Builder(admin, Api(location, "member", cast.PASSWORD, name), plan)
        for name, plan in TENANTS[location.name].items()
    }
    plans = [(projects[name], builder.plan.quotas) for name, builder in builders.items()]

    def images() -> None:
        ready("glance")
        shared.create_images(admin)
        say("images")

    def network() -> None:
        ready("neutron")
        shared.create_external_network(admin, location)
        for project, quotas in plans:
            shared.set_network_quotas(admin, project, quotas)
        for builder in builders.values():
            builder.build_network()
        say("networks")

    def volumes() -> None:
        ready("cinder")
        shared.create_volume_types(admin)
        for project, quotas in plans:
            shared.set_volume_quotas(admin, project, quotas)
        say("volume types")

    def objects() -> None:
        ready("swift")
        for builder in builders.values():
            builder.upload_objects()
        say("objects")

    def compute() -> None:
        ready("nova")
        shared.create_flavors(admin)
        # The portal's member and the local twin.
        shared.create_key_pairs(admin, (cast.federated_id(domain, cast.SUBJECTS["member"]), twin))
        for project, quotas in plans:
            shared.set_compute_quotas(admin, project, quotas)
        wait_until("a hypervisor", lambda: bool(admin.get("nova", "/os-hypervisors")["hypervisors"]))
        say("flavors")

    # Swift's uploads depend on nothing else, so they fill the gaps.
    with ThreadPoolExecutor(PARALLEL) as pool, ThreadPoolExecutor(5) as services:
        uploads = services.submit(objects)
        first = [services.submit(step) for step in (images, network, volumes, compute)]
        finish(first)
        finish(services.submit(builder.create_volumes) for builder in builders.values())
        say("volumes")
        for builder in builders.values():
            builder.boot_servers(pool)
        say("servers")
        for builder in builders.values():
            builder.attach_volumes(pool)
        say("attachments")
        floating = [services.submit(builder.assign_floating_ips) for builder in builders.values()]
        finish(
            services.submit(step)
            for builder in builders.values()
            for step in (builder.stop_servers, builder.take_snapshots)
        )
        finish([*floating, uploads])
    say("all")


try:
    main(Location.from_arguments(sys.argv[1:]))
except SeedingFailed as failure:
    sys.exit(str(failure))
