"""A person's access token of the identity provider, traded for one of UAA: the portal acts as the person there too.

By the JWT bearer grant (RFC 7523; docs.cloudfoundry.org/api/uaa, "JWT Bearer Token Grant"). The access token is the
assertion; it has to name UAA's own client at the provider as audience. The client is one that the operator made in UAA.
"""

import base64
import json
from dataclasses import dataclass, field

from pydantic import BaseModel

from clouds.cloudfoundry.foundation import Foundation, fitting
from clouds.cloudfoundry.http import Http, Part
from clouds.errors import Garbled

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Client:
    """The portal's client in UAA. The assertion proves who asks, so the secret may be empty, as that of `cf` is."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A token of UAA and whose it is. The value stays out of `repr`, so out of logs and tracebacks."""

    value: str = field(repr=False)
    user_id: str
    user_name: str


class _Answer(BaseModel):
    access_token: str


class _Claims(BaseModel):
    user_id: str
    user_name: str = ""


def by_assertion(foundation: Foundation, client: Client, access_token: str) -> Token:
    """A token of UAA for the person of an access token. One request.

    Unauthorized: UAA does not know the client, does not let it do this, or does not take the access token.
    """
    form = {"grant_type": JWT_BEARER, "assertion": access_token, "response_type": "token"}
    with Http(foundation.ca_bundle) as http:
        body = http.post(Part.UAA, f"{foundation.uaa_url}/oauth/token", form, (client.id, client.secret))
    value = fitting(Part.UAA, _Answer, body).access_token
    claims = _claims(value)
    return Token(value, claims.user_id, claims.user_name)


def _claims(token: str) -> _Claims:
    """Whose token it is. Not verified: it came from UAA itself, and the Cloud Controller will."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        raise Garbled("UAA's token does not tell whose it is: its client must not give opaque tokens.") from None
    return fitting(Part.UAA, _Claims, claims if isinstance(claims, dict) else {})
