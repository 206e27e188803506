"""Headers that every answer has: no caching of pages, no device features, and JSON that browsers save, not show."""

import pytest
from django.test import Client

from portal.identity import pending
from projects.models import Tenant
from services.compute.models import Server
from tests import factories
from tests.unit.api_calls import ATLAS, ROOT, post

pytestmark = pytest.mark.django_db

FEATURES = ("camera=()", "geolocation=()", "microphone=()", "clipboard-write=(self)")


def no_store(answer: object) -> bool:
    return "no-store" in answer["Cache-Control"]  # type: ignore[index]


@pytest.mark.parametrize("url", ["/", "/atlas@north/", "/locations/", "/api/", "/healthz", "/oidc/login/", "/nothing/"])
def test_pages_forbid_caching_and_device_features(member: Client, atlas: Tenant, url: str) -> None:
    answer = member.get(url)
    assert no_store(answer), answer["Cache-Control"]
    assert all(feature in answer["Permissions-Policy"] for feature in FEATURES)


def test_passcode_page_is_not_stored(client: Client, cast: factories.Cast) -> None:
    space = factories.foundation(cast)
    factories.log_in(client, cast.member)
    answer = client.get(f"/{space.handle}/cli/")
    assert answer.status_code == 200
    assert no_store(answer)


def test_refusal_is_not_stored(member: Client, atlas: Tenant) -> None:
    server = Server.objects.filter(tenant=atlas).first()
    assert server is not None
    url = f"/atlas@north/do/unlock-server/?server_id={server.external_id}"
    refused = member.post(url, {"next": "/"})
    assert refused.status_code == 422
    assert no_store(refused)


def test_api_answers_are_attachments(member: Client, atlas: Tenant) -> None:
    answers = [
        member.get(f"{ATLAS}/servers"),
        member.get(f"{ROOT}/openapi.json"),
        member.get(f"{ATLAS}/nothing"),
        post(member, f"{ATLAS}/actions/create-volume", {}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 422]
    assert {answer["Content-Disposition"] for answer in answers} == {'attachment; filename="api.json"'}
    assert "Content-Disposition" not in member.get("/api/")


def test_lasting_answers_keep_their_own_caching(member: Client, atlas: Tenant) -> None:
    assert member.get(f"{ROOT}/openapi.json")["Cache-Control"] == "max-age=300"


def test_login_cookies_have_no_prefix_without_tls() -> None:
    assert pending.PREFIX == "meshdeck-login-"
