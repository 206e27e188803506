"""Keystone users as a kind of service user: made by the operator's account, with one's own roles, ended by us."""

import logging
from datetime import timedelta
from typing import Any

import pytest
import requests_mock
import yaml
from django.test import Client
from django.utils import timezone

from portal.ui.commands import Command
from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Location, Membership, Operation, Role, Tenant
from projects.operations import turn
from services.service_users import register, tasks
from services.service_users.models import ServiceUser
from tests.unit.clouds_fake import PROJECT, WAY_IN, FakeCloud
from tests.unit.keystone_users import ACCOUNT, DOMAIN, PASSWORD, KeystoneUsers
from tests.unit.servers_cast import ask, go, refused
from tests.unit.service_users_browser import LIST, log_in, page, ready, send
from tests.unit.service_users_browser import take as take_file
from tests.unit.service_users_cast import CI, ENDS, join, made, member_of, take

pytestmark = pytest.mark.django_db

State = Operation.State
CREATE, ROTATE, REVOKE = "create-service-user", "rotate-service-user", "revoke-service-user"
USER: dict[str, Any] = CI | {"kind": "keystone-user"}


@pytest.fixture(autouse=True)
def password(settings: Any) -> None:
    settings.ACCOUNT_PASSWORDS = {"north": PASSWORD}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def keystone(cloud: FakeCloud) -> KeystoneUsers:
    return KeystoneUsers(cloud)


@pytest.fixture
def visit(keystone: KeystoneUsers, client: Client) -> Visit:
    visit = member_of(keystone)
    Location.objects.update(account_name=ACCOUNT, account_domain=DOMAIN)
    visit.tenant.location.refresh_from_db()
    log_in(client, visit)
    return visit


def admin_of(visit: Visit) -> Visit:
    """Return an admin of the same project."""
    return join(visit.tenant, "boss", Role.ADMIN)


def test_it_is_made_by_the_account_with_ones_own_roles_in_this_project(keystone: KeystoneUsers, visit: Visit) -> None:
    operation, credential = made(visit, **USER, roles=["member"])
    ((external_id, there),) = keystone.users.items()
    assert (there["name"], there["domain_id"]) == (f"ci-deploy.{operation.pk}", DOMAIN)
    assert (there["default_project_id"], there["description"]) == (PROJECT, "Pipeline of the shop")
    assert there["options"] == {"ignore_change_password_upon_first_use": True}
    assert keystone.roles[external_id] == ["2"]  # the id that the person's own token has for member
    assert keystone.passwords[external_id] == credential.secret
    row = ServiceUser.objects.get()
    assert (row.kind, row.label, row.roles, row.expires_at) == ("keystone-user", "ci-deploy", ["member"], ENDS)
    assert (row.owner, row.user_id) == (visit.user, "user-1")
    assert keystone.request_ids == {operation.request_id}
    assert take(visit, operation) is None


def test_what_a_failed_operation_left_behind_is_ended_though_nobody_is_logged_in(
    keystone: KeystoneUsers, visit: Visit
) -> None:
    operation = ask(visit, CREATE, **USER)
    turn.turn(operation.pk)
    turn.broke(operation.pk)
    visit.user.grants.update(ended_at=timezone.now())
    tasks.sweep()
    assert len(keystone.users) == 1  # what was sent may still arrive
    Operation.objects.update(ended_at=timezone.now() - timedelta(minutes=1))
    keystone.refuse = 503
    tasks.sweep()
    assert len(keystone.users) == 1
    keystone.refuse = 0
    tasks.sweep()
    assert keystone.users == {}
    assert not ServiceUser.objects.exists()
    before = keystone.requests
    tasks.sweep()
    assert keystone.requests == before  # it is settled


def test_one_that_was_taken_is_not_ended_whatever_became_of_its_operation(
    keystone: KeystoneUsers, visit: Visit
) -> None:
    operation, _credential = made(visit, **USER)
    Operation.objects.filter(pk=operation.pk).update(state=State.FAILED, ended_at=timezone.now() - timedelta(hours=1))
    tasks.sweep()
    assert len(keystone.users) == 1
    assert ServiceUser.objects.exists()


def test_only_roles_of_ones_own_are_given_on(keystone: KeystoneUsers, visit: Visit) -> None:
    assert "manager" in refused(visit, CREATE, **USER, roles=["manager"])["roles"]
    visit.user.memberships.update(cloud_roles=["reader", "member", "manager"])  # what was true yesterday
    operation = go(ask(visit, CREATE, **USER, roles=["manager"]))
    assert (operation.state, operation.code) == (State.FAILED, "role_missing")
    assert keystone.made == 0
    rules = [{"service": "compute", "method": "GET", "path": "/**"}]
    assert "can't be narrowed" in refused(visit, CREATE, **USER, access_rules=rules)["may"]


def test_a_role_that_was_taken_away_since_the_token_was_made_is_not_given_on(
    keystone: KeystoneUsers, visit: Visit
) -> None:
    made(visit, **USER | {"name": "before"}, roles=["member"])
    del keystone.person_roles["member"]  # which the token that is kept still has
    operation = go(ask(visit, CREATE, **USER, roles=["member"]))
    assert (operation.state, operation.code) == (State.FAILED, "role_missing")
    assert "the role member any more" in operation.reason
    assert len(keystone.users) == 1
    _operation, credential = made(visit, **USER | {"name": "after"})  # all that is left
    assert credential.row.roles == ["reader"]


def test_who_asks_is_logged_in_anew_before_anything_is_given_on(keystone: KeystoneUsers, visit: Visit) -> None:
    """The token that is kept has the groups of when it was made."""

    def ways_in() -> int:
        return sum(one.url == WAY_IN for one in keystone.cloud.mock.request_history)

    made(visit, **USER | {"name": "before"})
    before = ways_in()
    made(visit, **USER | {"name": "after"})
    assert ways_in() == before + 1


def test_an_account_of_another_domain_ends_nothing_and_forgets_nothing(keystone: KeystoneUsers, visit: Visit) -> None:
    _operation, credential = made(visit, **USER)
    ServiceUser.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Location.objects.update(account_domain="another")
    tenant = Tenant.objects.select_related("location").get()
    register.forget_gone(tenant)
    tasks.sweep()
    assert ServiceUser.objects.get().ended_at is None
    operation = go(ask(visit, REVOKE, external_id=credential.row.external_id))
    assert (operation.state, operation.code) == (State.FAILED, "account")
    assert "for another domain now" in operation.reason
    assert list(keystone.users) == [credential.row.external_id]


def test_a_location_that_is_away_is_asked_once_and_not_while_it_rests(keystone: KeystoneUsers, visit: Visit) -> None:
    for number in range(3):
        made(visit, **USER | {"name": f"ci-{number}"})
    ServiceUser.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    keystone.refuse = 503
    before = keystone.logins
    tasks.sweep()
    assert keystone.logins == before + 1
    keystone.refuse = 0
    Location.objects.update(next_try_at=timezone.now() + timedelta(minutes=1))
    tasks.sweep()
    assert keystone.logins == before + 1
    assert len(keystone.users) == 3
    Location.objects.update(next_try_at=None)
    tasks.sweep()
    assert keystone.users == {}


def test_one_that_has_ended_is_removed_and_its_name_is_free(
    client: Client, keystone: KeystoneUsers, visit: Visit
) -> None:
    made(visit, **USER)
    ServiceUser.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    text = page(client)
    assert ">Remove<" in text
    assert ">Rotate<" not in text
    made(visit, **USER)
    assert len(keystone.users) == 1


def test_the_command_that_revokes_is_the_kinds_own() -> None:
    action = ACTIONS[REVOKE]
    lines = {kind.value: action.commands(action.params(external_id="x", kind=kind), {}) for kind in ServiceUser.Kind}
    assert lines == {
        "application-credential": [Command("application credential delete", things=["x"])],
        "ec2": [Command("credential delete", things=["x"])],
        "keystone-user": [],
    }


def test_no_command_of_ones_own_is_shown_for_what_the_account_does(client: Client, visit: Visit) -> None:
    sent = {"name": "ci", "may": "all", "roles": ["member"], "ends": "90", "file": "sh"}
    shown = {}
    for kind in ("application-credential", "keystone-user"):
        looked = client.post(f"{LIST}create/", sent | {"kind": kind}, headers={"X-Meshdeck-Preview": "1"})
        shown[kind] = looked.content.decode()
    assert "application credential create" in shown["application-credential"]
    assert "No command of yours does this" not in shown["application-credential"]
    assert "No command of yours does this" in shown["keystone-user"]


def test_it_is_offered_where_there_is_an_account_and_else_the_reason_is_said(client: Client, visit: Visit) -> None:
    assert "Belongs to nobody. Goes on when you leave atlas" in page(client, f"{LIST}create/")
    Tenant.objects.update(domain_id="another")
    assert "of another domain" in page(client, f"{LIST}create/")
    Location.objects.update(account_name="", account_domain="")
    assert "has given Meshdeck no account for it" in page(client, f"{LIST}create/")
    response = send(client, kind="keystone-user")
    assert response.status_code == 422
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("broken", "said"),
    [("password", "lack the password"), ("login", "refuses this to the account"), ("grants", "refuses this to the")],
)
def test_an_account_that_does_not_work_is_told_as_what_it_is(
    keystone: KeystoneUsers, visit: Visit, settings: Any, broken: str, said: str
) -> None:
    if broken == "password":
        settings.ACCOUNT_PASSWORDS = {}
    elif broken == "login":
        settings.ACCOUNT_PASSWORDS = {"north": "a wrong one"}
    else:
        keystone.refuse_grants = 403
    operation = go(ask(visit, CREATE, **USER))
    assert (operation.state, operation.code) == (State.FAILED, "account")
    assert said in operation.reason
    keystone.refuse_grants = 0
    settings.ACCOUNT_PASSWORDS = {"north": PASSWORD}
    Operation.objects.update(ended_at=timezone.now() - timedelta(minutes=1))
    tasks.sweep()  # one was there without its roles
    assert keystone.users == {}


def test_a_rotation_overlaps_and_the_old_one_is_ended_without_anybody(keystone: KeystoneUsers, visit: Visit) -> None:
    _first, old = made(visit, **USER, roles=["reader"])
    _second, new = made(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS, overlap_minutes=60)
    assert set(keystone.users) == {old.row.external_id, new.row.external_id}
    assert keystone.roles[new.row.external_id] == ["1"]
    visit.user.grants.update(ended_at=timezone.now())
    tasks.sweep()
    assert len(keystone.users) == 2
    ServiceUser.objects.filter(external_id=old.row.external_id).update(ends_at=timezone.now())
    tasks.sweep()
    assert list(keystone.users) == [new.row.external_id]
    assert ServiceUser.objects.get().external_id == new.row.external_id


def test_who_has_a_role_no_more_does_not_rotate_what_has_it(keystone: KeystoneUsers, visit: Visit) -> None:
    _first, old = made(visit, **USER, roles=["member"])
    ServiceUser.objects.update(roles=["manager"])
    operation = go(ask(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS))
    assert (operation.state, operation.code) == (State.FAILED, "role_missing")
    assert list(keystone.users) == [old.row.external_id]


def test_at_its_end_it_is_ended_without_anybody_and_stays_in_the_list(
    client: Client, keystone: KeystoneUsers, visit: Visit
) -> None:
    _operation, credential = made(visit, **USER)
    ServiceUser.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Being ended" in page(client)
    visit.user.grants.update(ended_at=timezone.now())
    keystone.refuse = 503
    tasks.sweep()
    assert ServiceUser.objects.get().ended_at is None
    keystone.refuse = 0
    tasks.sweep()
    assert keystone.users == {}
    assert ServiceUser.objects.get().ended_at is not None
    before = keystone.logins
    tasks.sweep()
    register.forget_gone(visit.tenant)
    assert keystone.logins == before
    visit.user.grants.update(ended_at=None)
    assert ">Ended<" in page(client).replace("\n", "")
    go(ask(visit, REVOKE, external_id=credential.row.external_id))
    assert not ServiceUser.objects.exists()


def test_an_admin_of_the_project_ends_it_too_and_nobody_else(
    client: Client, keystone: KeystoneUsers, visit: Visit
) -> None:
    _operation, theirs = made(visit, **USER)
    other, boss = join(visit.tenant, "other"), admin_of(visit)
    assert "only its owner" in refused(other, REVOKE, external_id=theirs.row.external_id)[""]
    log_in(client, other)
    assert client.get(f"{LIST}{theirs.row.external_id}/revoke/").status_code == 404
    assert ">Revoke<" not in page(client)
    Membership.objects.filter(user=visit.user).delete()  # who made it has left
    log_in(client, boss)
    text = page(client)
    assert "Valid" in text
    assert "no longer in atlas" not in text
    assert client.get(f"{LIST}{theirs.row.external_id}/revoke/").status_code == 200
    operation = ask(boss, REVOKE, external_id=theirs.row.external_id)
    Membership.objects.filter(user=boss.user).update(role=Role.MEMBER)  # no admin any more when it comes to it
    assert go(operation).code == "not_mine"
    assert len(keystone.users) == 1
    Membership.objects.filter(user=boss.user).update(role=Role.ADMIN)
    assert go(ask(boss, REVOKE, external_id=theirs.row.external_id)).state == State.DONE
    assert keystone.users == {}
    assert not ServiceUser.objects.exists()


@pytest.mark.parametrize("values", [{"name": "zoe"}, {"domain_id": "another"}])
def test_nobody_but_our_own_is_ever_touched(keystone: KeystoneUsers, visit: Visit, values: dict[str, str]) -> None:
    _operation, mine = made(visit, **USER)
    theirs = keystone.add(**{"name": f"x.{mine.row.operation_id}"} | values)
    ServiceUser.objects.update(external_id=theirs, name=keystone.users[theirs]["name"])  # should our rows be wrong
    go(ask(visit, REVOKE, external_id=theirs))
    assert theirs in keystone.users
    assert len(keystone.users) == 2


def test_one_that_is_gone_from_the_cloud_goes_from_the_list_at_the_next_look(
    keystone: KeystoneUsers, visit: Visit
) -> None:
    made(visit, **USER)
    register.forget_gone(visit.tenant)
    assert ServiceUser.objects.count() == 1
    keystone.users.clear()
    keystone.refuse = 503
    register.forget_gone(visit.tenant)
    assert ServiceUser.objects.count() == 1
    keystone.refuse = 0
    register.forget_gone(visit.tenant)
    assert not ServiceUser.objects.exists()


def test_its_files_log_in_by_password_in_its_project(client: Client, keystone: KeystoneUsers, visit: Visit) -> None:
    operation = ready(client, kind="keystone-user", may="look")
    ((external_id, secret),) = keystone.passwords.items()
    assert keystone.roles[external_id] == ["1"]
    text = page(client, f"{LIST}made/{operation.pk}/?as=clouds")
    assert secret not in text
    found = take_file(client, operation, "all").json()
    entry = yaml.safe_load(found["clouds"]["text"])["clouds"]["atlas-north-ci-deploy"]
    assert entry["auth_type"] == "v3password"
    assert {name: entry["auth"][name] for name in ("user_id", "password", "project_id")} == {
        "user_id": external_id,
        "password": secret,
        "project_id": PROJECT,
    }
    assert f"meshrc_set OS_PASSWORD '{secret}'" in found["sh"]["text"]
    assert "OS_APPLICATION" not in found["sh"]["text"]
    assert "logs in with a password of its own" in found["sh"]["text"]


def test_neither_secret_is_in_a_log_or_in_the_database(
    keystone: KeystoneUsers, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "keystoneauth", "openstack", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    operation, credential = made(visit, **USER)
    row = ServiceUser.objects.values().get()
    kept = f"{Operation.objects.values().get(pk=operation.pk)} {row} {Location.objects.values().get()} {credential}"
    assert "create-service-user" in kept
    for secret in (PASSWORD, credential.secret):
        assert secret not in caplog.text
        assert secret not in kept


def test_what_nobody_can_end_says_that_it_still_works(client: Client, keystone: KeystoneUsers, visit: Visit) -> None:
    made(visit, **USER)
    ServiceUser.objects.update(expires_at=timezone.now() - timedelta(minutes=6))
    Location.objects.update(account_name="", account_domain="")
    before = keystone.logins
    tasks.sweep()
    register.forget_gone(Tenant.objects.select_related("location").get())
    assert keystone.logins == before
    assert "Still works: it could not be ended yet" in page(client)


def test_a_look_costs_one_login_however_many_there_are(keystone: KeystoneUsers, visit: Visit) -> None:
    for number in range(3):
        made(visit, **USER | {"name": f"ci-{number}"})
    before = keystone.logins
    register.forget_gone(visit.tenant)
    assert keystone.logins == before + 1
