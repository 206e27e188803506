"""Limits per person and per address: what is refused with 429, what is not, and what happens without Redis."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal import rates
from portal.settings import RATES
from portal.ui.forms import PREVIEW
from projects.models import Operation, Tenant
from tests import factories
from tests.support.issuer import Issuer
from tests.unit.api_calls import ATLAS, ROOT, get, post, problem, trusted_issuer

pytestmark = pytest.mark.django_db

VOLUME = {"name": "data", "size_gb": 1}
LIMITS = {"pages": "6/minute", "api": "5/minute", "changes": "3/minute", "visitors": "4/minute", "logins": "3/minute"}
LIMITS |= {"bearers": "2/minute"}


@pytest.fixture(autouse=True)
def _tight(settings: Settings) -> None:
    settings.RATES = LIMITS


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Issuer]:
    with trusted_issuer(settings) as issuer:
        yield issuer


def statuses(ask: Any, times: int) -> list[int]:
    return [ask().status_code for _ in range(times)]


def too_many(answer: Any) -> None:
    """Return a page of the family's look that says when to come again."""
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    text = answer.content.decode()
    assert "Too many requests" in text
    assert f"Wait {answer['Retry-After']} s" in text
    assert "no-store" in answer["Cache-Control"]
    assert "Request ID" in text


def test_pages_are_limited_per_person(member: Client, reader: Client, atlas: Tenant) -> None:
    assert statuses(lambda: member.get("/locations/"), 6) == [200] * 6
    too_many(member.get("/locations/"))
    assert reader.get("/locations/").status_code == 200


def test_person_is_limited_whatever_the_address(member: Client, atlas: Tenant) -> None:
    assert statuses(lambda: member.get("/locations/"), 6) == [200] * 6
    too_many(member.get("/locations/", REMOTE_ADDR="192.0.2.9"))


def test_visitors_are_limited_per_address(client: Client) -> None:
    assert statuses(lambda: client.get("/atlas@north/"), 4) == [302] * 4
    too_many(client.get("/atlas@north/"))
    assert client.get("/atlas@north/", REMOTE_ADDR="192.0.2.9").status_code == 302


def test_client_can_not_choose_its_address(client: Client) -> None:
    found = [client.get("/nothing/", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(5)]
    assert found[-1] == 429


def test_proxys_address_counts_behind_a_proxy(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    found = [client.get("/nothing/", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(5)]
    assert 429 not in found


def test_api_with_session_is_limited_as_a_problem(member: Client, atlas: Tenant) -> None:
    assert statuses(lambda: get(member, f"{ROOT}/me"), 5) == [200] * 5
    answer = get(member, f"{ROOT}/me")
    said = problem(answer, 429, "too_many_requests")
    assert f"Wait {answer['Retry-After']} s" in said["detail"]
    assert said["request_id"]


def test_api_with_token_is_limited_per_person(cast: factories.Cast, issuer: Issuer) -> None:
    type(cast.member).objects.update(issuer=issuer.url)
    tokens = [
        issuer.token(sub="sub-member", preferred_username="member", aud="openstack", jti=str(n)) for n in range(2)
    ]
    found = [get(Client(), f"{ROOT}/me", token=tokens[n % 2]).status_code for n in range(6)]
    assert found == [200] * 5 + [429]
    answer = get(Client(), f"{ROOT}/me", token=tokens[0])
    assert 1 <= int(answer["Retry-After"]) <= 60
    other = issuer.token(sub="sub-reader", preferred_username="reader", aud="openstack")
    assert get(Client(), f"{ROOT}/me", token=other).status_code == 200


def test_operations_are_limited_on_pages_and_api_together(member: Client, atlas: Tenant, settings: Settings) -> None:
    settings.RATES = LIMITS | {"pages": "", "api": ""}
    assert post(member, f"{ATLAS}/actions/create-volume", VOLUME).status_code == 202
    assert statuses(lambda: member.post("/atlas@north/volumes/create/", {"name": "x", "size_gb": "1"}), 2)
    problem(post(member, f"{ATLAS}/actions/create-volume", VOLUME), 429, "too_many_requests")
    too_many(member.post("/atlas@north/volumes/create/", {"name": "x", "size_gb": "1"}))
    made = Operation.objects.count()
    assert made <= 3
    # Looking goes on, and so do dry runs and the log out.
    assert member.get("/atlas@north/volumes/").status_code == 200
    assert post(member, f"{ATLAS}/actions/create-volume/preview", VOLUME).status_code == 200
    preview = member.post("/atlas@north/volumes/create/", {"name": "x"}, headers={PREVIEW: "1"})
    assert preview.status_code == 200
    assert member.post("/oidc/logout/").status_code != 429
    assert Operation.objects.count() == made


def test_operations_by_token_are_limited(cast: factories.Cast, issuer: Issuer) -> None:
    type(cast.member).objects.update(issuer=issuer.url)
    token = issuer.token(sub="sub-member", preferred_username="member", aud="openstack")
    found = [post(Client(), f"{ATLAS}/actions/create-volume", VOLUME, token=token).status_code for _ in range(4)]
    assert found == [202, 202, 202, 429]


def test_logins_are_limited_per_address(client: Client) -> None:
    assert 429 not in statuses(lambda: client.get("/oidc/callback/?state=x&code=y"), 3)
    too_many(client.get("/oidc/login/"))
    assert client.get("/oidc/callback/?state=x", REMOTE_ADDR="192.0.2.9").status_code == 400


def test_wrong_tokens_close_the_api_to_their_address(cast: factories.Cast, issuer: Issuer) -> None:
    type(cast.member).objects.update(issuer=issuer.url)
    good = issuer.token(sub="sub-member", preferred_username="member", aud="openstack")
    assert [get(Client(), f"{ROOT}/me", token="rubbish").status_code for _ in range(3)] == [401, 401, 429]
    problem(get(Client(), f"{ROOT}/me", token=good), 429, "too_many_requests")
    assert Client().get(f"{ROOT}/me", headers={"Authorization": f"Bearer {good}"}, REMOTE_ADDR="::9").status_code == 200


def test_empty_setting_switches_a_limit_off(member: Client, atlas: Tenant, settings: Settings) -> None:
    settings.RATES = LIMITS | {"pages": ""}
    assert statuses(lambda: member.get("/locations/"), 12) == [200] * 12


def test_health_and_metrics_are_never_limited(client: Client) -> None:
    assert statuses(lambda: client.get("/healthz"), 8) == [200] * 8
    assert statuses(lambda: client.get("/metrics"), 8) == [200] * 8


def test_without_redis_pages_stay_and_the_log_says_so(
    member: Client, atlas: Tenant, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with caplog.at_level(logging.WARNING):
        assert statuses(lambda: member.get("/locations/"), 8) == [200] * 8
    # It is not asked again by each request.
    assert caplog.text.count("rates_not_counted") == 1


def test_secret_downloads_stay_closed_without_redis(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(rates.RedisError):
        rates.wait_for("cli-file:1", 3, 60)


def refused(client: Client) -> dict[str, float]:
    """Return the counter by what was refused."""
    lines = client.get("/metrics").content.decode().splitlines()
    found = [line for line in lines if line.startswith("meshdeck_refused_total{")]
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in found}


def test_metrics_count_what_was_refused(
    client: Client, member: Client, reader: Client, cast: factories.Cast, issuer: Issuer
) -> None:
    visitor = Client(enforce_csrf_checks=True)
    get(visitor, f"{ROOT}/me")
    get(visitor, f"{ROOT}/me", token="rubbish")
    visitor.get("/oidc/callback/?state=x&code=y")
    visitor.post("/oidc/logout/")
    member.get("/nobody@north/")
    post(reader, f"{ATLAS}/actions/create-volume", VOLUME)
    for _ in range(7):
        member.get("/locations/")
    found = refused(client)
    assert {name: found.get(name) for name in ("unauthenticated", "bearer", "login", "csrf", "not_found")} == {
        "unauthenticated": 1, "bearer": 1, "login": 1, "csrf": 1, "not_found": 1,
    }  # fmt: skip
    assert found["forbidden"] == 1
    assert found["rate_pages"] >= 1


def test_defaults_leave_room_for_live_pages(settings: Settings) -> None:
    """Ten pages that poll at their fastest, five times a second, are no attack."""
    assert rates.parsed(RATES["pages"]).amount * 60 / rates.parsed(RATES["pages"]).get_expiry() >= 600
    assert all(rates.parsed(rate) for rate in RATES.values())
