"""Who is let in to the API: bearers of the provider's access tokens, and sessions with the form's token."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import redis as redis_client
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from portal.identity import vault
from portal.identity.checks import api_audience_is_apart
from portal.identity.errors import SessionEnded
from portal.identity.models import EndReason, Grant, User
from portal.identity.tasks import clear_up
from projects.models import Discovery, Membership, Operation
from tests import factories
from tests.support.issuer import Issuer, new_key
from tests.unit.api_calls import ATLAS, ROOT, get, post, problem, trusted_issuer

pytestmark = pytest.mark.django_db

VOLUME = {"name": "data", "size_gb": 1}


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Issuer]:
    with trusted_issuer(settings) as issuer:
        yield issuer


@pytest.fixture
def cast(issuer: Issuer) -> factories.Cast:
    """Return the cast as people of this provider."""
    cast = factories.cast()
    User.objects.update(issuer=issuer.url)
    for person in (cast.admin, cast.member, cast.reader, cast.stranger):
        person.refresh_from_db()
    return cast


def token_of(issuer: Issuer, name: str = "member", **claims: Any) -> str:
    return issuer.token(**{"sub": f"sub-{name}", "preferred_username": name, "aud": "openstack"} | claims)


def asked_of(redis: "redis_client.Redis") -> str:
    """Return what workers were asked to do, as text."""
    return "".join(one.decode() for one in redis.lrange("celery", 0, -1))


# Bearers ------------------------------------------------------------------------------------------------------------


def test_a_token_of_the_provider_opens_what_its_person_may_see(cast: factories.Cast, issuer: Issuer) -> None:
    token = token_of(issuer)
    client = Client(enforce_csrf_checks=True)
    assert get(client, f"{ROOT}/me", token=token).json()["username"] == "member"
    assert get(client, f"{ATLAS}/servers", token=token).json()["total"] == 14
    made = post(client, f"{ATLAS}/actions/create-volume", VOLUME, token=token)
    assert made.status_code == 202
    assert get(client, f"{ATLAS}/servers", token=token_of(issuer, "stranger")).status_code == 404
    reader = token_of(issuer, "reader")
    assert post(client, f"{ATLAS}/actions/create-volume", VOLUME, token=reader).status_code == 403
    assert not client.cookies


def test_the_operation_is_done_with_the_token_that_asked_for_it(cast: factories.Cast, issuer: Issuer) -> None:
    token = token_of(issuer)
    made = post(Client(), f"{ATLAS}/actions/create-volume", VOLUME, token=token).json()
    operation = Operation.objects.get(pk=made["id"])
    assert (operation.via, operation.user) == ("api", cast.member)
    kept = vault.access_token(operation.grant)
    assert kept.value == token
    claims = jwt.decode(token, options={"verify_signature": False})
    assert abs(kept.expires_at - datetime.fromtimestamp(claims["exp"], UTC)) < timedelta(seconds=2)
    assert token not in str(Grant.objects.values().get(pk=operation.login))


JUST_ENDED = int(datetime.now(UTC).timestamp()) - 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "portal"},  # an ID token's
        {"aud": "another-service"},
        {"aud": None},
        {"iss": "https://login.example.org"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"exp": None},
        {"exp": 1_700_000_000},
        {"exp": "soon"},
        pytest.param({"exp": JUST_ENDED}, id="just ended"),  # within the leeway of logins
        {"nbf": 4_000_000_000},
        {"groups": [1]},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_opens_nothing(cast: factories.Cast, issuer: Issuer, wrong: dict[str, Any]) -> None:
    response = get(Client(), f"{ROOT}/me", token=token_of(issuer, "new", **wrong))
    problem(response, 401, "invalid_token")
    assert response["WWW-Authenticate"] == 'Bearer realm="meshdeck", error="invalid_token"'
    assert not Grant.objects.exists()
    assert not User.objects.filter(username="new").exists()


def test_a_token_that_somebody_else_signed_opens_nothing(cast: factories.Cast, issuer: Issuer) -> None:
    claims = issuer.claims(sub="sub-member", aud="openstack")
    stranger = jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": "first"})
    unsigned = jwt.encode(claims, None, algorithm="none")
    shared = jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "first"})
    good = token_of(issuer)
    for token in (stranger, unsigned, shared, good[:-4] + "AAAA", "rubbish", "a.b.c", "é", "Bearer x"):
        problem(get(Client(), f"{ROOT}/me", token=token), 401, "invalid_token")
    assert not Grant.objects.exists()


def test_another_scheme_or_no_token_opens_nothing(cast: factories.Cast, client: Client) -> None:
    for said in ("Basic bWVtYmVyOmRlbW8=", "Bearer", "Bearer  ", "bearer"):
        problem(client.get(f"{ROOT}/me", headers={"Authorization": said}), 401, "invalid_token")


def test_a_token_beside_a_session_is_what_counts(cast: factories.Cast, issuer: Issuer, client: Client) -> None:
    factories.log_in(client, cast.member)
    assert get(client, f"{ROOT}/me", token=token_of(issuer, "reader")).json()["username"] == "reader"
    assert get(client, f"{ROOT}/me", token="rubbish").status_code == 401
    assert get(client, f"{ROOT}/me").json()["username"] == "member"


def test_one_token_is_one_grant_and_another_is_another(cast: factories.Cast, issuer: Issuer) -> None:
    token = token_of(issuer)
    for _ in range(3):
        get(Client(), f"{ROOT}/me", token=token)
    assert Grant.objects.count() == 1
    get(Client(), f"{ROOT}/me", token=token_of(issuer, jti="second"))
    assert Grant.objects.count() == 2


def test_a_grant_of_a_token_ends_with_it(cast: factories.Cast, issuer: Issuer) -> None:
    get(Client(), f"{ROOT}/me", token=token_of(issuer))
    grant = Grant.objects.get()
    assert vault.live_grant(cast.member) == grant.pk
    Grant.objects.update(expires_at=datetime.now(UTC))
    assert vault.live_grant(cast.member) is None
    clear_up()
    grant.refresh_from_db()
    assert (grant.access_token, grant.end_reason) == ("", EndReason.NO_RENEWAL)
    with pytest.raises(SessionEnded):
        vault.access_token(grant.pk)


def test_a_token_whose_grant_was_ended_opens_nothing_more(cast: factories.Cast, issuer: Issuer) -> None:
    token = token_of(issuer)
    get(Client(), f"{ROOT}/me", token=token)
    vault.end(Grant.objects.get().pk, EndReason.LOGOUT)
    problem(get(Client(), f"{ROOT}/me", token=token), 401, "invalid_token")


def test_a_token_that_lives_for_days_is_taken_as_long_as_a_session(
    cast: factories.Cast, issuer: Issuer, settings: Settings
) -> None:
    token = token_of(issuer, exp=int(datetime.now(UTC).timestamp()) + 10**6)
    assert get(Client(), f"{ROOT}/me", token=token).status_code == 200
    Grant.objects.update(created_at=datetime.now(UTC) - timedelta(seconds=settings.SESSION_COOKIE_AGE))
    problem(get(Client(), f"{ROOT}/me", token=token), 401, "invalid_token")


def test_who_is_switched_off_is_out(cast: factories.Cast, issuer: Issuer) -> None:
    token = token_of(issuer)
    assert get(Client(), f"{ROOT}/me", token=token).status_code == 200
    User.objects.update(is_active=False)
    problem(get(Client(), f"{ROOT}/me", token=token), 401, "invalid_token")


def test_who_never_came_by_browser_is_made_known_and_looked_up(
    cast: factories.Cast, issuer: Issuer, redis: "redis_client.Redis", django_capture_on_commit_callbacks: Any
) -> None:
    token = token_of(issuer, "newcomer", groups=["atlas-member", "meshdeck-operators"])
    with django_capture_on_commit_callbacks(execute=True):
        assert get(Client(), f"{ATLAS}/servers", token=token).status_code == 404
    user = User.objects.get(subject="sub-newcomer")
    assert (user.username, user.is_staff) == ("newcomer", False)
    grant = Grant.objects.get(user=user)
    assert str(grant.pk) in asked_of(redis)
    assert "projects.discover" in asked_of(redis)

    said = get(Client(), f"{ROOT}/me", token=token).json()["locations"]
    assert {one["location"]: one["discovered_at"] for one in said} == {"north": None, "south": None}
    now = datetime.now(UTC)
    Discovery.objects.create(user=user, location=cast.north, tried_at=now, found=1)
    Membership.objects.create(user=user, tenant=cast.atlas, role="member", confirmed_at=now)
    said = get(Client(), f"{ROOT}/me", token=token).json()["locations"]
    assert [one["found"] for one in said if one["discovered_at"]] == [1]
    assert get(Client(), f"{ATLAS}/servers", token=token).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_first_calls_at_once_make_one_person_and_one_grant(issuer: Issuer) -> None:
    token, answers = token_of(issuer, "newcomer"), []
    both = threading.Barrier(2)

    def call() -> None:
        both.wait()
        answers.append(get(Client(), f"{ROOT}/me", token=token).status_code)
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200, 200]
    assert (User.objects.count(), Grant.objects.count()) == (1, 1)


def test_without_the_providers_keys_nobody_is_let_in_and_nobody_is_refused(settings: Settings) -> None:
    with Issuer() as issuer:
        token = token_of(issuer)
        settings.OIDC_ISSUER = issuer.url
    response = get(Client(), f"{ROOT}/me", token=token)
    problem(response, 503, "provider_away")
    assert response["Retry-After"] == "10"


def test_the_audience_is_the_operators_to_choose(cast: factories.Cast, issuer: Issuer, settings: Settings) -> None:
    settings.API_AUDIENCE = ["meshdeck"]
    assert get(Client(), f"{ROOT}/me", token=token_of(issuer)).status_code == 401
    assert get(Client(), f"{ROOT}/me", token=token_of(issuer, aud=["meshdeck", "openstack"])).status_code == 200
    assert api_audience_is_apart() == []
    for wrong in (["portal"], []):
        settings.API_AUDIENCE = wrong
        assert [one.id for one in api_audience_is_apart()] == ["identity.E003"]


# Sessions -----------------------------------------------------------------------------------------------------------


def test_with_a_session_changes_need_the_token_of_a_form() -> None:
    cast = factories.cast()
    client = Client(enforce_csrf_checks=True)
    factories.log_in(client, cast.member)
    assert get(client, f"{ATLAS}/servers").status_code == 200
    path = f"{ATLAS}/actions/create-volume"
    problem(post(client, path, VOLUME), 403, "csrf")
    problem(post(client, path, VOLUME, csrf="x" * 64), 403, "csrf")
    problem(post(client, f"{path}/preview", VOLUME), 403, "csrf")
    assert not Operation.objects.exists()
    page = client.get("/atlas@north/")
    csrf = str(page.context["csrf_token"])
    assert post(client, path, VOLUME, csrf=csrf).status_code == 202
    client.logout()
    problem(post(client, path, VOLUME, csrf=csrf), 401, "unauthenticated")


def test_a_session_whose_login_is_over_is_none_any_more(client: Client) -> None:
    cast = factories.cast()
    grant = factories.log_in(client, cast.member)
    session = client.session
    session["identity.renew_at"] = 0.0
    session.save()
    Grant.objects.filter(pk=grant).update(ended_at=datetime.now(UTC))
    problem(get(client, f"{ROOT}/me"), 401, "unauthenticated")
