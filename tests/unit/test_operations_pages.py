"""What people see of operations, and what they can do about them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from portal.ui import formats
from projects.access import Visit
from projects.models import Location, Operation, OperationTarget, Role
from projects.operations import again, asking
from projects.pages.operation_view import address
from services.block_storage.models import Volume
from tests import factories, operations_factory
from tests.operations_factory import State, attaching, history, operation

pytestmark = pytest.mark.django_db

NORTH = "/atlas@north/"


@pytest.fixture
def done(cast: factories.Cast) -> Operation:
    return operations_factory.done(cast)


@pytest.fixture
def failed(cast: factories.Cast) -> Operation:
    return operations_factory.failed(cast)


@pytest.fixture
def running(cast: factories.Cast) -> Operation:
    return operations_factory.running(cast)


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def shown(client: Client, one: Operation) -> Any:
    return client.get(f"{address(one.tenant.handle, one.pk)}?drawer=1").context["op"]


def press(client: Client, one: Operation, verb: str, back: str = "", status: int = 302) -> Any:
    answer = client.post(address(one.tenant.handle, one.pk, verb), {"next": back})
    assert answer.status_code == status
    return answer


# One operation ------------------------------------------------------------------------------------------------------


def test_a_running_one_says_how_far_it_is_and_how_long_it_usually_takes(
    member: Client, cast: factories.Cast, running: Operation
) -> None:
    for seconds in (9, 11, 60):
        operation(cast.atlas, cast.admin, "create-volume", {"name": "old", "size_gb": 1}, minutes=90, seconds=seconds)
    # Neither another place nor another ending tells how long it takes here.
    operation(cast.atlas_south, cast.admin, "create-volume", {"name": "old", "size_gb": 1}, seconds=500)
    operation(cast.atlas, cast.admin, "create-volume", {"name": "old", "size_gb": 1}, state=State.FAILED, seconds=500)
    view = shown(member, running)
    assert view.title == "Create volume pg-data-03 and attach it to db-01"
    assert (view.role, view.word, view.running) == ("work", "Running, step 2 of 3", True)
    assert view.time.endswith("so far, usually 11\N{NO-BREAK SPACE}s")
    assert [(step.title, step.state) for step in view.steps] == [
        ("Created the volume", "done"),
        ("Attach to db-01", "working"),
        ("See it in use", "waiting"),
    ]
    assert view.steps[0].note == "Accepted by north after 0.4\N{NO-BREAK SPACE}s"
    assert view.steps[1].note == "The cloud says: attaching"
    assert view.steps[2].took == ""
    assert "If you cancel now: " in view.text


def test_two_that_were_done_tell_nothing_usual(member: Client, cast: factories.Cast, running: Operation) -> None:
    for _ in range(2):
        operation(cast.atlas, cast.admin, "create-volume", {"name": "old", "size_gb": 1})
    assert "usually" not in shown(member, running).time


def test_a_done_one_says_so_and_what_undo_does(member: Client, done: Operation) -> None:
    view = shown(member, done)
    assert view.success == "Attached logs-01 to web-02."
    assert view.remedy == "Undo: Detach logs-01 from web-02."
    assert view.undo.url == f"{NORTH}operations/{done.pk}/undo/"
    assert [step.state for step in view.steps] == ["done", "done"]
    assert "openstack" in view.command


def test_a_failed_one_says_why_what_stands_and_what_to_tell_the_operator(member: Client, failed: Operation) -> None:
    view = shown(member, failed)
    assert view.word == "Failed at step 1 of 2"
    assert view.failure == failed.reason
    assert view.remedy == "The volume is there and detached."
    assert view.request_id == failed.request_id
    assert view.steps[-1].note == "The cloud says: Invalid volume"
    assert len(view.steps) == 1, "what was never begun is not told as if it were to come"
    assert [action.label for action in view.actions] == ["Try again"]


def test_a_cancelled_one_says_by_whom_and_what_stays(member: Client, cast: factories.Cast) -> None:
    one = history(cast)["cancelled"]
    view = shown(member, one)
    assert view.steps[-1].note.startswith("Cancelled by member at ")
    assert view.text == "What was done so far stays."


def test_facts_lead_to_the_things_and_to_related_operations(member: Client, failed: Operation) -> None:
    press(member, failed, "retry")
    newer = Operation.objects.get(retry_of=failed)
    facts = {str(fact.label): fact for fact in shown(member, failed).facts}
    assert facts["Volume"].value == "logs-archive"
    assert facts["Volume"].url == f"{NORTH}volumes/{failed.params['volume_id']}/"
    assert facts["Tried again by"].url == address("atlas@north", newer.pk)
    assert list(facts["Operation"].chips) == [failed.pk]
    assert facts["Asked by"].value == "admin, on the page"


def test_a_thing_that_is_gone_is_no_link(member: Client, done: Operation) -> None:
    OperationTarget.objects.filter(operation=done, kind="volume").update(gone_at=timezone.now())
    facts = {str(fact.label): fact for fact in shown(member, done).facts}
    assert (facts["Volume"].value, facts["Volume"].url) == ("logs-01", "")


def test_an_operation_of_another_version_is_shown_as_far_as_it_is_known(member: Client, done: Operation) -> None:
    Operation.objects.filter(pk=done.pk).update(action="paint-volume")
    view = shown(member, done)
    assert view.title == "Paint volume"
    assert (view.undo, view.command, list(view.steps)) == (None, "", [])
    Operation.objects.filter(pk=done.pk).update(action="attach-volume", params={"volume": 1})
    assert shown(member, done).title == "Attach volume"
    assert "Paint" not in page(member, f"{NORTH}operations/")


def test_the_page_shows_what_the_drawer_shows_and_keeps_itself_current(member: Client, done: Operation) -> None:
    url = address("atlas@north", done.pk)
    answer = member.get(url)
    assert "Attached logs-01 to web-02" in answer.content.decode()
    assert 'data-version="' in answer.content.decode()
    assert member.get(url, headers={"X-Meshdeck-Version": answer["X-Meshdeck-Version"]}).status_code == 204


def test_a_running_ones_page_always_has_news(member: Client, running: Operation) -> None:
    url = address("atlas@north", running.pk)
    answer = member.get(url)
    assert "data-busy" in answer.content.decode()
    assert member.get(url, headers={"X-Meshdeck-Version": answer["X-Meshdeck-Version"]}).status_code == 200


def test_what_clouds_and_people_wrote_is_no_markup(member: Client, cast: factories.Cast) -> None:
    evil = "<img src=x onerror=alert(1)>"
    Volume.objects.filter(tenant=cast.atlas, name="logs-archive").update(name=evil)
    wanted = attaching(cast.atlas, "logs-archive", "web-01")
    one = operation(
        cast.atlas, cast.admin, "attach-volume", wanted, state=State.FAILED, step=1, reason=evil, detail=evil, note=evil
    )
    for url in (address("atlas@north", one.pk), f"{NORTH}operations/", NORTH, f"{NORTH}changes/"):
        text = page(member, url)
        assert evil not in text
        assert "&lt;img src=x" in text


# Who may what -------------------------------------------------------------------------------------------------------


def test_a_stranger_learns_nothing(client: Client, cast: factories.Cast, done: Operation) -> None:
    factories.log_in(client, cast.stranger)
    for url in (f"{NORTH}operations/", address("atlas@north", done.pk), f"{NORTH}operations/?format=csv"):
        assert client.get(url).status_code == 404
    for verb in ("cancel", "retry", "undo"):
        press(client, done, verb, status=404)
    assert Operation.objects.count() == 1


def test_a_reader_sees_all_and_changes_nothing(
    client: Client, cast: factories.Cast, done: Operation, failed: Operation, running: Operation
) -> None:
    factories.log_in(client, cast.reader)
    for one, verb in ((done, "undo"), (failed, "retry"), (running, "cancel")):
        view = shown(client, one)
        assert (list(view.actions), view.undo) == ([], None)
        answer = press(client, one, verb, status=403)
        assert "You are a reader in atlas. Ask one of its admins to make you a member." in answer.content.decode()
    assert "/undo/" not in page(client, NORTH)
    assert Operation.objects.count() == 3
    assert not Operation.objects.filter(cancel_at__isnull=False).exists()


@pytest.mark.parametrize("verb", ["cancel", "retry", "undo"])
def test_a_look_changes_nothing(member: Client, done: Operation, verb: str) -> None:
    assert member.get(address("atlas@north", done.pk, verb)).status_code == 405


@pytest.mark.parametrize("wrong", ["op-0", "op-01M87SB5HYFT6FTN'", "%00", "..%2f..", "x" * 400])
def test_a_tampered_id_is_not_found(member: Client, done: Operation, wrong: str) -> None:
    assert member.get(f"{NORTH}operations/{wrong}/").status_code == 404
    assert member.post(f"{NORTH}operations/{wrong}/undo/").status_code == 404


def test_another_tenants_operation_is_not_found_under_my_handle(member: Client, cast: factories.Cast) -> None:
    elsewhere = operation(
        cast.borealis, cast.member, "attach-volume", attaching(cast.borealis, "data-01", "app-01"), state=State.FAILED
    )
    assert member.get(address("borealis@north", elsewhere.pk)).status_code == 200
    assert member.get(address("atlas@north", elsewhere.pk)).status_code == 404
    for verb in ("cancel", "retry", "undo"):
        assert member.post(address("atlas@north", elsewhere.pk, verb)).status_code == 404
    for query in (f"?q={elsewhere.pk}", f"?thing=volume:{elsewhere.params['volume_id']}"):
        assert member.get(f"{NORTH}operations/{query}").context["rows"] == []


# Undo, retry, cancel ------------------------------------------------------------------------------------------------


def test_undo_asks_for_the_opposite_and_opens_its_drawer(member: Client, cast: factories.Cast, done: Operation) -> None:
    answer = press(member, done, "undo", f"{NORTH}volumes/?sort=name&op={done.pk}")
    undoing = Operation.objects.get(undo_of=done)
    assert (undoing.action, undoing.user, undoing.params) == ("detach-volume", cast.member, done.params)
    assert answer["Location"] == f"{NORTH}volumes/?sort=name&op={undoing.pk}"


def test_undo_pressed_twice_is_one_undoing_whoever_presses(
    member: Client, client: Client, cast: factories.Cast, done: Operation
) -> None:
    press(member, done, "undo")
    press(member, done, "undo")
    factories.log_in(client, cast.admin)
    answer = press(client, done, "undo")
    assert answer["Location"] == address("atlas@north", Operation.objects.get(undo_of=done).pk)
    view = shown(client, done)
    assert view.undo is None
    assert "Taken back by" in [str(fact.label) for fact in view.facts]


def test_the_database_holds_two_undoings_at_the_same_moment_apart(cast: factories.Cast, done: Operation) -> None:
    wanted = attaching(cast.atlas, "logs-01", "web-02")
    values: Mapping[str, Any] = {"undo_of": done, "state": State.RUNNING}
    operation(cast.atlas, cast.admin, "detach-volume", wanted, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        operation(cast.atlas, cast.member, "detach-volume", wanted, **values)


def test_a_failed_undoing_can_be_undone_once_more(member: Client, cast: factories.Cast, done: Operation) -> None:
    wanted = attaching(cast.atlas, "logs-01", "web-02")
    operation(cast.atlas, cast.admin, "detach-volume", wanted, undo_of=done, state=State.FAILED)
    press(member, done, "undo")
    assert Operation.objects.filter(undo_of=done).count() == 2


def test_what_can_not_be_undone_now_is_told_on_the_button_and_refused(
    member: Client, cast: factories.Cast, done: Operation
) -> None:
    Volume.objects.filter(tenant=cast.atlas, name="logs-01").update(attachments=[], status="available")
    assert shown(member, done).undo.blocked == "logs-01 is not attached to this server."
    text = press(member, done, "undo", status=422).content.decode()
    assert "Undo: Attached logs-01 to web-02" in text
    assert "logs-01 is not attached to this server." in text
    assert Operation.objects.count() == 1


def test_only_what_is_done_and_has_an_opposite_is_undone(
    member: Client, cast: factories.Cast, failed: Operation, running: Operation
) -> None:
    made = operation(cast.atlas, cast.admin, "create-volume", {"name": "kept", "size_gb": 1})
    for one in (failed, running, made):
        assert shown(member, one).undo is None
        press(member, one, "undo", status=422)
    assert Operation.objects.count() == 3


def test_retry_asks_for_the_same_and_names_what_it_tries_again(
    member: Client, cast: factories.Cast, failed: Operation
) -> None:
    answer = press(member, failed, "retry", address("atlas@north", failed.pk))
    newer = Operation.objects.get(retry_of=failed)
    assert (newer.action, newer.params, newer.user) == (failed.action, failed.params, cast.member)
    assert newer.state == State.QUEUED
    assert answer["Location"] == address("atlas@north", newer.pk), "from an operation's page to the new one's"


def test_retry_pressed_twice_is_one_operation(member: Client, failed: Operation) -> None:
    press(member, failed, "retry")
    press(member, failed, "retry")
    assert Operation.objects.filter(retry_of=failed).count() == 1
    assert list(shown(member, failed).actions) == []


def test_a_tried_again_undoing_still_takes_back_the_same(member: Client, cast: factories.Cast, done: Operation) -> None:
    wanted = attaching(cast.atlas, "logs-01", "web-02")
    undoing = operation(cast.atlas, cast.admin, "detach-volume", wanted, undo_of=done, state=State.FAILED)
    press(member, undoing, "retry")
    assert Operation.objects.get(retry_of=undoing).undo_of == done
    assert shown(member, done).undo is None


def test_what_went_well_or_goes_on_is_not_tried_again(member: Client, done: Operation, running: Operation) -> None:
    for one in (done, running):
        press(member, one, "retry", status=422)
    assert Operation.objects.count() == 2


def test_cancel_stops_one_that_nobody_has_begun_at_once(member: Client, cast: factories.Cast) -> None:
    wanted = attaching(cast.atlas, "logs-archive", "web-01")
    queued = operation(cast.atlas, cast.admin, "attach-volume", wanted, state=State.QUEUED, step=0)
    assert [str(action.label) for action in shown(member, queued).actions] == ["Cancel operation"]
    press(member, queued, "cancel")
    queued.refresh_from_db()
    assert (queued.state, queued.cancelled_by) == (State.CANCELLED, cast.member)


def test_cancel_has_a_running_one_stop_before_its_next_step(member: Client, running: Operation) -> None:
    press(member, running, "cancel")
    running.refresh_from_db()
    assert (running.state, running.cancel_at is not None) == (State.RUNNING, True)
    view = shown(member, running)
    assert (view.word, list(view.actions)) == ("Being cancelled", [])


def test_cancelling_what_has_ended_changes_nothing(member: Client, done: Operation) -> None:
    press(member, done, "cancel")
    done.refresh_from_db()
    assert (done.state, done.cancelled_by) == (State.DONE, None)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/x", "/\\evil.example", "javascript:1"])
def test_the_way_back_stays_on_this_site(member: Client, failed: Operation, elsewhere: str) -> None:
    answer = press(member, failed, "retry", elsewhere)
    assert answer["Location"].startswith(f"{NORTH}operations/op-")


def test_the_drawers_buttons_lead_back_to_the_page_beside_it(member: Client, failed: Operation) -> None:
    beside = {"HX-Current-URL": "http://testserver/atlas@north/volumes/?status=available"}
    answer = member.get(f"{address('atlas@north', failed.pk)}?drawer=1", headers=beside)
    assert answer.context["op"].actions[0].value == "/atlas@north/volumes/?status=available"


# Operators ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def operator(client: Client, cast: factories.Cast) -> Client:
    factories.log_in(client, cast.admin)
    return client


def test_operators_look_at_operations_and_change_none(operator: Client, done: Operation) -> None:
    url = f"/operator/projects/operation/{done.pk}/change/"
    assert operator.get(url).status_code == 200
    assert operator.get("/operator/projects/operation/?q=op-").status_code == 200
    assert operator.post(url, {"state": "failed"}).status_code == 403
    assert operator.post(url.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert operator.get("/operator/projects/operation/add/").status_code == 403


def test_a_place_where_things_were_changed_stays_and_says_why(operator: Client, done: Operation) -> None:
    url = f"/operator/projects/location/{done.tenant.location_id}/delete/"
    text = page(operator, url)
    assert "Their operations are the audit log, which is never deleted. Switch the location off instead" in text
    assert done.pk not in text
    assert operator.post(url, {"post": "yes"}).status_code in (200, 403)
    assert Location.objects.filter(pk=done.tenant.location_id).exists()


def test_a_place_where_nothing_was_changed_can_be_deleted(operator: Client, done: Operation) -> None:
    south = Location.objects.get(name="south")
    assert "audit log" not in page(operator, f"/operator/projects/location/{south.pk}/delete/")
    assert operator.post(f"/operator/projects/location/{south.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Location.objects.filter(pk=south.pk).exists()


def test_endings_are_counted(client: Client, cast: factories.Cast) -> None:
    wanted = attaching(cast.atlas, "logs-archive", "web-01")
    queued = operation(cast.atlas, cast.admin, "attach-volume", wanted, state=State.QUEUED, step=0)
    assert asking.cancel(Visit(cast.member, cast.atlas, Role.MEMBER), queued)
    text = client.get("/metrics").text
    assert 'meshdeck_operations_total{action="attach-volume",ending="cancelled"} 1.0' in text


def test_what_is_retried_by_the_api_is_told_as_such(cast: factories.Cast, failed: Operation) -> None:
    grant = factories.log_in(Client(), cast.member)
    newer = again.retry(Visit(cast.member, cast.atlas, Role.MEMBER), grant, failed, via=Operation.Via.API)
    assert newer.via == "api"


def test_a_span_is_told_as_people_say_it() -> None:
    said = {seconds: formats.took(timedelta(seconds=seconds)) for seconds in (0.04, 2.31, 9.96, 31.4, 100, 120, 3900)}
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in said.values()] == [
        "0.0 s",
        "2.3 s",
        "10 s",
        "31 s",
        "1 min 40 s",
        "2 min",
        "1 h 5 min",
    ]


def test_what_comes_of_it_is_ones_own_so_nobody_else_tries_it_again(cast: factories.Cast, member: Client) -> None:
    wanted = {"name": "ci-deploy", "expires_at": "2031-01-01T00:00:00Z"}
    failed = operation(cast.atlas, cast.admin, "create-service-user", wanted, state=State.FAILED)
    assert "Try again" not in page(member, address("atlas@north", failed.pk))
    press(member, failed, "retry", status=403)
    assert not failed.retries.exists()
    own = operation(cast.atlas, cast.member, "create-service-user", wanted, state=State.FAILED)
    assert "Try again" in page(member, address("atlas@north", own.pk))
