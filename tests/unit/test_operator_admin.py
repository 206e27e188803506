"""Operators in Django's admin: the form asks the cloud, and what tasks write is to be looked at only."""

from collections.abc import Iterator

import pytest
import requests_mock
from django.test import Client

from projects.models import Change, Location, Membership, Project, Reading, Role, Tenant
from services.openstack.words import Service
from tests import factories
from tests.unit.clouds_fake import KEYSTONE, WAY_IN, FakeCloud
from tests.unit.projects_fixtures import make_location, make_member, make_tenant, make_user

pytestmark = pytest.mark.django_db

NEW = {
    "name": "north",
    "kind": "openstack",
    "enabled": "on",
    "position": "0",
    "auth_url": "http://cloud.test:5000",
    "region": "north",
    "interface": "public",
    "identity_provider": "meshdeck",
    "protocol": "openid",
    "ca_bundle": "",
    "status_page": "",
    "support": "",
    "services-TOTAL_FORMS": "0",
    "services-INITIAL_FORMS": "0",
}


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with requests_mock.Mocker() as mock:
        cloud = FakeCloud(mock)
        mock.post(WAY_IN, status_code=401, json={"error": {"message": "Who are you?"}})
        yield cloud


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, factories.person("admin", staff=True))
    return client


def test_the_form_finds_keystones_own_address(cloud: FakeCloud, operator: Client) -> None:
    answer = operator.post("/operator/projects/location/add/", NEW)

    assert answer.status_code == 302
    assert Location.objects.get().auth_url == KEYSTONE


def test_the_form_refuses_a_cloud_without_federation_at_the_field_to_mend(cloud: FakeCloud, operator: Client) -> None:
    cloud.mock.post(WAY_IN, status_code=404, json={"error": {"message": "No such provider"}})

    answer = operator.post("/operator/projects/location/add/", NEW)

    errors = answer.context["adminform"].form.errors
    assert list(errors) == ["identity_provider"]
    assert "Without federation nobody can act there" in errors["identity_provider"][0]
    assert not Location.objects.exists()


def test_the_form_keeps_that_keystone_trusts_the_command_lines_callback(cloud: FakeCloud, operator: Client) -> None:
    operator.post("/operator/projects/location/add/", {**NEW, "trusts_cli_callback": "on"})

    assert Location.objects.get().trusts_cli_callback


def test_a_location_keeps_its_kind(cloud: FakeCloud, operator: Client) -> None:
    location = make_location(name="north", auth_url=KEYSTONE)
    values = {**NEW, "auth_url": KEYSTONE, "kind": "cloudfoundry"}
    answer = operator.post(f"/operator/projects/location/{location.pk}/change/", values)
    assert list(answer.context["adminform"].form.errors) == ["kind"]
    assert Location.objects.get().kind == "openstack"


def test_switching_a_dead_location_off_does_not_ask_it(cloud: FakeCloud, operator: Client) -> None:
    location = make_location(name="north", auth_url="http://gone.test:5000/v3")
    values = {**NEW, "auth_url": location.auth_url}
    del values["enabled"]

    answer = operator.post(f"/operator/projects/location/{location.pk}/change/", values)

    assert answer.status_code == 302
    assert not Location.objects.get().enabled
    assert cloud.mock.call_count == 0


def test_moving_a_tenant_to_another_project_pins_it(operator: Client) -> None:
    tenant = make_tenant(make_location())
    other = Project.objects.create(name="zephyr", slug="zephyr")

    operator.post(f"/operator/projects/tenant/{tenant.pk}/change/", {"project": other.pk})

    tenant.refresh_from_db()
    assert (tenant.project, tenant.pinned) == (other, True)


def test_what_tasks_write_can_be_looked_at_and_not_changed(operator: Client) -> None:
    tenant = make_tenant(make_location())
    now = make_member(make_user(), tenant, Role.READER).confirmed_at
    Reading.objects.create(tenant=tenant, service=Service.COMPUTE, tried_at=now)
    Change.objects.create(tenant=tenant, seen_at=now, verb="appeared", kind="server")

    for model in (Membership, Reading, Change):
        base = f"/operator/projects/{model._meta.model_name}/"
        row = model._default_manager.get()
        assert operator.get(base).status_code == 200
        assert operator.get(f"{base}add/").status_code == 403
        assert operator.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert operator.post(f"{base}{row.pk}/change/", {}).status_code == 403


@pytest.mark.parametrize("path", ["", "projects/location/", "projects/location/add/", "projects/tenant/"])
def test_members_do_not_learn_that_there_is_an_operators_side(client: Client, path: str) -> None:
    factories.log_in(client, factories.person("member"))

    assert client.get(f"/operator/{path}").status_code == 404


def test_tenants_are_listed_by_their_handle(operator: Client) -> None:
    Tenant.objects.all().delete()
    make_tenant(make_location())

    assert "atlas@north" in operator.get("/operator/projects/tenant/").content.decode()


def test_an_account_has_a_name_and_a_domain(cloud: FakeCloud, operator: Client) -> None:
    address = "/operator/projects/location/add/"
    answer = operator.post(address, {**NEW, "account_name": "meshdeck"})
    assert list(answer.context["adminform"].form.errors) == ["account_domain"]
    operator.post(address, {**NEW, "account_name": "meshdeck", "account_domain": "default"})
    location = Location.objects.get()
    assert (location.account_name, location.account_domain) == ("meshdeck", "default")
