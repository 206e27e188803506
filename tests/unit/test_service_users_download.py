"""The download of a service user: every file opens it, once, for the browser that asked, and for nobody else."""

import json

import pytest
import requests_mock
import yaml
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import Operation
from services.service_users.models import ServiceUser
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import KEYSTONE, PROJECT, FakeCloud
from tests.unit.keystone_fake import Keystone
from tests.unit.servers_cast import go
from tests.unit.service_users_browser import LIST, log_in, page, ready, send, take
from tests.unit.service_users_cast import join, member_of, until_ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def keystone(requests_mock: requests_mock.Mocker) -> Keystone:
    return Keystone(FakeCloud(requests_mock))


@pytest.fixture
def visit(keystone: Keystone, client: Client) -> Visit:
    visit = member_of(keystone)
    log_in(client, visit)
    return visit


def test_the_page_waits_begins_by_itself_and_then_says_when(client: Client, keystone: Keystone, visit: Visit) -> None:
    response = send(client, file="json")
    address = client.get(response["Location"])["Location"]
    assert address.endswith("/?as=json")
    assert "Being made" in page(client, address)
    operation = Operation.objects.get()
    until_ready(operation)
    text = page(client, address)
    assert 'data-handover="json"' in text
    assert " data-ready" in text
    assert "atlas-north-ci-deploy.json" in text
    secret = next(iter(keystone.secrets.values()))
    assert secret not in text
    assert f"…{secret[-4:]}" in text
    take(client, operation, "all")
    text = page(client, address)
    assert " data-ready" not in text
    assert "Handed over at" in text
    assert "The files were here once and are not any more." in text
    # What a reload shows promises nothing: scripts that still have the files show these again.
    for part in ('class="md-files" data-while-kept hidden', 'class="md-hint" data-while-kept hidden'):
        assert part in text
    assert go(operation).state == "done"


def test_a_cloud_with_certificates_of_its_own_says_where_they_are(client: Client, visit: Visit) -> None:
    operation = ready(client)
    address = f"{LIST}made/{operation.pk}/"
    assert "ca.pem" not in page(client, address)
    visit.tenant.location.ca_bundle = "-----BEGIN CERTIFICATE-----"
    visit.tenant.location.save()
    take(client, operation, "all")
    text = page(client, address)
    assert 'href="/atlas@north/cli/ca.pem"' in text
    assert "export OS_CACERT=~/Downloads/north-ca.pem\nopenstack server list" in text


def test_every_file_has_the_login_and_opens_nothing_else(client: Client, keystone: Keystone, visit: Visit) -> None:
    operation = ready(client)
    response = take(client, operation, "all")
    assert response["Cache-Control"] == "private, no-store"
    found = response.json()
    ((external_id, secret),) = keystone.secrets.items()
    assert {kind: one["name"] for kind, one in found.items()} == {
        "sh": "meshrc-atlas-north-ci-deploy.sh",
        "ps1": "meshrc-atlas-north-ci-deploy.ps1",
        "clouds": "clouds.yaml",
        "json": "atlas-north-ci-deploy.json",
    }
    (name, entry), *others = yaml.safe_load(found["clouds"]["text"])["clouds"].items()
    assert (name, others) == ("atlas-north-ci-deploy", [])
    assert entry == {
        "auth_type": "v3applicationcredential",
        "identity_api_version": "3",
        "region_name": "north",
        "interface": "public",
        "auth": {
            "auth_url": KEYSTONE,
            "application_credential_id": external_id,
            "application_credential_secret": secret,
        },
    }
    told = json.loads(found["json"]["text"])
    assert told["auth"] == entry["auth"]
    assert (told["auth_type"], told["project_id"], told["handle"]) == (entry["auth_type"], PROJECT, "atlas@north")
    for kind in ("sh", "ps1"):
        assert secret in found[kind]["text"]
        assert "meshrc_set OS_PROJECT" not in found[kind]["text"]
        assert "meshrc_set OS_USER" not in found[kind]["text"]


@pytest.mark.parametrize("kind", ["sh", "ps1", "clouds", "json"])
def test_without_scripts_a_file_is_had_once(client: Client, keystone: Keystone, visit: Visit, kind: str) -> None:
    operation = ready(client)
    response = take(client, operation, kind)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="')
    assert response["Cache-Control"] == "private, no-store"
    secret = next(iter(keystone.secrets.values()))
    assert secret in response.content.decode()
    for again in (kind, "all"):
        second = take(client, operation, again)
        assert second.status_code == 409
        assert secret not in second.content.decode()
        assert "handed over once" in second.content.decode()


def test_what_was_handed_over_stays_so_when_the_envelope_is_back(
    client: Client, keystone: Keystone, visit: Visit
) -> None:
    """A Redis that was set back to an older state holds again what was taken out of it."""
    operation = ready(client)
    ServiceUser.objects.filter(operation=operation).update(taken_at=timezone.now())
    assert take(client, operation, "sh").status_code == 409


def test_nobody_else_gets_it_and_no_other_browser_of_mine(client: Client, keystone: Keystone, visit: Visit) -> None:
    operation = ready(client)
    other = join(visit.tenant, "other")
    theirs = Client()
    log_in(theirs, other)
    assert theirs.post(f"{LIST}made/{operation.pk}/files/", {"kind": "sh"}).status_code == 404
    assert theirs.get(f"{LIST}made/{operation.pk}/").status_code == 404
    rows.make_grant(visit.user)
    elsewhere = Client()
    log_in(elsewhere, visit)
    assert "Not for this browser" in page(elsewhere, f"{LIST}made/{operation.pk}/")
    assert take(elsewhere, operation, "sh").status_code == 409
    assert take(client, operation, "sh").status_code == 200


def test_it_is_not_had_by_way_of_another_tenant(client: Client, keystone: Keystone, visit: Visit) -> None:
    operation = ready(client)
    borealis = rows.make_tenant(visit.tenant.location, "borealis", "another-project")
    rows.make_member(visit.user, borealis)
    other = f"/borealis@north/service-users/made/{operation.pk}/"
    assert client.get(other).status_code == 404
    assert client.post(f"{other}files/", {"kind": "sh"}).status_code == 404


def test_an_unknown_kind_leaves_the_envelope_closed(client: Client, keystone: Keystone, visit: Visit) -> None:
    operation = ready(client)
    for kind in ("", "env", "../sh"):
        assert take(client, operation, kind).status_code == 404
    assert take(client, operation, "sh").status_code == 200


def test_who_tries_too_often_is_asked_to_wait(client: Client, visit: Visit) -> None:
    send(client)
    operation = Operation.objects.get()
    codes = {take(client, operation, "sh").status_code for _ in range(41)}
    assert codes == {409, 429}
