"""Give a security group another name: what it refuses and writes, who comes second, its undo and its page."""

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.network.models import SecurityGroup
from tests.operations_factory import die
from tests.unit.clouds_neutron import Neutron
from tests.unit.group_pages import asked, at, group, text
from tests.unit.running import ask, done, go, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


EDIT = "edit-security-group"
NAMES = {"group_id": "web", "was_name": "web-public", "was_description": "The shop"}


def test_a_group_is_renamed_and_back(visit: Visit, neutron: Neutron) -> None:
    operation = done(visit, EDIT, **NAMES, name="www", description="The shop")
    assert neutron.group("web")["name"] == "www"
    (put,) = [one for one in neutron.cloud.mock.request_history if one.method == "PUT"]
    assert put.json() == {"security_group": {"name": "www"}}
    assert put.headers["If-Match"] == "revision_number=1"
    assert SecurityGroup.objects.get(external_id="web").name == "www"
    assert undo(visit, operation).state == Operation.State.DONE
    assert neutron.group("web")["name"] == "web-public"


def test_the_second_editor_sees_what_the_first_one_wrote(visit: Visit, neutron: Neutron) -> None:
    first = ask(visit, EDIT, **NAMES, name="www", description="The shop")
    second = ask(visit, EDIT, **NAMES, name="web-public", description="Ours")
    assert go(first).state == Operation.State.DONE
    go(second)
    assert (second.state, second.code) == (Operation.State.FAILED, "changed_meanwhile")
    assert "its name is now “www”" in second.reason
    assert neutron.group("web")["description"] == "The shop"
    ((field, reason),) = refusals(visit, EDIT, **NAMES, name="shop", description="The shop")
    assert (field, "“www”" in reason) == ("", True)


def test_a_change_between_look_and_write_of_a_name_is_not_overwritten(visit: Visit, neutron: Neutron) -> None:
    def somebody(_method: str, _path: str) -> None:
        neutron.before = lambda _method, _path: None
        neutron.group("web").update(name="theirs", revision_number=2)

    neutron.before = somebody
    operation = go(ask(visit, EDIT, **NAMES, name="www", description="The shop"))
    assert operation.code == "changed_meanwhile"
    assert neutron.group("web")["name"] == "theirs"


def test_a_rule_that_comes_between_look_and_write_is_no_obstacle_for_a_name(visit: Visit, neutron: Neutron) -> None:
    def somebody(_method: str, _path: str) -> None:
        neutron.before = lambda _method, _path: None
        neutron.group("web")["revision_number"] += 1

    neutron.before = somebody
    done(visit, EDIT, **NAMES, name="www", description="The shop")
    assert neutron.group("web")["name"] == "www"


def test_a_name_that_was_written_before_the_worker_died_is_seen(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, EDIT, **NAMES, name="www", description="The shop")
    die(operation, revision=1)
    neutron.group("web").update(name="www", revision_number=2)
    assert go(operation).state == Operation.State.DONE
    assert neutron.changes == []


def test_the_default_group_keeps_its_name_and_may_be_described(visit: Visit, neutron: Neutron) -> None:
    SecurityGroup.objects.filter(external_id="web").update(name="default")
    neutron.group("web")["name"] = "default"
    was = NAMES | {"was_name": "default"}
    assert refusals(visit, EDIT, **was, name="other", description="The shop")[0][0] == "name"
    done(visit, EDIT, **was, name="default", description="Ours")


def test_a_group_is_renamed_and_its_words_are_kept(member: Client) -> None:
    page = text(member.get(at("ssh-office", "edit/")))
    assert 'value="ssh-office"' in page
    assert 'value="Office"' in page
    was = '["ssh-office", "Office"]'
    sent = {"name": "ssh", "description": "Office", "was": was, "key": "k"}
    assert member.post(at("ssh-office", "edit/"), sent).status_code == 302
    assert (asked()["was_name"], asked()["name"]) == ("ssh-office", "ssh")


def test_the_second_editor_is_told_and_may_insist(member: Client) -> None:
    address = at("ssh-office", "edit/")
    sent = {"name": "ssh", "description": "Ours", "was": '["ssh-office", "Office"]', "key": "k"}
    SecurityGroup.objects.filter(pk=group("ssh-office").pk).update(description="Theirs")
    response = member.post(address, sent)
    assert response.status_code == 422
    assert "its description “Theirs”" in text(response)
    assert 'value="Ours"' in text(response)
    assert not Operation.objects.exists()
