"""Security groups of a running server: one effect, nobody's change lost, and a page that knows at once."""

from datetime import timedelta
from typing import Any

import pytest
import requests
import requests_mock
from django.utils import timezone

from portal.ui.commands import Command
from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions.base import Params
from projects.models import Operation, Role, Tenant
from projects.operations import turn
from services.compute.models import Server
from services.network.models import Port, SecurityGroup, SecurityGroupRule
from tests.operations_factory import die
from tests.unit import projects_fixtures as rows
from tests.unit import running
from tests.unit.clouds_fake import FakeCloud
from tests.unit.clouds_neutron import V2, Neutron
from tests.unit.running import go, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def neutron(requests_mock: requests_mock.Mocker) -> Neutron:
    made = Neutron(FakeCloud(requests_mock))
    for name in ("web", "ssh", "db"):
        made.has_group(name)
    made.set_groups("port-1", "ssh", "db")
    return made


@pytest.fixture
def tenant(neutron: Neutron) -> Tenant:
    made = rows.make_tenant(rows.make_location(cloud=neutron.cloud))
    now = timezone.now() - timedelta(seconds=1)
    seen = {"tenant": made, "first_seen_at": now, "changed_at": now}
    for name in ("web", "ssh", "db"):
        SecurityGroup.objects.create(**seen, external_id=name, name=name)
    had = [{"id": "db", "name": "db"}, {"id": "ssh", "name": "ssh"}]
    Server.objects.create(**seen, external_id="server-1", name="web-01", status="ACTIVE", security_groups=had)
    Port.objects.create(
        **seen,
        external_id="port-1",
        network_id="network-1",
        device_id="server-1",
        status="ACTIVE",
        security_group_ids=["ssh", "db"],
    )
    return made


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


IDS = {"server_id": "server-1", "port_id": "port-1", "seen": ["ssh", "db"]}
SET = "set-port-groups"


def params(**values: Any) -> Params:
    return ACTIONS[SET].params.model_validate(IDS | values)


def ask(visit: Visit, *group_ids: str) -> Operation:
    return running.ask(visit, SET, **IDS, group_ids=list(group_ids))


def refusals(visit: Visit, **values: Any) -> list[tuple[str, str]]:
    return running.refusals(visit, SET, **IDS | values)


def test_groups_come_and_go_in_one_request_and_the_page_knows(visit: Visit, neutron: Neutron) -> None:
    version = Tenant.objects.get().version
    operation = go(ask(visit, "web", "ssh"))
    assert operation.state == Operation.State.DONE
    assert operation.accepted_at is not None
    assert neutron.changes == [("PUT", "/ports/port-1")]
    assert neutron.port("port-1")["security_groups"] == ["web", "ssh"]
    assert Port.objects.get(external_id="port-1").security_group_ids == ["web", "ssh"]
    named = [one["name"] for one in Server.objects.get(external_id="server-1").security_groups]
    assert named == ["ssh", "web"]
    assert Tenant.objects.get().version > version
    assert operation.attempts == 1


def test_what_is_written_names_the_revision_that_was_looked_at(visit: Visit, neutron: Neutron) -> None:
    revision = neutron.port("port-1")["revision_number"]
    go(ask(visit))
    (put,) = [one for one in neutron.cloud.mock.request_history if one.method == "PUT"]
    assert put.headers["If-Match"] == f"revision_number={revision}"
    assert neutron.port("port-1")["security_groups"] == []


def test_its_words_name_what_comes_and_what_goes() -> None:
    action, names = ACTIONS["set-port-groups"], {"server-1": "web-01", "web": "web-public", "db": "db-internal"}
    both, come, gone = (params(group_ids=ids) for ids in (["web", "ssh"], ["ssh", "db", "web"], ["ssh"]))
    assert action.title(both, names) == "Add web-public to web-01 and remove db-internal"
    assert action.told(come, names) == "Added web-public to web-01"
    assert action.told(gone, names) == "Removed db-internal from web-01"
    assert action.commands(both, names) == [
        Command("port set", [("--security-group", "web-public")], ["port-1"]),
        Command("port unset", [("--security-group", "db-internal")], ["port-1"]),
    ]


def test_one_click_takes_it_back(visit: Visit, neutron: Neutron) -> None:
    operation = go(ask(visit, "web", "ssh"))
    back = undo(visit, operation)
    assert back.state == Operation.State.DONE
    assert sorted(neutron.port("port-1")["security_groups"]) == ["db", "ssh"]


def test_undo_overwrites_nothing_that_came_later(visit: Visit, neutron: Neutron) -> None:
    operation = go(ask(visit, "web", "ssh"))
    neutron.set_groups("port-1", "web")
    back = undo(visit, operation)
    assert (back.state, back.code) == (Operation.State.FAILED, "changed_meanwhile")
    assert neutron.port("port-1")["security_groups"] == ["web"]


def test_what_is_there_already_is_done_without_a_change(visit: Visit, neutron: Neutron) -> None:
    neutron.set_groups("port-1", "ssh", "web")  # somebody did just that, and no refresh has seen it
    assert go(ask(visit, "web", "ssh")).state == Operation.State.DONE
    assert neutron.changes == []


def test_the_second_of_two_people_sees_what_the_first_one_changed(visit: Visit, neutron: Neutron) -> None:
    first, second = ask(visit, "ssh", "db", "web"), ask(visit, "ssh")
    assert go(first).state == Operation.State.DONE
    go(second)
    assert (second.state, second.code) == (Operation.State.FAILED, "changed_meanwhile")
    assert "web was added" in second.reason
    assert "Nothing was overwritten" in second.reason
    assert second.note == "Its groups are as they were."
    assert neutron.port("port-1")["security_groups"] == ["ssh", "db", "web"]


def test_the_second_waits_for_the_first(visit: Visit, neutron: Neutron) -> None:
    first, second = ask(visit, "ssh", "db", "web"), ask(visit, "ssh")
    assert turn.turn(second.pk) is not None
    assert neutron.changes == []
    go(first)
    assert go(second).code == "changed_meanwhile"


def test_a_change_between_look_and_write_is_not_overwritten(visit: Visit, neutron: Neutron) -> None:
    """The second one comes with a revision that is no longer the port's: 412."""

    def somebody(method: str, _path: str) -> None:
        neutron.before = lambda _method, _path: None
        assert method == "PUT"
        neutron.set_groups("port-1", "db")

    neutron.before = somebody
    operation = go(ask(visit, "web", "ssh"))
    assert (operation.state, operation.code) == (Operation.State.FAILED, "changed_meanwhile")
    assert "ssh was removed" in operation.reason
    assert neutron.port("port-1")["security_groups"] == ["db"]
    assert Port.objects.get(external_id="port-1").security_group_ids == ["db"]


def test_another_change_of_the_port_between_look_and_write_is_no_obstacle(visit: Visit, neutron: Neutron) -> None:
    def status(_method: str, _path: str) -> None:
        neutron.before = lambda _method, _path: None
        neutron.port("port-1")["revision_number"] += 1

    neutron.before = status
    operation = go(ask(visit, "web", "ssh"))
    assert operation.state == Operation.State.DONE
    assert neutron.port("port-1")["security_groups"] == ["web", "ssh"]
    assert [method for method, _path in neutron.changes] == ["PUT", "PUT"]


def test_a_worker_that_died_after_the_write_is_followed_by_one_that_sees_it(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, "web")
    die(operation, revision=neutron.port("port-1")["revision_number"])
    neutron.set_groups("port-1", "web")
    assert go(operation).state == Operation.State.DONE
    assert neutron.changes == []
    assert Port.objects.get(external_id="port-1").security_group_ids == ["web"]


def test_a_worker_that_died_before_the_write_is_followed_by_one_that_makes_it(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, "web")
    die(operation, revision=neutron.port("port-1")["revision_number"])
    assert go(operation).state == Operation.State.DONE
    assert neutron.changes == [("PUT", "/ports/port-1")]


def test_what_was_done_and_taken_back_by_somebody_else_is_not_done_again(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, "web")
    die(operation, revision=neutron.port("port-1")["revision_number"])
    neutron.set_groups("port-1", "web")  # ours, and the worker died
    neutron.set_groups("port-1", "ssh", "db")
    assert go(operation).code == "changed_meanwhile"
    assert neutron.port("port-1")["security_groups"] == ["ssh", "db"]


@pytest.mark.parametrize("answer", [{"status_code": 503}, {"exc": requests.exceptions.ReadTimeout}])
def test_a_cloud_that_fails_is_asked_again(visit: Visit, neutron: Neutron, answer: dict[str, Any]) -> None:
    address = f"{V2}/ports/port-1"
    neutron.cloud.mock.put(address, [answer, {"json": neutron._put_port}])
    operation = go(ask(visit, "web"))
    assert operation.state == Operation.State.DONE
    assert neutron.port("port-1")["security_groups"] == ["web"]


def test_the_line_is_cut_after_the_work_was_done(visit: Visit, neutron: Neutron) -> None:
    def cut(request: Any, context: Any) -> Any:
        neutron._put_port(request, context)
        raise requests.exceptions.ConnectionError

    neutron.cloud.mock.put(f"{V2}/ports/port-1", json=cut)
    operation = go(ask(visit, "web"))
    assert operation.state == Operation.State.DONE
    assert len(neutron.changes) == 1


def test_a_group_that_is_gone_by_now_fails_and_nothing_is_changed(visit: Visit, neutron: Neutron) -> None:
    neutron.cloud.groups.remove(neutron.group("web"))
    operation = go(ask(visit, "web"))
    assert (operation.state, operation.code) == (Operation.State.FAILED, "not_found")
    assert operation.note == "Its groups are as they were."
    assert neutron.port("port-1")["security_groups"] == ["ssh", "db"]


def test_a_port_that_has_left_the_server_is_told(visit: Visit, neutron: Neutron) -> None:
    neutron.port("port-1")["device_id"] = "server-2"
    operation = go(ask(visit, "web"))
    assert operation.state == Operation.State.FAILED
    assert "no such port any more" in operation.reason
    assert neutron.changes == []


def test_a_cloud_without_revisions_is_changed_all_the_same(visit: Visit, neutron: Neutron) -> None:
    answer = {key: value for key, value in neutron.port("port-1").items() if key != "revision_number"}
    neutron.cloud.mock.get(f"{V2}/ports", json={"ports": [answer]})
    operation = go(ask(visit, "web"))
    assert operation.state == Operation.State.DONE
    (put,) = [one for one in neutron.cloud.mock.request_history if one.method == "PUT"]
    assert "If-Match" not in put.headers


def test_what_the_inventory_shows_to_be_impossible_is_refused(visit: Visit, neutron: Neutron) -> None:
    assert refusals(visit, group_ids=["ssh", "db"]) == [("", "These are its groups already.")]
    assert refusals(visit, port_id="port-9") == [("port_id", "The server has no such port any more.")]
    assert refusals(visit, server_id="server-9") == [("port_id", "The server has no such port any more.")]
    ((field, reason),) = refusals(visit, group_ids=["nothing"])
    assert (field, "nothing" in reason) == ("group_ids", True)
    ((field, reason),) = refusals(visit, group_ids=["web"], seen=["ssh"])
    assert (field, reason) == ("", "Somebody else has changed them meanwhile: db was added.")
    Port.objects.update(port_security=False)
    ((field, reason),) = refusals(visit, group_ids=["web"])
    assert "Port security is off" in reason
    assert neutron.changes == []


def test_a_group_of_another_project_that_is_on_the_port_may_stay(visit: Visit, neutron: Neutron) -> None:
    neutron.has_group("foreign")
    neutron.set_groups("port-1", "ssh", "foreign")
    Port.objects.update(security_group_ids=["ssh", "foreign"])
    operation = go(running.ask(visit, SET, **IDS | {"group_ids": ["web", "foreign"], "seen": ["foreign", "ssh"]}))
    assert operation.state == Operation.State.DONE
    assert neutron.port("port-1")["security_groups"] == ["web", "foreign"]


def test_only_the_port_that_was_meant_changes(visit: Visit, neutron: Neutron) -> None:
    neutron.cloud.ports.append(neutron.port("port-1") | {"id": "port-3", "security_groups": ["ssh", "db"]})
    go(ask(visit, "web"))
    assert neutron.port("port-3")["security_groups"] == ["ssh", "db"]
    named = [one["name"] for one in Server.objects.get(external_id="server-1").security_groups]
    assert named == ["db", "ssh", "web"]


def test_no_rule_of_a_group_is_read_or_written_for_it(visit: Visit, neutron: Neutron) -> None:
    go(ask(visit, "web"))
    assert SecurityGroupRule.objects.count() == 0
    asked = [one.path for one in neutron.cloud.mock.request_history if one.url.startswith(V2)]
    assert asked == ["/v2.0/ports", "/v2.0/ports/port-1"]
