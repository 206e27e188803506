"""Operations around the pages: the shell that follows them, the timeline, and what a thing's page tells."""

import pytest
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import Operation, OperationTarget, Role
from projects.pages import timeline
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


def test_pages_look_again_soon_while_an_operation_is_on_its_way(member: Client, running: Operation) -> None:
    answer = member.get(f"{NORTH}volumes/")
    text = answer.content.decode()
    assert 'aria-label="Operations, 1 running"' in text
    assert f'data-operations="{NORTH}operations/"' in text
    again_ = member.get(f"{NORTH}volumes/", headers={"X-Meshdeck-Version": answer["X-Meshdeck-Version"]})
    assert (again_.status_code, again_["X-Meshdeck-Changing"]) == (204, "1")
    Operation.objects.filter(pk=running.pk).update(state=State.DONE, ended_at=timezone.now())
    later = member.get(f"{NORTH}volumes/", headers={"X-Meshdeck-Version": answer["X-Meshdeck-Version"]})
    assert "X-Meshdeck-Changing" not in later
    assert 'aria-label="Operations, 1 running"' not in page(member, f"{NORTH}volumes/")


def test_the_timeline_tells_operations_and_changes_by_their_time(cast: factories.Cast) -> None:
    history(cast)
    visit = Visit(cast.member, cast.atlas, Role.MEMBER)
    events = timeline.timeline(visit, limit=6, back=NORTH)
    said = ["".join(part.text for part in event.parts) or f"{event.name} {event.what}" for event in events]
    assert said == [
        "Create volume pg-data-03 and attach it to db-01",
        "Attached web-assets to web-01",
        "web-03 was stopped",
        "Attach logs-archive to worker-07",
        "worker-07 went into an error",
        "Attached logs-01 to web-02",
    ]
    assert events[0].meta.startswith("member · step 2 of 3 · ")
    assert events[1].meta.startswith("admin · 2.3\N{NO-BREAK SPACE}s · ")
    assert (events[3].role, events[3].bad) == ("bad", "failed: north did not attach the volume.")
    ways = [str(event.action.label) if event.action else "" for event in events]
    assert ways == ["", "Undo", "", "Remedies", "", ""], "Undo only beside what was done just now"


def test_the_page_of_all_changes_has_the_same_in_the_same_order(member: Client, cast: factories.Cast) -> None:
    history(cast)
    visit = Visit(cast.member, cast.atlas, Role.MEMBER)
    events = member.get(f"{NORTH}changes/").context["events"]
    assert len(events) == 17
    assert events[:8] == timeline.timeline(visit, limit=8, back=f"{NORTH}changes/")


def test_a_things_page_tells_the_operations_about_it(member: Client, done: Operation, failed: Operation) -> None:
    text = page(member, f"{NORTH}volumes/{done.params['volume_id']}/")
    assert f'id="event-{done.pk}"' in text
    assert failed.pk not in text
    assert f"?thing=volume%3A{done.params['volume_id']}" in text
    assert "1 operation<" in text


def test_a_key_pair_of_the_same_name_tells_nothing_of_another_members(member: Client, cast: factories.Cast) -> None:
    of_admin = operation(cast.atlas, cast.admin, "attach-volume", attaching(cast.atlas, "logs-archive", "web-01"))
    OperationTarget.objects.create(operation=of_admin, kind="keypair", external_id="deploy")
    assert of_admin.pk not in page(member, f"{NORTH}key-pairs/deploy/")
