"""A service user is made: one effect, and no login that nobody knows, whoever dies on the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.identity import vault
from portal.identity.models import EndReason
from projects.access import Visit
from projects.models import Operation, Role
from services.service_users import envelope, handing
from services.service_users.models import ServiceUser
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import KEYSTONE, PROJECT
from tests.unit.keystone_fake import Keystone
from tests.unit.servers_cast import ask, go, later, refused
from tests.unit.service_users_cast import CI, ENDS, join, made, member_of, overdue, take, until_ready

pytestmark = pytest.mark.django_db

State = Operation.State
CREATE, ROTATE, REVOKE = "create-service-user", "rotate-service-user", "revoke-service-user"


def test_it_is_made_as_was_asked_for_and_handed_over_once(keystone: Keystone, visit: Visit) -> None:
    rules = [{"service": "object-store", "method": "GET", "path": "/**"}]
    operation, credential = made(visit, **CI, roles=["reader"], access_rules=rules)
    (there,) = keystone.credentials.values()
    assert there["name"] == f"ci-deploy.{operation.pk}"
    assert there["description"] == "Pipeline of the shop"
    assert [role["name"] for role in there["roles"]] == ["reader"]
    assert there["access_rules"] == rules
    assert there["project_id"] == PROJECT
    assert there["expires_at"] == f"{ENDS:%Y-%m-%dT%H:%M:%S}.000000"
    assert credential.secret == keystone.secrets[there["id"]]
    assert len(credential.secret) == 43
    row = ServiceUser.objects.get()
    assert (row.label, row.last_four, row.owner) == ("ci-deploy", credential.secret[-4:], visit.user)
    assert (row.roles, row.access_rules, row.expires_at) == (["reader"], rules, ENDS)
    assert row.taken_at is not None
    assert row.made_at is not None
    assert take(visit, operation) is None
    assert operation.targets.get().external_id == there["id"]
    assert [step["key"] for step in operation.steps] == ["make", "hand"]


def test_an_unrestricted_one_is_never_asked_for(keystone: Keystone, visit: Visit) -> None:
    made(visit, **CI)
    (post,) = [one for one in keystone.cloud.mock.request_history if one.method == "POST" and "users/" in one.url]
    assert post.json()["application_credential"]["unrestricted"] is False


def test_an_answer_that_never_came_and_a_request_that_comes_late_make_no_second_one(
    keystone: Keystone, visit: Visit
) -> None:
    operation = ask(visit, CREATE, **CI)
    keystone.kill(1, "before")
    go(operation, turns=1)
    # It was on its way, and arrives now.
    keystone.add(f"ci-deploy.{operation.pk}")
    go(operation, turns=6)
    credential = take(visit, operation)
    assert credential is not None
    assert list(keystone.credentials) == [credential.row.external_id]
    assert go(operation).state == State.DONE


def test_what_nobody_took_is_revoked_and_the_operation_says_so(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, CREATE, **CI)
    until_ready(operation)
    assert keystone.credentials
    overdue(operation)
    go(operation, turns=2)
    operation.refresh_from_db()
    assert operation.is_open  # the page may just be saying that it took it
    later(operation, 6)
    operation = go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "not_taken")
    assert operation.note == "It is gone from the cloud."
    assert keystone.credentials == {}
    assert not ServiceUser.objects.exists()


def test_who_is_later_than_the_worker_by_a_moment_gets_nothing(
    keystone: Keystone, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = ask(visit, CREATE, **CI)
    row = until_ready(operation)
    opened = envelope.take

    def take_and_close(operation_id: str, grant: Any) -> str | None:
        secret = opened(operation_id, grant)
        ServiceUser.objects.filter(pk=row.pk).update(closed_at=timezone.now())  # what a worker does right then
        return secret

    monkeypatch.setattr(envelope, "take", take_and_close)
    assert take(visit, operation) is None
    assert go(operation).state == State.FAILED
    assert keystone.credentials == {}


def test_of_many_that_ask_at_the_same_time_one_has_it(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, CREATE, **CI)
    until_ready(operation)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: envelope.take(operation.pk, operation.login), range(24)))
    assert [one for one in found if one] == [*keystone.secrets.values()]
    assert not envelope.lies_there(operation.pk, operation.login)


def test_only_the_login_that_asked_opens_the_envelope(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, CREATE, **CI)
    until_ready(operation)
    elsewhere = rows.make_grant(visit.user)
    assert handing.take(visit, elsewhere.pk, operation.pk) is None
    other = join(visit.tenant, "other")
    assert handing.take(other, operation.login, operation.pk) is None
    assert take(visit, operation) is not None


def test_the_end_of_the_login_that_asked_is_the_end_of_the_envelope(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, CREATE, **CI)
    until_ready(operation)
    rows.make_grant(visit.user)  # another browser, as which the operation goes on
    vault.end(operation.login, EndReason.LOGOUT)
    go(operation, turns=2)
    later(operation, 6)
    operation = go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "not_taken")
    assert keystone.credentials == {}


def test_nothing_is_made_for_a_login_that_has_ended(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, CREATE, **CI)
    rows.make_grant(visit.user)
    vault.end(operation.login, EndReason.LOGOUT)
    operation = go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "login_ended")
    assert keystone.made == 0


def test_one_that_was_revoked_elsewhere_before_it_was_taken_is_not_made_again(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, CREATE, **CI)
    until_ready(operation)
    go(operation, turns=1)
    keystone.credentials.clear()
    ServiceUser.objects.all().delete()  # as a refresh of the register finds it
    operation = go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "ended_elsewhere")
    assert keystone.made == 1


def test_a_role_that_i_do_not_have_is_refused_by_us_and_by_the_worker(keystone: Keystone, visit: Visit) -> None:
    said = refused(visit, CREATE, **CI, roles=["manager"])
    assert said == {"roles": "You do not have the role manager in atlas, so you can't give it on."}
    visit.user.memberships.update(cloud_roles=["reader", "member", "manager"])  # what was true yesterday
    operation = go(ask(visit, CREATE, **CI, roles=["manager"]))
    assert (operation.state, operation.code) == (State.FAILED, "role_missing")
    assert keystone.requests == 0


def test_an_end_in_the_past_or_none_at_all_is_refused(visit: Visit, settings: Any) -> None:
    past = CI | {"expires_at": timezone.now() - timedelta(days=1)}
    assert "in the past" in refused(visit, CREATE, **past)["expires_at"]
    far = CI | {"expires_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}
    assert "further away than 5 years" in refused(visit, CREATE, **far)["expires_at"]
    never = CI | {"expires_at": None}
    assert "has to end" in refused(visit, CREATE, **never)["expires_at"]
    settings.SERVICE_USERS_MAY_NEVER_END = True
    assert ask(visit, CREATE, **never).is_open


def test_a_name_of_mine_is_refused_and_that_of_another_person_is_not(keystone: Keystone, visit: Visit) -> None:
    made(visit, **CI)
    assert "Rotate it" in refused(visit, CREATE, **CI)["name"]
    assert ask(join(visit.tenant, "other"), CREATE, **CI).is_open


def test_nobody_makes_more_than_twenty_an_hour(keystone: Keystone, visit: Visit) -> None:
    first = ask(visit, CREATE, **CI)
    for number in range(19):
        Operation.objects.create(
            **{name: getattr(first, name) for name in ("tenant", "user", "grant", "action", "asked_at", "next_at")},
            sent_at=first.sent_at,
            id=f"op-{number:016}",
        )
    assert "20 in the last hour" in refused(visit, CREATE, **CI)[""]
    Operation.objects.filter(pk=first.pk).update(asked_at=timezone.now() - timedelta(hours=2))
    assert ask(visit, CREATE, **CI).is_open


def test_an_old_keystone_is_told_before_it_is_asked(keystone: Keystone, visit: Visit) -> None:
    identity = visit.tenant.location.services.filter(service="identity")
    identity.update(version="3.8")
    assert "older than Queens" in refused(visit, CREATE, **CI)["kind"]
    identity.update(version="3.12")
    rules = [{"service": "compute", "method": "GET", "path": "/**"}]
    assert "older than Train" in refused(visit, CREATE, **CI, access_rules=rules)["access_rules"]
    assert ask(visit, CREATE, **CI).is_open


def test_roles_by_group_alone_are_told_with_what_helps(keystone: Keystone, visit: Visit) -> None:
    message = "Invalid application credential: Could not find role assignment with role: 2, user or group: user-1"
    keystone.cloud.mock.post(
        f"{KEYSTONE}/users/user-1/application_credentials", status_code=400, json={"error": {"message": message}}
    )
    operation = go(ask(visit, CREATE, **CI))
    assert (operation.state, operation.code) == (State.FAILED, "roles_by_groups")
    assert "authorization_ttl" in operation.reason


def test_a_keystone_that_is_down_in_the_middle_is_waited_for(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, CREATE, **CI)
    keystone.cloud.break_service(KEYSTONE, status_code=503)
    go(operation, turns=2)
    operation.refresh_from_db()
    assert operation.is_open
    again = Keystone(keystone.cloud)
    keystone.cloud._identity()
    later(operation, 60)
    until_ready(operation)
    assert take(visit, operation) is not None
    assert go(operation).state == State.DONE
    assert len(again.credentials) == 1


def test_a_reader_makes_one_with_what_a_reader_has(keystone: Keystone) -> None:
    keystone.roles = ("reader",)
    reader = member_of(keystone, "reader", Role.READER)
    reader.user.memberships.update(cloud_roles=["reader"])
    _operation, credential = made(reader, **CI, roles=["reader"])
    assert credential.row.roles == ["reader"]
    assert "member" in refused(reader, CREATE, **CI, roles=["member"])["roles"]
