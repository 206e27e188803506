"""The pages of service users: plain words become a login, its secret is given once, and each sees what is theirs."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests_mock
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.access import Visit
from projects.models import Membership, Operation, Role
from services.service_users import words
from services.service_users.models import ServiceUser
from tests.unit.clouds_fake import KEYSTONE, FakeCloud
from tests.unit.keystone_fake import Keystone
from tests.unit.servers_cast import go
from tests.unit.service_users_browser import LIST, log_in, page, send, take
from tests.unit.service_users_cast import CI, ENDS, join, made, member_of, read, until_ready

pytestmark = pytest.mark.django_db

HOSTILE = "'); DROP TABLE x; -- \" <script>alert(1)</script> $(reboot) `id` \u202e"


@pytest.fixture
def keystone(requests_mock: requests_mock.Mocker) -> Keystone:
    return Keystone(FakeCloud(requests_mock))


@pytest.fixture
def visit(keystone: Keystone, client: Client) -> Visit:
    visit = member_of(keystone)
    log_in(client, visit)
    return visit


def test_a_hostile_description_is_text_everywhere(client: Client, keystone: Keystone, visit: Visit) -> None:
    send(client, description=HOSTILE)
    operation = Operation.objects.get()
    until_ready(operation)
    assert next(iter(keystone.credentials.values()))["description"] == HOSTILE.strip()
    for address in (LIST, f"{LIST}made/{operation.pk}/", f"/atlas@north/operations/{operation.pk}/"):
        assert "<script>alert" not in page(client, address)
    assert "&lt;script&gt;alert" in page(client)


def test_the_list_says_of_each_what_it_is(client: Client, keystone: Keystone, visit: Visit) -> None:
    now = timezone.now()
    soon = f"{now + timedelta(days=6, hours=1):%Y-%m-%dT%H:%M:%S}.000000"
    past = f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%S}.000000"
    _operation, mine = made(visit, **CI)
    keystone.add("grafana", roles=[{"id": "1", "name": "reader"}])
    keystone.add("backup", access_rules=words.CHANGE_OBJECTS, expires_at=soon)
    keystone.add("old", expires_at=past)
    keystone.add("root", unrestricted=True)
    read(visit)
    text = page(client)
    for said in (
        "Valid",
        "Made outside Meshdeck",
        "look, change nothing",
        "only read and write objects",
        "everything a member may, and make others",
        "Ends in 6 days",
        "backup: ends in 6 days.",
        "Ended",
        "never",
        f"…{mine.row.last_four}",
        "not known",
    ):
        assert said in text
    assert text.count(">Rotate<") == 5


def test_a_rotated_one_says_when_its_old_secret_ends(client: Client, keystone: Keystone, visit: Visit) -> None:
    _operation, old = made(visit, **CI)
    assert "Rotate and download" in page(client, f"{LIST}{old.row.external_id}/rotate/")
    sent = {"overlap": "60", "ends": "90", "file": "sh", "key": "r"}
    response = client.post(f"{LIST}{old.row.external_id}/rotate/", sent)
    operation = Operation.objects.get(action="rotate-service-user")
    assert urlsplit(response["Location"]).path == f"{LIST}made/{operation.pk}/"
    until_ready(operation)
    assert "Waits for its download" in page(client)
    take(client, operation, "sh")
    go(operation)
    text = page(client)
    assert "Ends at" in text
    assert "End now" in text
    assert "rotated" in text
    ServiceUser.objects.filter(external_id=old.row.external_id).update(ends_at=timezone.now() - timedelta(seconds=1))
    assert "Ends when member is logged in" in page(client)


def test_rotating_offers_no_overlap_that_the_old_secret_does_not_live(
    client: Client, keystone: Keystone, visit: Visit
) -> None:
    _operation, old = made(visit, **CI)
    address = f"{LIST}{old.row.external_id}/rotate/"
    ends = ServiceUser.objects.filter(pk=old.row.pk)
    ends.update(expires_at=timezone.now() + timedelta(hours=2))
    text = page(client, address)
    assert text.count("The old secret ends before that.") == 2  # a day, a week
    ends.update(expires_at=timezone.now() - timedelta(minutes=1))
    text = page(client, address)
    assert "it has ended already" in text
    assert 'value="60"' not in text


def test_those_of_others_are_seen_and_not_touched(client: Client, keystone: Keystone, visit: Visit) -> None:
    other = join(visit.tenant, "other")
    _operation, theirs = made(other, **CI)
    text = page(client)
    assert "ci-deploy" in text
    assert theirs.row.last_four not in text
    assert ">Revoke<" not in text
    for verb in ("rotate", "revoke"):
        assert client.get(f"{LIST}{theirs.row.external_id}/{verb}/").status_code == 404
    # Nor by the address that buttons use.
    response = client.post(f"/atlas@north/do/revoke-service-user/?external_id={theirs.row.external_id}", {"key": "y"})
    assert response.status_code == 422
    assert "only its owner" in response.content.decode()


def test_those_of_people_who_left_are_listed_for_admins(client: Client, keystone: Keystone, visit: Visit) -> None:
    gone = join(visit.tenant, "gone")
    made(gone, **CI)
    Membership.objects.filter(user=gone.user).delete()
    assert "ci-deploy" not in page(client)
    visit.user.memberships.update(role=Role.ADMIN)
    text = page(client)
    assert "Of people who are no longer in atlas" in text
    assert "Refused: its owner has none of its roles" in text


def test_one_is_what_is_left_of_its_owners_roles(client: Client, keystone: Keystone, visit: Visit) -> None:
    made(visit, **CI, roles=["member", "reader"])
    assert "everything a member may" in page(client)
    visit.user.memberships.update(cloud_roles=["reader"])
    text = page(client)
    assert "everything a member may" not in text
    assert "look, change nothing" in text
    visit.user.memberships.update(cloud_roles=["auditor"])
    assert "Refused: its owner has none of its roles" in page(client)


def test_a_cloud_that_does_not_tell_is_said_and_the_old_is_dated(
    client: Client, keystone: Keystone, visit: Visit
) -> None:
    assert "is being asked for yours" in page(client)
    keystone.add("grafana")
    read(visit)
    keystone.cloud.break_service(f"{KEYSTONE}/users", status_code=503)
    read(visit)
    text = page(client)
    assert "grafana" in text
    assert "did not tell yours just now" in text


def test_a_name_from_elsewhere_can_do_no_harm_in_a_file(client: Client, keystone: Keystone, visit: Visit) -> None:
    nasty = "x\n$(reboot)'\"; rm -rf / #\u2028 ../../a"
    external_id = keystone.add(nasty)
    read(visit)
    client.post(
        f"{LIST}{external_id}/rotate/",
        {"overlap": "0", "ends": "date", "day": f"{ENDS:%Y-%m-%d}", "file": "sh", "key": "r"},
    )
    operation = Operation.objects.get()
    until_ready(operation)
    found = take(client, operation, "all").json()
    assert found["sh"]["name"] == "meshrc-atlas-north-x-reboot-rm-rf-a.sh"
    head = found["sh"]["text"].split("\n\n")[0]
    assert all(line.startswith("# ") for line in head.splitlines())
    assert list(yaml.safe_load(found["clouds"]["text"])["clouds"]) == ["atlas-north-x-reboot-rm-rf-a"]


def test_a_space_of_cloud_foundry_has_none(client: Client, visit: Visit) -> None:
    visit.tenant.location.kind = "cloudfoundry"
    visit.tenant.location.save()
    assert client.get("/atlas@north/service-users/").status_code == 404
    assert send(client).status_code == 404


def test_the_address_that_buttons_use_asks_for_nothing_that_the_form_would_not(client: Client, visit: Visit) -> None:
    for query in (
        "name=x&expires_at=2001-01-01T00:00:00Z",
        "name=x",
        "name=x&roles=manager&expires_at=2031-01-01T00:00:00Z",
    ):
        assert client.post(f"/atlas@north/do/create-service-user/?{query}").status_code == 422
    assert not Operation.objects.exists()


def test_the_list_costs_as_many_queries_for_forty_as_for_two(client: Client, keystone: Keystone, visit: Visit) -> None:
    counts: list[int] = []
    for _ in range(2):
        for _ in range(20 if counts else 2):
            keystone.add(f"machine-{keystone.made}")
        read(visit)
        page(client)
        with CaptureQueriesContext(connection) as captured:
            page(client)
        counts.append(len(captured))
    assert counts == [8, 8]


def test_a_reader_tries_again_what_nobody_took(client: Client, keystone: Keystone) -> None:
    keystone.roles = ("reader",)
    reader = member_of(keystone, "reader", Role.READER)
    reader.user.memberships.update(cloud_roles=["reader"])
    log_in(client, reader)
    send(client, roles=["reader"])
    operation = Operation.objects.get()
    Operation.objects.filter(pk=operation.pk).update(state=Operation.State.FAILED, ended_at=timezone.now())
    assert client.post(f"/atlas@north/operations/{operation.pk}/retry/").status_code == 302
    assert operation.retries.get().user == reader.user
