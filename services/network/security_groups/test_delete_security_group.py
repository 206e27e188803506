"""Delete a security group: what keeps it, what goes with it, and its page."""

import pytest
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Tenant
from services.compute.models import Server
from services.network.models import Port, SecurityGroup, SecurityGroupRule
from tests import factories
from tests.operations_factory import die
from tests.unit.clouds_neutron import Neutron
from tests.unit.group_pages import asked, at, group, text
from tests.unit.running import ask, done, go, refusals

pytestmark = pytest.mark.django_db

State = Operation.State


DELETE = "delete-security-group"


def test_the_default_group_is_refused(visit: Visit) -> None:
    SecurityGroup.objects.filter(external_id="web").update(name="default")
    assert refusals(visit, DELETE, group_id="web") == [
        ("", "The group “default” belongs to the project and can't be deleted.")
    ]
    assert refusals(visit, DELETE, group_id="gone")[0][0] == "group_id"


def test_a_group_goes_with_its_rules_and_with_those_that_let_it_in(visit: Visit, neutron: Neutron) -> None:
    operation = done(visit, DELETE, group_id="web")
    assert [one["id"] for one in neutron.cloud.groups] == ["group-1", "db"]
    assert not SecurityGroup.objects.filter(external_id="web").exists()
    assert not SecurityGroupRule.objects.exists()  # that of db named it, and went in the cloud too
    assert neutron.rules("db") == []
    assert operation.targets.filter(kind="securitygroup", gone_at__isnull=False).exists()


def test_a_group_in_use_is_refused_and_the_servers_are_named(visit: Visit, tenant: Tenant) -> None:
    now = timezone.now()
    seen = {"tenant": tenant, "first_seen_at": now, "changed_at": now}
    Server.objects.create(**seen, external_id="server-1", name="web-01", status="ACTIVE")
    Port.objects.create(
        **seen, external_id="p", network_id="n", device_id="server-1", status="ACTIVE", security_group_ids=["web"]
    )
    ((field, reason),) = refusals(visit, DELETE, group_id="web")
    assert (field, reason) == ("", "1 server uses it, so it can't be deleted. Take it off first, at")
    Port.objects.update(device_id="")
    assert "1 port uses it" in refusals(visit, DELETE, group_id="web")[0][1]
    Port.objects.update(security_group_ids=["web-2"])
    ask(visit, DELETE, group_id="web")


def test_a_port_that_took_the_group_meanwhile_keeps_it(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, DELETE, group_id="web")
    neutron.set_groups("port-1", "web")
    go(operation)
    assert (operation.state, operation.code) == (Operation.State.FAILED, "conflict")
    assert "in use by a port" in operation.reason
    assert "SecurityGroupInUse" in operation.detail
    assert SecurityGroup.objects.filter(external_id="web").exists()


def test_a_group_that_is_gone_is_gone(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, DELETE, group_id="web")
    neutron.cloud.groups.remove(neutron.group("web"))
    go(operation)
    assert (operation.state, operation.note) == (Operation.State.DONE, "It was gone already.")


def test_a_worker_that_died_after_deleting_is_followed_by_one_that_sees_it(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, DELETE, group_id="web")
    die(operation)
    neutron.cloud.groups.remove(neutron.group("web"))
    assert go(operation).state == Operation.State.DONE
    assert neutron.changes == []
    assert not SecurityGroup.objects.filter(external_id="web").exists()


def test_there_is_no_undo(visit: Visit) -> None:
    operation = done(visit, DELETE, group_id="web")
    assert ACTIONS[DELETE].undo(operation, ACTIONS[DELETE].params.model_validate(operation.params)) is None


def test_deleting_says_what_goes_and_asks_for_the_name(member: Client) -> None:
    Port.objects.all().delete()
    page = text(member.get(at("app", "delete/")))
    assert "Of db-internal" in page
    assert "5432/tcp from group app" in page
    assert "Type app to confirm" in page
    wrong = member.post(at("app", "delete/"), {"typed": "web"})
    assert wrong.status_code == 422
    assert "“web” does not match" in text(wrong)
    assert not Operation.objects.exists()
    response = member.post(at("app", "delete/"), {"typed": "app"})
    assert response.status_code == 302
    assert asked() == {"group_id": group("app").external_id}


def test_a_group_in_use_is_not_deleted_and_the_servers_are_named(member: Client) -> None:
    page = text(member.get(at("ssh-office", "delete/")))
    assert "3 servers use it, so it can't be deleted. Take it off first, at" in page
    assert "/#reach" in page
    assert "Type ssh-office" not in page
    assert member.post(at("ssh-office", "delete/"), {"typed": "ssh-office"}).status_code == 422
    assert not Operation.objects.exists()


def test_many_servers_that_have_it_are_all_to_be_found(member: Client, atlas: Tenant) -> None:
    factories.many_servers(atlas, 9)
    page = text(member.get(at("web-public", "delete/")))
    assert f'href="{at("web-public")}">see all ' in page


def test_the_default_group_is_not_deleted(member: Client) -> None:
    assert "belongs to the project" in text(member.get(at("default", "delete/")))
