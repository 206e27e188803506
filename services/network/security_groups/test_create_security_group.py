"""Create a security group: what it refuses and makes, and its page."""

import pytest
from django.test import Client
from django.utils import timezone

from portal.ui.commands import line
from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Operation, Tenant
from services.network.models import SecurityGroup, SecurityGroupRule
from services.openstack.words import Measure
from tests.operations_factory import die
from tests.unit.clouds_neutron import V2, Neutron, rule
from tests.unit.group_pages import HERE, LOOK, asked, made, other, text
from tests.unit.group_pages import rule as filled
from tests.unit.group_rows import HTTP, SSH
from tests.unit.running import ask, done, go, refusals

pytestmark = pytest.mark.django_db

State = Operation.State


CREATE = "create-security-group"
OUT = [("egress", "", None, ""), ("egress", "", None, "")]
PAGE = f"{HERE}security-groups/create/"
HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_group_is_made_with_its_rules_and_its_own_words(visit: Visit, neutron: Neutron) -> None:
    operation = done(visit, CREATE, name="ssh-office", description="Office", rules=[SSH, HTTP])
    made = neutron.group(operation.memory["group_id"])
    assert (made["name"], made["description"]) == ("ssh-office", "Office")
    assert neutron.rules(made["id"]) == [
        *OUT,
        ("ingress", "tcp", 22, "203.0.113.0/24"),
        ("ingress", "tcp", 80, "0.0.0.0/0"),
    ]
    row = SecurityGroup.objects.get(name="ssh-office")
    assert row.description == "Office"
    assert SecurityGroupRule.objects.filter(group_id=row.external_id).count() == 4
    assert operation.targets.get().external_id == row.external_id
    assert [step["key"] for step in operation.steps] == ["create", "rules"]


def test_a_group_without_words_has_none(visit: Visit, neutron: Neutron) -> None:
    operation = done(visit, CREATE, name="plain")
    assert neutron.group(operation.memory["group_id"])["description"] == ""


def test_a_worker_that_died_after_making_the_group_is_followed_by_one_that_finds_it(
    visit: Visit, neutron: Neutron
) -> None:
    operation = ask(visit, CREATE, name="ssh-office", description="Office", rules=[SSH])
    neutron.has_group("made-before", "ssh-office", description=operation.pk)
    die(operation, group_id_sent_at=timezone.now().isoformat())
    assert go(operation).state == Operation.State.DONE
    assert neutron.group("made-before")["description"] == "Office"
    assert neutron.rules("made-before") == [("ingress", "tcp", 22, "203.0.113.0/24")]
    assert sum(one["name"] == "ssh-office" for one in neutron.cloud.groups) == 1


def test_a_worker_that_died_between_two_rules_is_followed_by_one_that_adds_the_second(
    visit: Visit, neutron: Neutron
) -> None:
    operation = ask(visit, CREATE, name="ssh-office", rules=[SSH, HTTP])
    first = rule("mine", protocol="tcp", port_range_min=22, port_range_max=22, remote_ip_prefix="203.0.113.0/24")
    neutron.has_group("mine", "ssh-office", first)
    die(operation, group_id="mine")
    assert go(operation).state == Operation.State.DONE
    assert len(neutron.rules("mine")) == 2
    assert neutron.changes == [("POST", "/security-group-rules")]


def test_a_quota_that_ends_half_way_says_what_stands(visit: Visit, neutron: Neutron) -> None:
    over = {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['security_group_rule']."}}
    neutron.cloud.mock.post(f"{V2}/security-group-rules", status_code=409, json=over)
    operation = go(ask(visit, CREATE, name="ssh-office", rules=[SSH]))
    assert (operation.state, operation.code) == (Operation.State.FAILED, "quota_exceeded")
    assert operation.note == "The group ssh-office was made and is kept, with the rules that it has by now."


def test_what_can_not_be_made_is_refused_at_its_field(visit: Visit, tenant: Tenant) -> None:
    Limit.objects.create(tenant=tenant, measure=Measure.SECURITY_GROUPS, used=10, allowed=10)
    Limit.objects.create(tenant=tenant, measure=Measure.SECURITY_GROUP_RULES, used=98, allowed=100)
    found = refusals(visit, CREATE, name="default", rules=[SSH | {"protocol": "teleport"}])
    assert [field for field, _reason in found] == ["name", "rules", "name", "rules"]
    reasons = " ".join(reason for _field, reason in found)
    assert "atlas has no security groups left in north: all 10 are in use." in reasons
    assert "3 more security group rules are wanted, and atlas has 2 of 100 left in north." in reasons
    assert "teleport is no protocol" in reasons


def test_what_it_takes_of_the_limits_counts_the_rules_that_the_cloud_adds(tenant: Tenant) -> None:
    wanted = ACTIONS[CREATE].params.model_validate({"name": "one", "rules": [SSH]})
    assert ACTIONS[CREATE].costs(tenant, wanted) == {Measure.SECURITY_GROUPS: 1, Measure.SECURITY_GROUP_RULES: 3}


def test_a_command_and_terraform_for_a_group_with_rules(tenant: Tenant) -> None:
    action = ACTIONS[CREATE]
    ping = {"protocol": "icmp", "port_min": 8, "port_max": 0, "ethertype": "IPv6"}
    other = {"protocol": "tcp", "port_min": 8000, "port_max": 8100, "remote_group_id": "db", "description": "App"}
    params = action.params.model_validate({"name": "web-1", "description": "Shop", "rules": [SSH, ping, other]})
    lines = [line((), command) for command in action.commands(params, {"db": "db-internal"})]
    assert lines == [
        "security group create --description=Shop web-1",
        "security group rule create --ingress --ethertype=IPv4 --protocol=tcp --dst-port=22"
        " --remote-ip=203.0.113.0/24 web-1",
        "security group rule create --ingress --ethertype=IPv6 --protocol=ipv6-icmp --icmp-type=8 --icmp-code=0 web-1",
        "security group rule create --ingress --ethertype=IPv4 --protocol=tcp --dst-port=8000:8100"
        " --remote-group=db-internal --description=App web-1",
    ]
    told = action.terraform(tenant, params, {})
    assert 'resource "openstack_networking_secgroup_v2" "web-1" {' in told
    assert told.count('resource "openstack_networking_secgroup_rule_v2"') == 3
    assert "security_group_id = openstack_networking_secgroup_v2.web-1.id" in told
    assert 'remote_ip_prefix  = "203.0.113.0/24"' in told
    assert "port_range_min" in told


def test_there_is_no_undo(visit: Visit) -> None:
    operation = done(visit, CREATE, name="plain")
    assert ACTIONS[CREATE].undo(operation, ACTIONS[CREATE].params.model_validate(operation.params)) is None


def test_a_group_is_made_with_presets_and_leads_to_the_list_with_its_operation(member: Client) -> None:
    sent = filled(name="shop", description="The shop", what=["http", "https"])
    response = member.post(PAGE, sent)
    operation = Operation.objects.get()
    assert response["Location"] == f"{HERE}security-groups/?op={operation.pk}"
    assert (operation.action, operation.params["name"]) == ("create-security-group", "shop")
    assert made() == [
        ("IPv4", "tcp", 80, 80, "0.0.0.0/0"),
        ("IPv6", "tcp", 80, 80, "::/0"),
        ("IPv4", "tcp", 443, 443, "0.0.0.0/0"),
        ("IPv6", "tcp", 443, 443, "::/0"),
    ]


def test_a_group_can_begin_without_rules(member: Client) -> None:
    member.post(PAGE, {"name": "later", "key": "k"})
    assert asked()["rules"] == []


def test_what_was_typed_is_kept_and_escaped(member: Client) -> None:
    sent = other(name=HOSTILE, description=HOSTILE, ports="80-", note=HOSTILE)
    response = member.post(PAGE, sent)
    assert response.status_code == 422
    assert HOSTILE.encode() not in response.content
    page = text(response)
    assert f'value="{HOSTILE}"' in page
    assert 'value="80-"' in page
    assert "“80-” is not a valid port" in page
    assert not Operation.objects.exists()


def test_a_name_that_another_group_has_is_warned_of(member: Client) -> None:
    assert "easy to confuse" in text(member.post(PAGE, {"name": "app"}, headers=LOOK))
    assert "easy to confuse" not in text(member.post(PAGE, {"name": "apple"}, headers=LOOK))


def test_the_command_and_terraform_follow_the_form(member: Client) -> None:
    page = text(member.post(PAGE, filled(name="shop", family="IPv4"), headers=LOOK))
    joined = " ".join(page.replace("\\\n", " ").split())
    assert "security group create shop" in joined
    assert "security group rule create --ingress --ethertype=IPv4 --protocol=tcp --dst-port=80" in joined
    assert 'resource "openstack_networking_secgroup_v2" "shop" {' in page


def test_a_form_that_lacked_a_group_is_gone_back_to(member: Client) -> None:
    back = f"{HERE}servers/x/?port=p&tick=a"
    response = member.post(f"{PAGE}?next={back.replace('&', '%26')}", {"name": "fresh", "key": "k"})
    assert response["Location"] == f"{back}&op={Operation.objects.get().pk}"
