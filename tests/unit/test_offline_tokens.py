"""Offline tokens against the built-in provider, as a process of its own: asked for, handed over once, revoked."""

import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django.fixtures import Settings

from portal.identity import offline
from portal.identity.models import OfflineToken
from projects.models import Tenant
from tests import factories
from tests.providers.builtin import OFFLINE, IdentityProvider
from tests.providers.client import TIMEOUT, Attempt, Browser, form_with, location, submit
from tests.providers.whole_login import PORTAL, portal_browser
from tests.unit.offline_person import PAGE, SPENT, Person, point_at, refresh, secret_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(identity_provider: IdentityProvider, settings: Settings, patient_portal: None) -> IdentityProvider:
    point_at(identity_provider, settings)
    return identity_provider


@pytest.fixture
def member(portal: IdentityProvider, cast: factories.Cast) -> Person:
    person = Person(portal)
    factories.join(person.user, cast.atlas, cast.borealis)
    return person


@pytest.fixture
def cast() -> factories.Cast:
    return factories.cast()


def test_the_provider_is_asked_for_consent_and_for_staying(member: Person) -> None:
    begun = member.client.get(f"{PAGE}offline/new/")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun["Location"]).query).items()}
    assert (asked["client_id"], asked["prompt"]) == ("meshdeck-cli", "consent")
    assert "offline_access" in asked["scope"].split()
    assert (asked["code_challenge_method"], asked["redirect_uri"]) == ("S256", f"{PORTAL}/oidc/offline/")


def test_a_token_is_handed_over_once_and_works(member: Person) -> None:
    led = member.asks(kind="ps1")
    row = OfflineToken.objects.get()
    assert led["Location"] == f"{PAGE}offline/{row.pk}/?as=ps1"
    assert (row.user, row.about, row.made_from) == (member.user, "atlas@north", "Firefox, Linux")
    shown = member.client.get(led["Location"]).content.decode()
    assert "data-ready" in shown
    assert f"meshrc-atlas-north-{row.number}.ps1" in shown

    file = member.takes(row)
    assert file["Content-Disposition"] == f'attachment; filename="meshrc-atlas-north-{row.number}.sh"'
    assert "no-store" in file["Cache-Control"]
    token = secret_in(file.content.decode())
    again = member.takes(row)
    assert again.status_code == 409
    assert token not in again.content.decode()
    assert "data-ready" not in member.client.get(led["Location"]).content.decode()
    answer = member.provider.command_line().refresh(token).json()
    claims = member.provider.command_line().claims(answer["access_token"], "openstack")
    assert (claims["preferred_username"], claims["azp"]) == ("member", "meshdeck-cli")


def test_with_scripts_the_page_gets_both_files_at_once(member: Person) -> None:
    member.asks()
    found = member.takes(OfflineToken.objects.get(), "all").json()
    assert sorted(found) == ["ps1", "sh"]
    assert secret_in(found["ps1"]["text"]) == secret_in(found["sh"]["text"])


def test_revoking_on_the_page_ends_it_however_often_it_was_renewed(member: Person) -> None:
    row, token = member.token()
    _other_row, other = member.token()
    for _ in range(3):
        code, token = refresh(member.provider, token)
        assert code == 200
    page = member.client.get(f"{PAGE}?way=offline").content.decode()
    assert page.count("handed over") == 2
    confirm = member.client.get(f"{PAGE}offline/{row.pk}/revoke/").content.decode()
    assert f"number {row.number}" in confirm
    code, token = refresh(member.provider, token)
    assert code == 200  # nothing was done by looking
    assert member.client.post(f"{PAGE}offline/{row.pk}/revoke/")["Location"] == f"{PAGE}?way=offline"
    assert refresh(member.provider, token) == SPENT
    assert refresh(member.provider, other)[0] == 200
    row.refresh_from_db()
    assert (row.end_reason, row.revoker) == (OfflineToken.End.REVOKED, "")
    page = member.client.get(f"{PAGE}?way=offline").content.decode()
    assert (page.count("handed over"), page.count(">revoked<")) == (1, 1)
    assert member.client.post(f"{PAGE}offline/{row.pk}/revoke/").status_code == 302  # again is no error


def test_only_who_asked_takes_it_and_in_the_same_login(member: Person, portal: IdentityProvider) -> None:
    member.asks()
    row = OfflineToken.objects.get()
    elsewhere = Person(portal)  # the same person in another browser
    assert elsewhere.takes(row).status_code == 409
    stranger = Person(portal, "reader")
    factories.join(stranger.user, Tenant.objects.get(project__slug="atlas", location__name="north"))
    for answer in (
        stranger.takes(row),
        stranger.client.get(f"{PAGE}offline/{row.pk}/"),
        stranger.client.post(f"{PAGE}offline/{row.pk}/revoke/"),
    ):
        assert answer.status_code == 404
    assert row.number not in stranger.client.get(f"{PAGE}?way=offline").content.decode()
    assert refresh(portal, secret_in(member.takes(row).content.decode()))[0] == 200


def test_a_consent_without_staying_makes_nothing(member: Person) -> None:
    answer = member.asks(scopes=OFFLINE[:-1])
    assert answer.status_code == 403
    assert "Keep all permissions selected" in answer.content.decode()
    assert not OfflineToken.objects.exists()


def test_a_refused_consent_makes_nothing(member: Person) -> None:
    _, query = location(submit(member.browser, form_with(member.consent_page(), "request", "scopes"), action="cancel"))
    answer = member.client.get("/oidc/offline/", query)
    assert answer.status_code == 403
    assert "You cancelled at" in answer.content.decode()
    assert not OfflineToken.objects.exists()


def test_a_token_of_somebody_else_is_not_given_and_ended(member: Person) -> None:
    begun = member.client.get(f"{PAGE}offline/new/")
    other = Browser()
    page = member.provider.log_in(other, Attempt(begun["Location"], "", "", "", ""), "reader")
    _, query = location(member.provider.consent(other, page))
    answer = member.client.get("/oidc/offline/", query)
    assert answer.status_code == 403
    assert "as a different user" in answer.content.decode()
    assert not OfflineToken.objects.exists()
    account = other.get(f"{member.provider.issuer}/account/command-lines/", timeout=TIMEOUT)
    assert "None." in account.text


def test_an_answer_is_good_once_and_in_its_own_browser(member: Person, portal: IdentityProvider) -> None:
    query = member.consents()
    thief = Person(portal)
    assert thief.client.get("/oidc/offline/", query).status_code == 400
    assert member.client.get("/oidc/offline/", {**query, "state": "x"}).status_code == 400
    assert member.client.get("/oidc/offline/", {**query, "code": ["a", "b"]}).status_code == 400
    assert member.client.get("/oidc/offline/", query).status_code == 400  # the state is spent
    assert not OfflineToken.objects.exists()
    assert member.asks().status_code == 302


def test_an_answer_for_a_token_logs_nobody_in_and_a_logins_gives_no_token(member: Person) -> None:
    query = member.consents()
    assert "This login has already been used" in member.client.get("/oidc/callback/", query).content.decode()
    begun = portal_browser()
    login = begun.get("/oidc/login/")
    state = parse_qs(urlsplit(login["Location"]).query)["state"][0]
    assert begun.get("/oidc/offline/", {"code": "x", "state": state}).status_code == 400
    assert not OfflineToken.objects.exists()


def test_who_is_logged_out_meanwhile_gets_nothing(member: Person, settings: Settings) -> None:
    query = member.consents()
    del member.client.cookies[settings.SESSION_COOKIE_NAME]
    assert member.client.get("/oidc/offline/", query).status_code == 401
    assert not OfflineToken.objects.exists()


@pytest.mark.parametrize("kind", ["clouds", "env", "secure", "json", "", "../x"])
def test_there_is_no_other_kind_of_file(member: Person, kind: str) -> None:
    assert member.client.get(f"{PAGE}offline/new/", {"as": kind}).status_code == 404
    member.asks()
    assert member.takes(OfflineToken.objects.get(), kind).status_code == 404


def test_the_usual_downloads_know_nothing_of_it(member: Person) -> None:
    for kind in ("sh", "ps1", "clouds", "env", "secure"):
        assert member.client.get(f"{PAGE}files/offline/{kind}/").status_code == 404
        assert member.client.post(f"{PAGE}secret-files/offline/{kind}/").status_code == 404
    assert member.client.get("/cli/offline/clouds.yaml").status_code == 404
    assert member.client.post("/cli/offline/secure.yaml").status_code == 404


def test_what_nobody_took_is_ended_by_itself(member: Person) -> None:
    member.asks()
    row = OfflineToken.objects.get()
    assert offline.sweep() == 0  # it has its time
    token = offline.envelope.take(f"offline token {row.pk}", offline.UUID(member.client.session["identity.grant"]))
    OfflineToken.objects.update(made_at=datetime.now(UTC) - timedelta(minutes=6))
    assert offline.sweep() == 1
    row.refresh_from_db()
    assert (row.end_reason, row.revoker) == (OfflineToken.End.NOT_TAKEN, "")
    assert refresh(member.provider, token or "") == SPENT
    assert member.takes(row).status_code == 409
    assert offline.sweep() == 0


def test_what_was_taken_is_left_alone(member: Person) -> None:
    row, token = member.token()
    OfflineToken.objects.update(made_at=datetime.now(UTC) - timedelta(days=60))
    assert offline.sweep() == 0
    assert refresh(member.provider, token)[0] == 200
    row.refresh_from_db()
    assert row.ended_at is None


def test_no_line_of_the_log_has_a_token(member: Person, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    row, token = member.token()
    member.client.post(f"{PAGE}offline/{row.pk}/revoke/")
    said = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert "offline_token_made" in said
    assert token not in said
