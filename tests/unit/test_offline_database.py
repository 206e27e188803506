"""An offline token whose row can't be written: what the provider gave for it is given back at once."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import OperationalError, connection
from django.test import Client

from portal.identity.models import OfflineToken, User
from tests import factories
from tests.providers.hostile import HostileProvider
from tests.providers.login import log_in

pytestmark = pytest.mark.django_db(transaction=True)


def away(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Return the database goes just when the row is to be written."""
    if sql.startswith('INSERT INTO "identity_offlinetoken"'):
        raise OperationalError("the database is away")
    return execute(sql, *rest)


def test_a_login_that_could_not_be_written_down_is_revoked(client: Client, hostile: HostileProvider) -> None:
    cast = factories.cast()
    log_in(client, hostile)
    factories.join(User.objects.get(pk=client.session["_auth_user_id"]), cast.atlas)
    hostile.claims["aud"] = "meshdeck-cli"
    others = set(hostile.refresh_tokens)
    begun = client.get("/atlas@north/cli/offline/new/")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun["Location"]).query).items()}
    code = hostile.code(asked["nonce"], asked["code_challenge"])
    client.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = client.get("/oidc/offline/", {"code": code, "state": asked["state"]})
    assert answer.status_code == 500
    assert not OfflineToken.objects.exists()
    assert hostile.asked("/revoke") == 1
    assert hostile.refresh_tokens == others
