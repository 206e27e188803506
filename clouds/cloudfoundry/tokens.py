"""Exchange a person's access token of the identity provider for a UAA token: the portal acts as the person there too.

Uses the JWT bearer grant (RFC 7523; docs.cloudfoundry.org/api/uaa, "JWT Bearer Token Grant"). The access token is the
assertion; its audience has to include UAA's own client at the provider. The client that sends it is one that the
operator created in UAA.
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
    """The portal's client in UAA. The assertion authenticates the person, so the secret may be empty, as for `cf`."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A UAA token and its owner. The value is left out of `repr`, and so out of logs and tracebacks."""

    value: str = field(repr=False)
    user_id: str
    user_name: str


class _Answer(BaseModel):
    access_token: str


class _Claims(BaseModel):
    user_id: str
    user_name: str = ""


def by_assertion(foundation: Foundation, client: Client, access_token: str) -> Token:
    """Exchange a person's access token for a UAA token. One request.

    Unauthorized: UAA does not know the client, does not allow it this grant, or rejects the access token.
    """
    form = {"grant_type": JWT_BEARER, "assertion": access_token, "response_type": "token"}
    with Http(foundation.ca_bundle) as http:
        body = http.post(Part.UAA, f"{foundation.uaa_url}/oauth/token", form, (client.id, client.secret))
    value = fitting(Part.UAA, _Answer, body).access_token
    claims = _claims(value)
    return Token(value, claims.user_id, claims.user_name)


def _claims(token: str) -> _Claims:
    """Read the token's claims without verifying them: it came from UAA, and the Cloud Controller verifies it."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        raise Garbled("UAA's token does not name its owner: the client must not issue opaque tokens.") from None
    return fitting(Part.UAA, _Claims, claims if isinstance(claims, dict) else {})
