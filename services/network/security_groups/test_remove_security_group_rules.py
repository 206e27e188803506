"""Remove rules from a security group: what it refuses and removes, who comes second, its undo and its button."""

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from services.network.models import SecurityGroupRule
from tests.operations_factory import die
from tests.unit.clouds_neutron import Neutron
from tests.unit.group_pages import HERE, asked, at, group, text
from tests.unit.group_rows import HTTP
from tests.unit.running import ask, done, go, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


ADD, REMOVE = "add-security-group-rules", "remove-security-group-rules"


def test_a_removed_rule_is_gone_from_the_page_and_comes_back_by_one_click(visit: Visit, neutron: Neutron) -> None:
    (before,) = neutron.group("web")["security_group_rules"]
    before["description"] = "Shop"
    operation = done(visit, REMOVE, group_id="web", rule_ids=[before["id"]])
    assert neutron.rules("web") == []
    assert not SecurityGroupRule.objects.filter(group_id="web").exists()
    assert undo(visit, operation).state == Operation.State.DONE
    (after,) = neutron.group("web")["security_group_rules"]
    assert {**after, "id": ""} == {**before, "id": ""}


def test_a_rule_that_somebody_else_removed_is_done(visit: Visit, neutron: Neutron) -> None:
    (row,) = neutron.group("web")["security_group_rules"]
    operation = ask(visit, REMOVE, group_id="web", rule_ids=[row["id"]])
    neutron.group("web")["security_group_rules"] = []
    go(operation)
    assert (operation.state, operation.note) == (Operation.State.DONE, "It was gone already.")
    assert neutron.changes == []
    assert not SecurityGroupRule.objects.filter(group_id="web").exists()
    assert ACTIONS[REMOVE].undo(operation, ACTIONS[REMOVE].params.model_validate(operation.params)) is None


def test_a_rule_that_goes_between_look_and_removal_is_done(visit: Visit, neutron: Neutron) -> None:
    (row,) = neutron.group("web")["security_group_rules"]

    def faster(_method: str, _path: str) -> None:
        neutron.group("web")["security_group_rules"] = []

    neutron.before = faster
    done(visit, REMOVE, group_id="web", rule_ids=[row["id"]])


def test_a_worker_that_died_after_removing_leaves_the_way_back(visit: Visit, neutron: Neutron) -> None:
    (row,) = neutron.group("web")["security_group_rules"]
    operation = ask(visit, REMOVE, group_id="web", rule_ids=[row["id"]])
    neutron.group("web")["security_group_rules"] = []  # ours, and then kill -9
    die(operation, was=[HTTP | {"port_min": 443, "port_max": 443}])
    go(operation)
    assert (operation.state, operation.note) == (Operation.State.DONE, "")
    assert neutron.changes == []
    assert undo(visit, operation).state == Operation.State.DONE
    assert neutron.rules("web") == [("ingress", "tcp", 443, "0.0.0.0/0")]


def test_a_worker_that_died_between_two_removals_leaves_the_way_back_for_both(visit: Visit, neutron: Neutron) -> None:
    done(visit, ADD, group_id="web", rules=[HTTP])
    https, http = neutron.group("web")["security_group_rules"]
    operation = ask(visit, REMOVE, group_id="web", rule_ids=[https["id"], http["id"]])
    neutron.group("web")["security_group_rules"] = [http]
    die(operation, was=[HTTP | {"port_min": 443, "port_max": 443}, HTTP])
    assert go(operation).state == Operation.State.DONE
    assert neutron.rules("web") == []
    assert undo(visit, operation).state == Operation.State.DONE
    assert len(neutron.rules("web")) == 2


def test_only_rules_of_this_group_can_be_removed_by_it(visit: Visit, neutron: Neutron) -> None:
    (row,) = neutron.group("db")["security_group_rules"]
    ((field, _reason),) = refusals(visit, REMOVE, group_id="web", rule_ids=[row["id"]])
    assert field == "rule_ids"
    (mine,) = neutron.group("web")["security_group_rules"]
    done(visit, REMOVE, group_id="web", rule_ids=[mine["id"], row["id"]])
    assert len(neutron.rules("db")) == 1


def test_the_words_of_changed_rules() -> None:
    action = ACTIONS[ADD]
    out = {"direction": "egress", "protocol": "udp", "port_min": 53, "port_max": 53, "remote_cidr": "192.0.2.53/32"}
    params = action.params.model_validate(
        {"group_id": "web", "rules": [HTTP, HTTP | {"port_min": 443, "port_max": 443}, out]}
    )
    names = {"web": "web-public"}
    assert action.title(params, names) == "Add to web-public: 80, 443/tcp from anywhere; 53/udp to 192.0.2.53/32"
    gone = ACTIONS[REMOVE].params.model_validate({"group_id": "web", "rule_ids": ["a", "b"]})
    assert ACTIONS[REMOVE].told(gone, names) == "Removed 2 rules from web-public"


def test_a_rule_is_removed_by_its_button(member: Client) -> None:
    row = SecurityGroupRule.objects.get(group_id=group("ssh-office").external_id)
    page = text(member.get(at("ssh-office")))
    url = f"{HERE}do/remove-security-group-rules/?group_id={row.group_id}&rule_ids={row.external_id}"
    assert f'formaction="{url}&next=' in page
    response = member.post(f"{url}&next={at('ssh-office')}")
    assert response["Location"] == f"{at('ssh-office')}?op={Operation.objects.get().pk}"
    assert asked() == {"group_id": row.group_id, "rule_ids": [row.external_id]}
