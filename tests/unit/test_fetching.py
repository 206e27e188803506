"""What a worker fetches for one person: as that person, kept encrypted for a minute, and why there is nothing."""

from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from portal.identity.models import Grant
from projects.fetching import asking
from projects.fetching.asking import Wanted
from projects.models import Tenant
from projects.tasks import fetch
from services.openstack import tokens
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import KEYSTONE, NOVA, FakeCloud

pytestmark = pytest.mark.django_db

ACT = f"{NOVA}/servers/server-1/action"
CONSOLES = f"{NOVA}/servers/server-1/remote-consoles"
SECRET = "https://console.test/vnc.html?token=5ecret"


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    return rows.make_tenant(rows.make_location(cloud=cloud))


@pytest.fixture
def grant(tenant: Tenant) -> Grant:
    user = rows.make_user()
    rows.make_member(user, tenant)
    return rows.make_grant(user)


def done(tenant: Tenant, grant: Grant, what: str, lines: int = 0) -> asking.Note:
    """Return what the worker leaves for the page."""
    wanted = Wanted(tenant.pk, grant.pk, what, "server-1", lines)
    assert asking.ask(wanted)
    fetch(tenant.pk, str(grant.pk), what, "server-1", lines)
    assert not asking.under_way(wanted)
    note = asking.look(wanted)
    assert note is not None
    return note


def test_a_log_comes_with_as_many_lines_as_were_asked_for(cloud: FakeCloud, tenant: Tenant, grant: Grant) -> None:
    cloud.mock.post(ACT, json={"output": "Booting\nlogin:"})
    version = tenant.version
    note = done(tenant, grant, "console-log", 200)
    assert note.text == "Booting\nlogin:"
    assert timezone.now() - note.at < timedelta(seconds=30)
    assert cloud.mock.request_history[-1].json() == {"os-getConsoleOutput": {"length": 200}}
    tenant.refresh_from_db()
    assert tenant.version > version  # open pages look again


def test_a_console_is_of_the_first_kind_that_the_cloud_has(cloud: FakeCloud, tenant: Tenant, grant: Grant) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.json()["remote_console"]["type"] == "novnc":
            context.status_code = 400
            return {"badRequest": {"code": 400, "message": "Unavailable console type novnc."}}
        return {"remote_console": {"protocol": "spice", "type": "spice-html5", "url": SECRET}}

    cloud.mock.post(CONSOLES, json=answer)
    assert done(tenant, grant, "console").text == SECRET


def test_a_cloud_that_has_none_says_so_in_its_own_words_too(cloud: FakeCloud, tenant: Tenant, grant: Grant) -> None:
    refused = {"badRequest": {"code": 400, "message": "Unavailable console type novnc."}}
    cloud.mock.post(CONSOLES, status_code=400, json=refused, headers={"x-openstack-request-id": "req-7"})
    note = done(tenant, grant, "console")
    assert note.text == ""
    assert "no console" in note.reason
    assert (note.detail, note.request_id) == ("Unavailable console type novnc.", "req-7")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status_code": 403}, "does not allow this to your role"),
        ({"status_code": 404}, "knows no such server"),
        ({"status_code": 409}, "not ready for that now"),
        ({"status_code": 503}, "returned an error"),
        ({"status_code": 200, "text": "<html>"}, "HTML"),
    ],
)
def test_what_goes_wrong_is_told(
    cloud: FakeCloud, tenant: Tenant, grant: Grant, answer: dict[str, Any], words: str
) -> None:
    cloud.mock.post(ACT, **answer)
    assert words in done(tenant, grant, "console-log", 200).reason


def test_a_kept_token_that_ended_is_replaced(cloud: FakeCloud, tenant: Tenant, grant: Grant) -> None:
    tokens.fetch(tenant, grant.pk)
    cloud.mock.post(ACT, [{"status_code": 401}, {"json": {"output": "hello"}}])
    assert done(tenant, grant, "console-log", 200).text == "hello"


def test_a_login_that_ended_says_so(cloud: FakeCloud, tenant: Tenant, grant: Grant) -> None:
    Grant.objects.update(ended_at=timezone.now())
    note = done(tenant, grant, "console-log", 200)
    assert "Your login has ended" in note.reason
    assert f"{KEYSTONE}/auth/tokens" not in [one.url for one in cloud.mock.request_history]


def test_the_answer_is_of_one_login_and_one_length(cloud: FakeCloud, tenant: Tenant, grant: Grant) -> None:
    cloud.mock.post(ACT, json={"output": "mine"})
    done(tenant, grant, "console-log", 200)
    other = rows.make_grant(rows.make_user("other"))
    for wanted in (
        Wanted(tenant.pk, other.pk, "console-log", "server-1", 200),
        Wanted(tenant.pk, grant.pk, "console-log", "server-1", 2000),
        Wanted(tenant.pk, grant.pk, "console-log", "server-2", 200),
    ):
        assert asking.look(wanted) is None


def test_an_answer_is_taken_once_and_no_secret_lies_open(
    cloud: FakeCloud, tenant: Tenant, grant: Grant, redis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(10)
    cloud.mock.post(CONSOLES, json={"remote_console": {"protocol": "vnc", "type": "novnc", "url": SECRET}})
    done(tenant, grant, "console")
    assert not any(b"5ecret" in redis.dump(key) for key in redis.scan_iter())
    assert "5ecret" not in caplog.text
    wanted = Wanted(tenant.pk, grant.pk, "console", "server-1")
    first = asking.take(wanted)
    assert first is not None
    assert first.text == SECRET
    assert asking.take(wanted) is None


def test_two_who_ask_at_once_have_it_fetched_once(tenant: Tenant, grant: Grant, redis: Any) -> None:
    wanted = Wanted(tenant.pk, grant.pk, "console", "server-1")
    assert asking.ask(wanted)
    assert asking.ask(wanted)
    assert redis.llen("celery") == 1


def test_without_a_broker_the_page_is_told(tenant: Tenant, grant: Grant, settings: Any) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert not asking.ask(Wanted(tenant.pk, grant.pk, "console", "server-1"))
