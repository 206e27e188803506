"""The page that creates a service user: plain words become roles, rules and an end."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import Operation
from services.service_users import words
from tests.unit.keystone_fake import Keystone
from tests.unit.service_users_browser import LIST, log_in, page, send
from tests.unit.service_users_cast import member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(keystone: Keystone, client: Client) -> Visit:
    visit = member_of(keystone)
    log_in(client, visit)
    return visit


def refusal(client: Client, field: str, **values: Any) -> str:
    """Return what the form says at a field."""
    response = send(client, **values)
    assert response.status_code == 422
    assert not Operation.objects.exists()
    return " ".join(response.context["form"].errors.get(field, []))  # type: ignore[attr-defined]


def params() -> dict[str, Any]:
    """Return what was asked for."""
    found: dict[str, Any] = Operation.objects.get().params
    return found


def test_the_form_asks_for_one_and_leads_to_its_download(client: Client, visit: Visit) -> None:
    assert "Create and download" in page(client, f"{LIST}create/")
    response = send(client, description="Pipeline of the shop", file="ps1")
    operation = Operation.objects.get()
    assert response.status_code == 302
    assert response["Location"].startswith(f"{LIST}made/{operation.pk}/?as=ps1")
    evening = datetime.combine((timezone.now() + timedelta(days=90)).date(), time(23, 59, 59), UTC)
    assert operation.params == {
        "name": "ci-deploy",
        "description": "Pipeline of the shop",
        "kind": "application-credential",
        "roles": ["member", "reader"],
        "access_rules": [],
        "expires_at": evening.isoformat().replace("+00:00", "Z"),
    }


def test_a_form_that_is_sent_twice_makes_one(client: Client, visit: Visit) -> None:
    first, second = send(client), send(client)
    assert first["Location"] == second["Location"]
    assert Operation.objects.count() == 1


@pytest.mark.parametrize(
    ("may", "roles", "rules"),
    [
        ("look", ["reader"], []),
        ("write-objects", ["member", "reader"], words.CHANGE_OBJECTS),
        ("read-objects", ["member", "reader"], words.LOOK_AT_OBJECTS),
    ],
)
def test_plain_words_are_roles_and_access_rules(
    client: Client, visit: Visit, may: str, roles: list[str], rules: list[Any]
) -> None:
    send(client, may=may)
    assert (params()["roles"], params()["access_rules"]) == (roles, rules)


def test_requests_of_ones_own_choice_are_lines(client: Client, visit: Visit) -> None:
    send(client, may="calls", calls="get compute /v2.1/servers\n\n POST network /v2.0/** \n")
    assert params()["access_rules"] == [
        {"service": "compute", "method": "GET", "path": "/v2.1/servers"},
        {"service": "network", "method": "POST", "path": "/v2.0/**"},
    ]


@pytest.mark.parametrize(
    "line", ["GET compute", "STEAL compute /x", "GET compute servers", "GET Com/pute /x", "a b c d"]
)
def test_a_line_that_is_no_request_is_named(client: Client, visit: Visit, line: str) -> None:
    assert line in refusal(client, "calls", may="calls", calls=f"GET image /v2/images\n{line}")


def test_a_date_is_the_evening_of_that_day(client: Client, visit: Visit) -> None:
    send(client, ends="date", day="2031-05-09")
    assert params()["expires_at"] == "2031-05-09T23:59:59Z"


def test_bad_input_is_refused_at_its_field_and_nothing_is_asked_for(client: Client, visit: Visit) -> None:
    yesterday = f"{date.today() - timedelta(days=1):%Y-%m-%d}"  # noqa: DTZ011 - a day that is past in every zone
    assert "in the past" in refusal(client, "day", ends="date", day=yesterday)
    assert "Choose the day" in refusal(client, "day", ends="date")
    assert "operator does not allow" in refusal(client, "ends", ends="never")
    assert "no account" in refusal(client, "kind", kind="keystone-user")
    assert "manager" in refusal(client, "roles", roles="manager")
    assert "Tick at least one" in refusal(client, "roles", roles=[])
    assert refusal(client, "key", key="")
    for name in ("no space", "../../etc", "-rf", "ümlaut", "a;b", "x" * 61, ""):
        assert refusal(client, "name", name=name)
    assert "at most 500" in refusal(client, "description", description="x" * 501)


def test_what_the_location_does_not_have_is_not_offered(client: Client, visit: Visit) -> None:
    visit.tenant.location.services.filter(service="object-store").delete()
    assert "offers no objects" in refusal(client, "may", may="write-objects")
    visit.user.memberships.update(cloud_roles=["member"])
    assert "no role that only looks" in refusal(client, "may", may="look")
