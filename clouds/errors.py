"""One exception tree for everything that can go wrong with a cloud of any platform."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

# Patterns of tokens: Fernet and JWS tokens of Keystone, JWTs of identity providers, bearer headers.
_SECRETS = re.compile(r"gAAAA[\w=-]{16,}|eyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?|(?<=[Bb]earer )\S+")
_DETAIL_LENGTH = 300


class CloudError(Exception):
    """A cloud did not do what was asked.

    `reason` is one plain sentence for people. `detail` is the cloud's own message, if any, shortened and without
    tokens. `service` is the service's type or the part's name, None where no single one is at fault; `status` is the
    HTTP status; `url` has no query and no credentials; `request_id` is the id that the cloud's operator finds in the
    logs. `code` names the class for translations.
    """

    code: ClassVar[str] = "failed"

    def __init__(
        self,
        reason: str,
        *,
        service: str | None = None,
        status: int | None = None,
        request_id: str = "",
        url: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.service = service
        self.status = status
        self.request_id = request_id
        self.url = url
        self.detail = detail

    def __str__(self) -> str:
        return self.reason


class Unreachable(CloudError):
    """No connection: name not found, port closed, TLS refused, or connection broken."""

    code = "unreachable"


class Untrusted(Unreachable):
    """TLS refused: the certificate is untrusted, has expired, or belongs to another host."""

    code = "untrusted"


class TimedOut(CloudError):
    """No complete answer in time, whether a connection was made or not."""

    code = "timed_out"


class Unauthorized(CloudError):
    """The token is not, or no longer, accepted (401)."""

    code = "unauthorized"


class NotAdmitted(Unauthorized):
    """The login is accepted, and this project does not let it in: it is disabled, or the person has no role in it."""

    code = "not_admitted"


class Forbidden(CloudError):
    """The cloud's policy does not allow this user to do it (403)."""

    code = "forbidden"


class NotFound(CloudError):
    """It does not exist, or this user has no access to it (404)."""

    code = "not_found"


class Conflict(CloudError):
    """The resource is in the wrong state for it (409), or has changed since the request was prepared (412)."""

    code = "conflict"


class Invalid(CloudError):
    """The cloud understood the request and rejects it (400 and other 4xx), or lacks the feature (501)."""

    code = "invalid"


class QuotaExceeded(CloudError):
    """The request exceeds the project's quota (403, 409 or 413, depending on the service)."""

    code = "quota_exceeded"


class RateLimited(CloudError):
    """Too many requests (429, or 413 with Retry-After). `retry_after` is in seconds; None if the cloud gave none."""

    code = "rate_limited"
    retry_after: float | None = None


class ServerFault(CloudError):
    """The cloud failed internally (5xx)."""

    code = "server_fault"


class AccountUnfit(CloudError):
    """The portal's service account can't be used: none is configured, it has no password, or the cloud rejects it.

    This says nothing about the person for whom it is used and must not be mistaken for Unauthorized or Forbidden.
    """

    code = "account"


class Garbled(CloudError):
    """An unusable response: HTML instead of JSON, truncated, missing fields, wrong types, endless pages, a redirect."""

    code = "garbled"


# No usable response: the cloud is unreachable or broken. Anything else is its answer.
OUTAGES = (Unreachable, TimedOut, ServerFault, Garbled, RateLimited)
# The cloud answered and did nothing. After any other error it may have made the change all the same.
REFUSALS = (Unauthorized, Forbidden, NotFound, Conflict, Invalid, QuotaExceeded, RateLimited)


def bare_url(url: str | None) -> str:
    """Return the URL without user, password, query and fragment, so that it can't hold a secret."""
    try:
        parts = urlsplit(url or "")
    except ValueError:  # brackets around something that is not an IPv6 address
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def redacted(text: str) -> str:
    """Return the text shortened, on one line, with everything that looks like a token removed."""
    text = _SECRETS.sub("***", " ".join(text.split()))
    return text if len(text) <= _DETAIL_LENGTH else text[: _DETAIL_LENGTH - 1] + "…"


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds to wait by a Retry-After header (RFC 9110, 10.2.3), from seconds or a date.

    None if the header is missing or malformed.
    """
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
