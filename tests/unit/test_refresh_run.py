"""One refresh from the claim to the rows, against a cloud at the HTTP boundary."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
import requests_mock
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clouds.openstack import inventory
from clouds.openstack.inventory import values
from clouds.openstack.services import Service as CloudService
from portal.identity import vault
from portal.identity.models import EndReason
from projects import platforms
from projects.models import Change, Limit, Location, Reading, Tenant
from projects.refresh import claims, refreshing
from projects.refresh.writing import write_inventory
from projects.tasks import refresh as refresh_task
from services.compute.models import Flavor, Server
from services.network.models import Port, Router, SecurityGroup
from services.openstack import reading, tokens
from services.openstack.words import Service
from tests.unit import clouds_fake
from tests.unit.clouds_fake import CINDER, GLANCE, KEYSTONE, NEUTRON, NOVA, SWIFT, WAY_IN, FakeCloud
from tests.unit.projects_fixtures import make_grant, make_location, make_tenant, make_user

ALL = (NOVA, NEUTRON, CINDER, GLANCE, SWIFT)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with requests_mock.Mocker() as mock:
        yield FakeCloud(mock)


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    return make_tenant(make_location(cloud=cloud))


@pytest.fixture
def grant() -> UUID:
    return make_grant(make_user()).pk


def refresh(tenant: Tenant, grant: UUID, *, asked: bool = False) -> refreshing.Refreshed:
    claim = claims.take(tenant.pk, older_than=timedelta(0))
    assert claim
    outcome = refreshing.refresh(tenant.pk, grant, claim, asked=asked)
    tenant.refresh_from_db()
    tenant.location.refresh_from_db()
    assert tenant.refresh_started_at is None
    return outcome


def reasons(tenant: Tenant) -> dict[str, str]:
    return dict(Reading.objects.filter(tenant=tenant).exclude(reason="").values_list("service", "reason"))


def down(cloud: FakeCloud, *bases: str, **answer: Any) -> None:
    for base in bases:
        cloud.break_service(base, **answer or {"exc": requests.exceptions.ConnectTimeout})


def test_the_rows_say_what_the_cloud_says(tenant: Tenant, grant: UUID) -> None:
    began = timezone.now()

    refresh(tenant, grant)

    assert dict(Server.objects.values_list("name", "status")) == {"web-01": "ACTIVE", "web-02": "SHUTOFF"}
    assert Server.objects.get(name="web-01").security_groups == [{"id": "group-1", "name": "default"}]
    limits = {limit.measure: (limit.used, limit.allowed) for limit in Limit.objects.all()}
    assert limits["servers"] == (2, 20)
    assert limits["ram_mb"] == (16384, None)
    assert limits["volume_gb"] == (20, 1000)
    assert limits["floating_ips"] == (1, 10)
    assert tenant.figures["servers"]["total"] == 2
    assert tenant.as_of
    assert tenant.as_of >= began
    assert set(Reading.objects.values_list("service", flat=True)) == set(CloudService) - {CloudService.IDENTITY}
    assert tenant.location.health == Location.Health.ANSWERS


def test_every_measure_belongs_to_a_service() -> None:
    assert {measure.key for measure in platforms.measures()} == {measure.value for measure in values.Measure}


def test_at_first_sight_the_cloud_tells_when_things_were_made(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    """The fake's own things are older than the timeline; so only these two are told."""
    now = timezone.now()
    young = {"created": (now - timedelta(minutes=40)).isoformat()}
    cloud.servers = [clouds_fake.server(1, **young), clouds_fake.server(2)]
    cloud.volumes = [clouds_fake.volume(1, created_at=(now - timedelta(days=2)).isoformat())]

    refresh(tenant, grant)

    told = Change.objects.values_list("verb", "kind", "name")
    assert list(told) == [(Change.Verb.APPEARED, "server", "web-01"), (Change.Verb.APPEARED, "volume", "data-1")]
    newest = Change.objects.first()
    assert newest
    assert newest.seen_at == now - timedelta(minutes=40)
    assert (newest.origin, newest.cause) == (Change.Origin.UNCLEAR, None)


def test_the_second_sight_of_the_same_is_no_news(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    cloud.servers = [clouds_fake.server(1, created=timezone.now().isoformat())]
    refresh(tenant, grant)
    refresh(tenant, grant)

    assert Change.objects.count() == 1


def test_reading_the_same_again_leaves_the_version_and_writes_no_rows(tenant: Tenant, grant: UUID) -> None:
    refresh(tenant, grant)
    version, as_of = tenant.version, tenant.as_of

    with CaptureQueriesContext(connection) as queries:
        refresh(tenant, grant)

    assert tenant.version == version
    assert as_of
    assert tenant.as_of
    assert tenant.as_of > as_of
    written = {
        query["sql"].split('"')[1] for query in queries if query["sql"].startswith(("INSERT", "DELETE", "UPDATE"))
    }
    # Only how the reading went, not what was read.
    assert written == {"projects_tenant", "projects_reading", "projects_location", "projects_locationservice"}


def test_the_number_of_queries_does_not_grow_with_the_rows(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    refresh(tenant, grant)
    with CaptureQueriesContext(connection) as few:
        refresh(tenant, grant)
    cloud.servers = [clouds_fake.server(number) for number in range(1200)]
    refresh(tenant, grant)

    with CaptureQueriesContext(connection) as many:
        refresh(tenant, grant)

    assert Server.objects.count() == 1200  # three pages
    assert len(many) == len(few)


def test_a_change_in_the_cloud_is_written_told_and_grows_the_version(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    refresh(tenant, grant)
    version = tenant.version
    cloud.servers = [clouds_fake.server(1, status="SHUTOFF"), clouds_fake.server(3)]

    refresh(tenant, grant)

    assert tenant.version == version + 1
    assert tenant.figures["servers"]["stopped"] == 1
    assert {(change.verb, change.name) for change in Change.objects.all()} == {
        ("appeared", "web-03"),
        ("changed", "web-01"),
        ("vanished", "web-02"),
    }


def test_a_limit_alone_grows_the_version(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    refresh(tenant, grant)
    version = tenant.version
    cloud.account_headers["X-Account-Meta-Quota-Bytes"] = "1000000"

    refresh(tenant, grant)

    assert tenant.version == version + 1
    assert Limit.objects.get(measure="object_bytes").allowed == 1_000_000


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status_code": 503}, "returned an error (503)"),
        ({"text": "<html>Sign in</html>"}, "is HTML, not JSON"),
        ({"json": {"servers": [{"id": 5}]}}, "unexpected value"),
        ({"exc": requests.exceptions.ConnectTimeout}, "did not accept a connection in time"),
        ({"status_code": 401}, "does not accept the token"),
    ],
)
def test_a_service_in_trouble_keeps_its_last_data_and_says_why(
    cloud: FakeCloud, tenant: Tenant, grant: UUID, answer: dict[str, Any], reason: str
) -> None:
    refresh(tenant, grant)
    as_of, compute = tenant.as_of, Reading.objects.get(service=Service.COMPUTE).as_of
    down(cloud, NOVA, **answer)
    cloud.volumes = []

    refresh(tenant, grant)

    assert Server.objects.count() == 2
    assert tenant.volumes.count() == 0
    assert reason in reasons(tenant)["compute"]
    assert set(reasons(tenant)) == {"compute"}
    assert Reading.objects.get(service=Service.COMPUTE).as_of == compute
    assert tenant.as_of == as_of
    assert tenant.location.health == Location.Health.DEGRADED
    assert reason in tenant.location.reason
    assert tenant.location.next_try_at is None


def test_what_a_location_no_longer_offers_is_told_as_old(tenant: Tenant, grant: UUID) -> None:
    refresh(tenant, grant)
    version, as_of = tenant.version, Reading.objects.get(service=Service.OBJECT_STORE).as_of
    tenant.location.services.filter(service=Service.OBJECT_STORE).delete()

    refresh(tenant, grant)
    refresh(tenant, grant)

    assert reasons(tenant) == {"object-store": "The location no longer offers it."}
    assert Reading.objects.get(service=Service.OBJECT_STORE).as_of == as_of
    assert tenant.version == version + 1


def test_a_service_in_trouble_at_first_sight_has_no_figures_until_it_is_read(tenant: Tenant, grant: UUID) -> None:
    with requests_mock.Mocker() as mock:
        down(FakeCloud(mock), NEUTRON, SWIFT)
        refresh(tenant, grant)
    assert "security_groups" not in tenant.figures
    assert "containers" not in tenant.figures
    assert tenant.figures["servers"]["total"] == 2

    with requests_mock.Mocker() as mock:
        cloud = FakeCloud(mock)
        cloud.containers = []
        refresh(tenant, grant)
    assert tenant.figures["security_groups"]["total"] == 1
    assert tenant.figures["containers"]["total"] == 0  # read, and zero


def test_what_neutron_knows_of_servers_stays_when_neutron_is_down(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    refresh(tenant, grant)
    down(cloud, NEUTRON)

    refresh(tenant, grant)

    server = Server.objects.get(name="web-01")
    assert server.security_groups == [{"id": "group-1", "name": "default"}]
    assert server.addresses[0]["port_id"] == "port-1"
    assert not Change.objects.exists()


def test_a_service_that_was_down_at_first_sight_makes_no_news_when_it_is_back(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    with requests_mock.Mocker() as mock:
        broken = FakeCloud(mock)
        down(broken, NOVA)
        refresh(tenant, grant)
    assert not Server.objects.exists()
    with requests_mock.Mocker() as mock:
        FakeCloud(mock)
        refresh(tenant, grant)

    assert Server.objects.count() == 2
    assert not Change.objects.exists()


def test_a_dead_location_is_down_and_left_alone_until_somebody_asks(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    refresh(tenant, grant)
    down(cloud, "http://cloud.test")
    refresh(tenant, grant)
    assert tenant.location.health == Location.Health.DOWN
    assert set(reasons(tenant)) >= {"compute", "network", "block-storage", "object-store"}
    assert Server.objects.count() == 2

    calls = cloud.mock.call_count
    refresh(tenant, grant)
    assert cloud.mock.call_count == calls
    refresh(tenant, grant, asked=True)
    assert cloud.mock.call_count > calls


def test_when_keystone_is_dead_and_no_token_is_kept_the_readings_say_why(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    refresh(tenant, grant)
    version, as_of = tenant.version, tenant.as_of
    tokens.forget(tenant, grant)
    down(cloud, KEYSTONE)

    refresh(tenant, grant)

    assert set(reasons(tenant).values()) == {"Identity did not accept a connection in time."}
    assert (tenant.version, tenant.as_of) == (version + 1, as_of)
    assert tenant.location.health == Location.Health.DEGRADED  # the others answered a moment ago


def test_the_token_is_kept_so_that_a_second_refresh_does_not_ask_keystone(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    refresh(tenant, grant)
    asked = len(cloud.paths(KEYSTONE))
    refresh(tenant, grant)

    assert asked == 2
    assert len(cloud.paths(KEYSTONE)) == asked


def test_a_kept_token_that_the_cloud_no_longer_takes_is_replaced_once(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    refresh(tenant, grant)
    answers = [{"status_code": 401}, {"json": {"servers": [clouds_fake.server(9)]}}]
    cloud.mock.get(f"{NOVA}/servers/detail", answers)

    refresh(tenant, grant)

    assert [server.name for server in Server.objects.all()] == ["web-09"]
    assert reasons(tenant) == {}
    assert len(cloud.paths(KEYSTONE)) == 4


def test_a_person_that_keystone_refuses_harms_nothing_of_the_tenant(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    refresh(tenant, grant)
    version = tenant.version
    tokens.forget(tenant, grant)
    cloud.mock.post(WAY_IN, status_code=401, json={"error": {"message": "Unauthorized"}})

    assert refresh(tenant, grant).refused

    assert (tenant.version, reasons(tenant)) == (version, {})
    assert tenant.location.health == Location.Health.ANSWERS


def test_a_login_that_has_ended_reads_nothing(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    refresh(tenant, grant)
    vault.end(grant, EndReason.LOGOUT)
    calls = cloud.mock.call_count

    refresh(tenant, grant)

    assert cloud.mock.call_count == calls
    assert reasons(tenant) == {}


def test_no_token_lies_in_the_database_in_the_clear(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    refresh(tenant, grant)

    with CaptureQueriesContext(connection) as queries:
        refresh(tenant, grant)
    for token in (clouds_fake.ACCESS_TOKEN, clouds_fake.UNSCOPED_TOKEN, clouds_fake.SCOPED_TOKEN):
        assert all(token not in query["sql"] for query in queries)


def test_a_cloud_that_comes_to_no_end_is_told_and_given_up(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    refresh(tenant, grant)
    version = tenant.version

    def endless(*_: Any) -> None:
        raise SoftTimeLimitExceeded

    cloud.mock.get(f"{NOVA}/servers/detail", json=endless)
    claim = claims.take(tenant.pk, older_than=timedelta(0))
    assert claim
    refresh_task(tenant.pk, str(grant), claim.isoformat())

    tenant.refresh_from_db()
    assert set(reasons(tenant).values()) == {"The location took so long that the reading was ended."}
    assert (tenant.refresh_started_at, tenant.version) == (None, version + 1)
    assert Server.objects.count() == 2


def test_a_switched_off_location_is_not_called(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    Location.objects.update(enabled=False)

    refresh(tenant, grant)

    assert cloud.mock.call_count == 0
    assert tenant.refreshed_at is None


def test_rubbish_that_the_database_cant_hold_harms_its_own_part_only(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    cloud.volumes = [clouds_fake.volume(1, size=10**30)]

    refresh(tenant, grant)

    assert "has values that can't be" in reasons(tenant)["block-storage"]
    assert Server.objects.count() == 2
    assert tenant.volumes.count() == 0


def test_what_seldom_changes_is_read_every_two_minutes_only(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    refresh(tenant, grant)
    first = len(cloud.paths(GLANCE))
    refresh(tenant, grant)
    assert (first, len(cloud.paths(GLANCE))) == (1, 1)
    assert Flavor.objects.exists()

    Tenant.objects.update(slow_as_of=timezone.now() - timedelta(minutes=3))
    refresh(tenant, grant)
    assert len(cloud.paths(GLANCE)) == 2


def test_an_ocata_clouds_servers_keep_their_flavor_between_the_slow_readings(grant: UUID) -> None:
    with requests_mock.Mocker() as mock:
        tenant = make_tenant(make_location(cloud=FakeCloud(mock, ocata=True)))
        refresh(tenant, grant)
        refresh(tenant, grant)

    assert tenant.figures["servers"]["vcpus"] == 4
    assert not Change.objects.exists()


def test_something_passing_is_told_to_the_caller(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    cloud.servers = [clouds_fake.server(1, status="BUILD", **{"OS-EXT-STS:task_state": "spawning"})]
    assert refresh(tenant, grant).changing

    cloud.servers = [clouds_fake.server(1)]
    assert not refresh(tenant, grant).changing


def test_what_hangs_in_a_passing_state_is_not_looked_at_without_end(
    cloud: FakeCloud, tenant: Tenant, grant: UUID
) -> None:
    cloud.servers = [clouds_fake.server(1, status="BUILD")]
    refresh(tenant, grant)
    Server.objects.update(changed_at=timezone.now() - refreshing.SOON)

    assert not refresh(tenant, grant).changing
    assert tenant.figures["servers"]["working"] == 1


def test_who_was_overtaken_writes_nothing(cloud: FakeCloud, tenant: Tenant, grant: UUID) -> None:
    mine = claims.take(tenant.pk, older_than=timedelta(0))
    assert mine
    Tenant.objects.update(refresh_started_at=timezone.now() + timedelta(seconds=1))
    with cloud.connection() as there:
        seen = reading.seen_of(inventory.read(there), slow=False)

    assert not write_inventory(tenant.pk, mine, seen)

    assert not Server.objects.exists()
    assert not Reading.objects.exists()


def test_a_worker_that_dies_while_writing_leaves_all_or_nothing(
    cloud: FakeCloud, tenant: Tenant, grant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise SystemExit

    monkeypatch.setattr("projects.figures.measure", die)
    with pytest.raises(SystemExit):
        refresh(tenant, grant)

    assert not Server.objects.exists()
    assert not Port.objects.exists()
    assert not Router.objects.exists()
    assert not SecurityGroup.objects.exists()
    tenant.refresh_from_db()
    assert tenant.version == 1
