"""What every answer to a browser carries, whatever it is about."""

import pytest
from django.test import Client
from pytest_django import Settings

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(settings: Settings) -> Client:
    """Return an operator's browser, at a site that serves its static files without having collected them."""
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    client = Client()
    factories.log_in(client, factories.cast().admin)
    return client


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("/", "localhost", 200),
        ("/nowhere/", "localhost", 404),
        ("/locations", "localhost", 301),
        ("/operator/", "localhost", 200),
        ("/operator/projects/location/", "localhost", 200),
        ("/", "evil.test", 400),
        ("/healthz", "localhost", 200),
        ("/static/meshdeck/meshdeck.css", "localhost", 200),
    ],
)
def test_every_answer_has_the_policy(browser: Client, address: str, host: str, status: int) -> None:
    answer = browser.get(address, headers={"host": host})
    assert answer.status_code == status
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "'unsafe-" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/locations/",
        "/locations/north/",
        "/projects/atlas/",
        "/atlas@north/",
        "/atlas@north/servers/",
        "/atlas@north/servers/?format=csv",
        "/atlas@north/servers/unknown/",
        "/atlas@north/changes/",
        "/search/?q=web",
        "/nowhere/",
        "/operator/",
    ],
)
def test_nothing_private_is_kept_by_a_cache(browser: Client, address: str) -> None:
    assert "no-store" in browser.get(address)["Cache-Control"]
