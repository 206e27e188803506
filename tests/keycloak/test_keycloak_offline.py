"""Offline tokens at a real Keycloak, with the documented realm."""

import pytest
from pytest_django.fixtures import Settings

from portal.identity import discovery
from portal.identity.models import OfflineToken, User
from tests import factories
from tests.providers.client import TIMEOUT, Browser, follow, form_with, location, submit
from tests.providers.keycloak import Keycloak
from tests.providers.whole_login import PORTAL, log_in, portal_browser
from tests.unit.test_offline_tokens import PAGE, secret_in

pytestmark = pytest.mark.django_db


def test_it_is_had_renewed_and_revoked_by_the_spent_one(
    provider: Keycloak, settings: Settings, patient_portal: None
) -> None:
    discovery.forget_providers()
    settings.OIDC_ISSUER = provider.issuer
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = provider.client_id, provider.client_secret
    settings.BASE_URL = PORTAL
    cast = factories.cast()
    client, browser = portal_browser(), Browser()
    log_in(client, provider, "member", browser=browser)
    factories.join(User.objects.get(pk=client.session["_auth_user_id"]), cast.atlas)

    begun = client.get(f"{PAGE}offline/new/")
    page = follow(browser, browser.get(begun["Location"], allow_redirects=False, timeout=TIMEOUT))
    url, query = location(submit(browser, form_with(page, "accept"), accept="Yes"))
    assert url == f"{PORTAL}/oidc/offline/"
    answer = client.get("/oidc/offline/", query)
    assert answer.status_code == 302, answer.content.decode()
    row = OfflineToken.objects.get()
    token = secret_in(client.post(f"{PAGE}offline/{row.pk}/files/", {"kind": "sh"}).content.decode())

    line = provider.command_line()
    for _ in range(2):
        said = line.refresh(token).json()
        assert line.claims(said["access_token"], "openstack")["preferred_username"] == "member"
        token = said["refresh_token"]
    assert client.post(f"{PAGE}offline/{row.pk}/revoke/").status_code == 302
    row.refresh_from_db()
    assert row.end_reason == OfflineToken.End.REVOKED
    refused = line.refresh(token)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
