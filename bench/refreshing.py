"""Compare a tenant's refresh with a bare script of the same calls: python -m bench.refreshing CLOUDS_YAML AUTH_URL

Runs in the portal's environment, on a real cloud with a project of its own. Prints JSON, one entry per number of
servers.
"""

import json
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import openstack
import requests
from openstack.connection import Connection

SIZES = (10, 50, 200)
ROUNDS = 7
BATCH = 25


@dataclass(frozen=True)
class Call:
    """One request of a refresh."""

    url: str
    headers: dict[str, str]


def connect(clouds_yaml: Path, name: str) -> Connection:
    """Connect openstacksdk with an entry of clouds.yaml."""
    config = openstack.config.OpenStackConfig(config_files=[str(clouds_yaml)], load_envvars=False)
    return Connection(config=config.get_one(name))


def make_project(admin: Connection, name: str) -> Any:
    """Create a project with quota for all the servers, and the member in it."""
    project = admin.identity.create_project(name=name, domain_id="default")
    role, user = admin.identity.find_role("member"), admin.identity.find_user("member")
    admin.identity.assign_project_role_to_user(project, user, role)
    many = max(SIZES) * 2
    admin.set_compute_quotas(project.id, instances=many, cores=many * 8, ram=many * 16384)
    admin.set_network_quotas(project.id, port=many * 2)
    return project


def grow(member: Connection, network: Any, until: int) -> None:
    """Boot servers in batches until this many are running."""
    flavor, image = member.compute.find_flavor("m1.tiny"), member.image.find_image("cirros-0.6")
    have = len(list(member.compute.servers()))
    while have < until:
        batch = min(BATCH, until - have)
        member.compute.create_server(
            name=f"bench-{have}",
            flavor_id=flavor.id,
            image_id=image.id,
            networks=[{"uuid": network.id}],
            min_count=batch,
            max_count=batch,
        )
        have += batch
        while any(server.status == "BUILD" for server in member.compute.servers()):
            time.sleep(0.5)


def recorded(work: Any) -> list[Call]:
    """Record the GET requests that `work` makes."""
    calls: list[Call] = []
    original = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        calls.append(Call(str(request.url), dict(request.headers)))
        return original(session, request, **options)

    requests.Session.send = send
    try:
        work()
    finally:
        requests.Session.send = original
    return calls


def bare(calls: list[Call], pool: ThreadPoolExecutor, session: requests.Session) -> float:
    """Return the seconds for all of them at once, with their JSON parsed."""

    def ask(call: Call) -> None:
        answer = session.get(call.url, headers=call.headers, timeout=60)
        answer.raise_for_status()
        if "json" in answer.headers.get("Content-Type", ""):
            answer.json()

    begun = time.perf_counter()
    list(pool.map(ask, calls))
    return time.perf_counter() - begun


def measure(tenant: Any, grant: Any, threads: int) -> dict[str, Any]:
    """Return the medians of refresh and bare script, measured in turn."""
    from projects.refresh import claims, refreshing

    def refresh() -> None:
        claim = claims.take(tenant.pk, older_than=timedelta(0))
        if claim is None:
            raise RuntimeError("another process is refreshing the bench's tenant")
        refreshing.refresh(tenant.pk, grant.pk, claim)

    # The first refresh also reads what changes rarely and writes all rows.
    begun = time.perf_counter()
    refresh()
    first = time.perf_counter() - begun
    calls = recorded(refresh)
    ours, theirs = [], []
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=threads))
    with ThreadPoolExecutor(threads) as pool:
        bare(calls, pool, session)
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            refresh()
            ours.append(time.perf_counter() - begun)
            theirs.append(bare(calls, pool, session))
    refresh_ms, bare_ms = 1000 * statistics.median(ours), 1000 * statistics.median(theirs)
    return {
        "calls": len(calls),
        "first_ms": round(1000 * first),
        "refresh_ms": round(refresh_ms),
        "bare_ms": round(bare_ms),
        "ratio": round(refresh_ms / bare_ms, 2),
    }


def main() -> int:
    """Measure and return 0; the project and its servers are deleted at the end."""
    clouds_yaml, auth_url = Path(sys.argv[1]), sys.argv[2]
    django.setup()
    from clouds.openstack.http import PARALLEL
    from clouds.openstack.session import AuthState
    from portal.identity.models import Grant, User
    from projects.models import Location, Project, Tenant
    from services.openstack import tokens

    admin = connect(clouds_yaml, "north-admin")
    name = f"bench-{int(time.time())}"
    project = make_project(admin, name)
    member = connect(clouds_yaml, "north-atlas-member").connect_as_project({"id": project.id})
    now = datetime.now(UTC)
    user, _ = User.objects.get_or_create(issuer="bench", subject="bench", defaults={"username": "bench"})
    grant = Grant.objects.create(
        user=user, session_key="bench", expires_at=now + timedelta(hours=3), created_at=now, renewed_at=now
    )
    place, _ = Location.objects.get_or_create(
        name="real",
        defaults={
            "kind": "openstack",
            "auth_url": auth_url,
            "region": "north",
            "identity_provider": "meshdeck",
        },
    )
    mine = Project.objects.create(slug=name, name=name)
    tenant = Tenant.objects.create(project=mine, location=place, external_id=project.id, external_name=name)
    access = member.session.auth.get_access(member.session)
    state = AuthState(
        data=member.session.auth.get_auth_state(),
        expires_at=access.expires.replace(tzinfo=UTC),
        user_id=access.user_id,
        user_name=access.username,
        project_id=access.project_id,
        project_name=access.project_name,
        roles=tuple(access.role_names),
    )
    tokens.remember(tenant, grant.pk, state)
    results = {}
    try:
        network = member.network.create_network(name="bench")
        member.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.8.0.0/16")
        for size in SIZES:
            grow(member, network, size)
            results[size] = measure(tenant, grant, PARALLEL)
            sys.stderr.write(f"  {size} servers: {results[size]}\n")
    finally:
        for server in member.compute.servers():
            member.compute.delete_server(server)
        while list(member.compute.servers()):
            time.sleep(0.5)
        for network in member.network.networks(project_id=project.id):
            member.network.delete_network(network)
        admin.identity.delete_project(project)
    sys.stdout.write(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
