"""What the tests of the pages of service users share: a browser, the form, the download."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from portal.identity import sessions
from projects.access import Visit
from projects.models import Operation
from services.service_users.rows import MAKERS
from tests.unit.service_users_cast import until_ready

LIST = "/atlas@north/service-users/"
FILLED = {"name": "ci-deploy", "kind": "application-credential", "may": "all", "ends": "90", "file": "sh", "key": "k"}


def log_in(client: Client, visit: Visit) -> None:
    """Return the person's browser, with the login that the fake cloud knows."""
    client.force_login(visit.user, backend="portal.identity.backend.OpenIDBackend")
    session = client.session
    session[sessions.GRANT] = str(visit.user.grants.latest("created_at").pk)
    session.save()


def send(client: Client, **values: Any) -> HttpResponse:
    """Return the form of a new one is sent."""
    return client.post(f"{LIST}create/", FILLED | {"roles": ["member", "reader"]} | values)  # type: ignore[return-value]


def page(client: Client, address: str = LIST) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def ready(client: Client, **values: str) -> Operation:
    """One is asked for on the page, and waits for the browser."""
    send(client, **values)
    operation = Operation.objects.get(action__in=MAKERS, state__in=("queued", "running"))
    until_ready(operation)
    return operation


def take(client: Client, operation: Operation, kind: str) -> Any:
    return client.post(f"{LIST}made/{operation.pk}/files/", {"kind": kind})
