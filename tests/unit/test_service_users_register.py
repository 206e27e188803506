"""The register says what the cloud tells each owner; what nobody knows is ended; owners are warned in time."""

import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests_mock
from django.core import mail
from django.utils import timezone

from portal.celery import app
from projects.access import Visit
from projects.models import Operation, Tenant
from projects.operations import turn
from services.service_users import reading, tasks, warning
from services.service_users.models import OwnReading, ServiceUser
from services.service_users.pages import listing
from services.service_users.rows import write
from services.service_users.types.base import Seen
from tests import service_users_factory
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import KEYSTONE, FakeCloud
from tests.unit.keystone_fake import Keystone
from tests.unit.servers_cast import ask, go
from tests.unit.service_users_cast import CI, ENDS, join, made, member_of, read

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.fixture
def keystone(requests_mock: requests_mock.Mocker) -> Keystone:
    return Keystone(FakeCloud(requests_mock))


@pytest.fixture
def visit(keystone: Keystone) -> Visit:
    return member_of(keystone)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any]]]:
    """Return the tasks that workers are told of."""
    told: list[tuple[str, list[Any]]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args=None, **_: told.append((name, args)))
    return told


def test_one_made_elsewhere_is_shown_as_the_cloud_tells_it(keystone: Keystone, visit: Visit) -> None:
    rules = [{"id": "r", "service": "compute", "method": "GET", "path": "/v2.1/servers"}]
    keystone.add("grafana", description="boards", access_rules=rules, expires_at="2030-06-03T00:00:00.000000")
    before = Tenant.objects.get(pk=visit.tenant.pk).version
    read(visit)
    row = ServiceUser.objects.get()
    assert (row.label, row.name, row.description) == ("grafana", "grafana", "boards")
    assert (row.roles, row.outside, row.last_four) == (["member", "reader"], True, "")
    assert row.access_rules == [{"service": "compute", "method": "GET", "path": "/v2.1/servers"}]
    assert row.expires_at == datetime(2030, 6, 3, tzinfo=UTC)
    assert (row.owner, row.user_id, row.tenant) == (visit.user, "user-1", visit.tenant)
    assert Tenant.objects.get(pk=visit.tenant.pk).version == before + 1
    read(visit)
    assert Tenant.objects.get(pk=visit.tenant.pk).version == before + 1
    assert OwnReading.objects.get().reason == ""


def test_the_last_year_that_there_is_means_never(keystone: Keystone, visit: Visit) -> None:
    keystone.add("grafana", expires_at="9999-12-31T23:59:59.000000")
    read(visit)
    assert ServiceUser.objects.get().expires_at is None


def test_what_changed_and_what_went_is_told_of_its_owner_only(keystone: Keystone, visit: Visit) -> None:
    gone, kept = keystone.add("gone"), keystone.add("kept")
    read(visit)
    other = join(visit.tenant, "other")
    keystone.cloud.user_id = "user-2"
    keystone.add("theirs", user_id="user-2")
    read(other)
    keystone.cloud.user_id = "user-1"
    del keystone.credentials[gone]
    keystone.credentials[kept]["description"] = "new words\0"
    read(visit)
    found = {row.label: (row.owner.username, row.description) for row in ServiceUser.objects.all()}
    assert found == {"kept": ("member", "new words�"), "theirs": ("other", "")}


def test_those_of_other_projects_are_rows_of_these(keystone: Keystone, visit: Visit) -> None:
    borealis = rows.make_tenant(visit.tenant.location, "borealis", "another-project")
    keystone.add("here")
    keystone.add("there", project_id="another-project")
    keystone.add("nowhere", project_id="a-project-that-the-portal-does-not-know")
    read(visit)
    assert ServiceUser.objects.get(tenant=borealis).label == "there"
    assert ServiceUser.objects.get(tenant=visit.tenant).label == "here"
    assert ServiceUser.objects.count() == 2


def test_two_locations_with_one_keystone_tell_of_one_service_user_and_warn_once(
    keystone: Keystone, visit: Visit, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.test"
    visit.user.email = "member@example.org"
    visit.user.save()
    _operation, there = made(visit, **CI | {"expires_at": timezone.now() + timedelta(days=2)})
    sister = rows.make_tenant(rows.make_location("far", cloud=keystone.cloud), external_id=visit.tenant.external_id)
    rows.make_member(visit.user, sister)
    keystone.add("by-hand", expires_at=(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S.000000"))
    read(visit)
    read(Visit(visit.user, sister, visit.role))
    found = {(row.label, row.outside, row.last_four) for row in ServiceUser.objects.filter(tenant=sister)}
    assert found == {("ci-deploy", False, there.secret[-4:]), ("by-hand", True, "")}
    lines, _left = listing.lines_of(Visit(visit.user, sister, visit.role), timezone.now())
    assert [line.sub for line in lines] == ["Made outside Meshdeck", "The one of atlas@north, works here too"]
    warning.send_due(timezone.now())
    assert sorted(one.subject.split()[0] for one in mail.outbox) == ["by-hand", "ci-deploy"]


def test_what_a_cloud_does_not_tell_of_its_kind_is_known_at_both_locations(keystone: Keystone, visit: Visit) -> None:
    """Keystone knows no end of an access key."""
    home = service_users_factory.service_user(
        visit.tenant, visit.user, "backups", kind="ec2", description="of the shop", last_four="abcd"
    )
    sister = rows.make_tenant(rows.make_location("far", cloud=keystone.cloud), external_id=visit.tenant.external_id)
    seen = Seen("ec2", home.external_id, visit.tenant.external_id, home.name, {"roles": ["member"]})
    write([sister], visit.user, [seen], ["ec2"], timezone.now())
    row = ServiceUser.objects.get(tenant=sister)
    assert (row.expires_at, row.description, row.last_four) == (home.expires_at, "of the shop", "abcd")


def test_a_reading_that_began_before_an_operation_wrote_leaves_its_row(
    keystone: Keystone, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = timezone.now() - timedelta(seconds=5)
    _operation, there = made(visit, **CI)
    told = keystone.credentials.pop(there.row.external_id)  # the list was read before it was made
    monkeypatch.setattr("services.service_users.register.timezone.now", lambda: began)
    read(visit)
    monkeypatch.undo()
    keystone.credentials[there.row.external_id] = told
    row = ServiceUser.objects.get()
    assert (row.label, row.last_four) == ("ci-deploy", there.secret[-4:])


def test_one_on_its_way_is_left_to_its_operation(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, "create-service-user", **CI)
    keystone.add(f"ci-deploy.{operation.pk}")
    read(visit)
    assert not ServiceUser.objects.exists()
    assert len(keystone.credentials) == 1


def test_what_a_failed_operation_left_behind_is_ended(
    keystone: Keystone, visit: Visit, sent: list[tuple[str, list[Any]]]
) -> None:
    operation = ask(visit, "create-service-user", **CI)
    turn.turn(operation.pk)
    ServiceUser.objects.all().delete()
    turn.broke(operation.pk)  # a fault of ours in the middle: the credential is there, and nobody has its secret
    assert len(keystone.credentials) == 1
    sent.clear()
    tasks.sweep()
    assert sent == []  # what was sent may still arrive
    Operation.objects.update(ended_at=timezone.now() - timedelta(minutes=1))
    tasks.sweep()
    assert sent == [("service_users.refresh", [visit.tenant.pk, str(operation.grant)])]
    tasks.refresh(*sent.pop()[1])
    assert keystone.credentials == {}
    assert not ServiceUser.objects.exists()
    OwnReading.objects.update(read_at=timezone.now())
    tasks.sweep()
    assert sent == []


def test_one_that_was_taken_is_not_ended_whatever_became_of_its_operation(keystone: Keystone, visit: Visit) -> None:
    operation, there = made(visit, **CI)
    Operation.objects.filter(pk=operation.pk).update(state=State.FAILED)
    read(visit)
    assert list(keystone.credentials) == [there.row.external_id]


def test_a_cloud_that_does_not_answer_leaves_what_is_known(keystone: Keystone, visit: Visit) -> None:
    keystone.add("grafana")
    read(visit)
    keystone.cloud.break_service(f"{KEYSTONE}/users", status_code=503)
    read(visit)
    assert ServiceUser.objects.get().label == "grafana"
    reading_ = OwnReading.objects.get()
    assert "503" in reading_.reason
    assert reading_.read_at is not None
    assert reading_.read_at < reading_.tried_at


def test_a_look_has_it_read_when_that_is_long_ago_and_once(visit: Visit, sent: list[tuple[str, list[Any]]]) -> None:
    grant = visit.user.grants.get().pk
    assert reading.look_at(visit, grant) is None
    reading.look_at(visit, grant)
    assert sent == [("service_users.refresh", [visit.tenant.pk, str(grant)])]


# The end of an overlap


def rotated(keystone: Keystone, visit: Visit) -> tuple[str, str]:
    """Return the ids of the old and the new one."""
    _first, old = made(visit, **CI)
    _second, new = made(visit, "rotate-service-user", external_id=old.row.external_id, expires_at=ENDS)
    return old.row.external_id, new.row.external_id


def test_the_old_secret_ends_by_itself_when_its_time_is_over(keystone: Keystone, visit: Visit) -> None:
    old, new = rotated(keystone, visit)
    tasks.sweep()
    assert not Operation.objects.filter(action="revoke-service-user").exists()
    ServiceUser.objects.filter(external_id=old).update(ends_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    tasks.sweep()
    operation = Operation.objects.get(action="revoke-service-user")
    assert go(operation).state == State.DONE
    assert list(keystone.credentials) == [new]
    assert not ServiceUser.objects.filter(external_id=old).exists()


def test_a_key_that_was_used_for_something_else_stops_no_other_end(keystone: Keystone, visit: Visit) -> None:
    old, _new = rotated(keystone, visit)
    over = timezone.now() - timedelta(seconds=1)
    ServiceUser.objects.filter(external_id=old).update(ends_at=over)
    row = ServiceUser.objects.get(external_id=old)
    used = Operation.objects.filter(action="create-service-user").latest("asked_at")
    Operation.objects.filter(pk=used.pk).update(key=f"overlap-{row.pk}-{timezone.now():%Y%m%d%H}")
    other = ServiceUser.objects.exclude(external_id=old).get()
    ServiceUser.objects.filter(pk=other.pk).update(ends_at=over)
    tasks.sweep()
    asked = Operation.objects.filter(action="revoke-service-user").values_list("params__external_id", flat=True)
    assert list(asked) == [other.external_id]


def test_it_waits_for_its_owner_to_log_in(keystone: Keystone, visit: Visit) -> None:
    old, _new = rotated(keystone, visit)
    ServiceUser.objects.filter(external_id=old).update(ends_at=timezone.now() - timedelta(seconds=1))
    visit.user.grants.update(ended_at=timezone.now())
    tasks.sweep()
    assert not Operation.objects.filter(action="revoke-service-user").exists()
    rows.make_grant(visit.user)
    tasks.sweep()
    assert Operation.objects.filter(action="revoke-service-user").count() == 1


# Warnings


@pytest.fixture
def ending(keystone: Keystone, visit: Visit, settings: Any) -> ServiceUser:
    settings.EMAIL_HOST = "mail.test"
    visit.user.email = "zoe@example.org"
    visit.user.save()
    keystone.add("ci\r\nBcc: thief@example.org", description="Pipeline <b>of</b> the shop")
    read(visit)
    ServiceUser.objects.update(expires_at=timezone.now() + timedelta(days=13))
    return ServiceUser.objects.get()


def test_the_owner_is_warned_once_at_fourteen_days_and_once_at_three(ending: ServiceUser) -> None:
    tasks.warn()
    tasks.warn()
    (message,) = mail.outbox
    assert message.to == ["zoe@example.org"]
    assert message.subject == "ci Bcc: thief@example.org in atlas@north ends soon"
    assert "Pipeline <b>of</b> the shop" in message.body
    assert "/atlas@north/service-users/" in message.body
    ServiceUser.objects.update(expires_at=timezone.now() + timedelta(days=2))
    tasks.warn()
    tasks.warn()
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("expires_at", timedelta(days=15)),
        ("expires_at", timedelta(days=-1)),
        ("expires_at", None),
        ("ends_at", timedelta(hours=1)),
    ],
)
def test_nobody_is_warned_of_what_needs_no_warning(ending: ServiceUser, what: str, value: timedelta | None) -> None:
    ServiceUser.objects.update(**{what: None if value is None else timezone.now() + value})
    tasks.warn()
    assert mail.outbox == []


def test_an_address_that_is_none_and_a_server_that_is_away_harm_nobody(
    ending: ServiceUser, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit.user.email = "zoe@example.org\nBcc: thief@example.org"
    visit.user.save()
    tasks.warn()
    assert mail.outbox == []
    ServiceUser.objects.update(warned_days=None)
    visit.user.email = "zoe@example.org"
    visit.user.save()

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise smtplib.SMTPRecipientsRefused({})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    tasks.warn()
    assert ServiceUser.objects.get().warned_days == 14


def test_without_a_mail_server_nothing_is_sent(ending: ServiceUser, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    tasks.warn()
    assert mail.outbox == []
    assert ServiceUser.objects.get().warned_days is None
