"""One exception tree for everything that can go wrong with a cloud, whichever platform it is of."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

# What tokens look like: Fernet and JWS tokens of Keystone, JWTs of identity providers, bearer headers.
_SECRETS = re.compile(r"gAAAA[\w=-]{16,}|eyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?|(?<=[Bb]earer )\S+")
_DETAIL_LENGTH = 300


class CloudError(Exception):
    """A cloud did not do what was asked.

    `reason` is one plain sentence for people. `detail` is the cloud's own words, if any, shortened and free of tokens.
    `service` is the service's type or the part's name, None where no single one is at fault. `status` is the HTTP
    status, `url` has no query and no credentials, `request_id` is what the cloud's operator finds in the logs. `code`
    names the class for translations.
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
    """No connection: name not found, port closed, TLS refused, connection broken."""

    code = "unreachable"


class Untrusted(Unreachable):
    """TLS refused: the certificate is not trusted, has ended, or is another host's."""

    code = "untrusted"


class TimedOut(CloudError):
    """Connected or not, no whole answer in time."""

    code = "timed_out"


class Unauthorized(CloudError):
    """The token is not, or no longer, accepted (401)."""

    code = "unauthorized"


class Forbidden(CloudError):
    """The cloud's policy refuses it to this user (403)."""

    code = "forbidden"


class NotFound(CloudError):
    """There is no such thing, or not for this user (404)."""

    code = "not_found"


class Conflict(CloudError):
    """The thing is not in a state that allows it (409), or no longer in the one that the change was made for (412)."""

    code = "conflict"


class Invalid(CloudError):
    """The cloud understood the request and calls it wrong (400 and other 4xx), or lacks the feature (501)."""

    code = "invalid"


class QuotaExceeded(CloudError):
    """More than the project may have (403, 409 or 413, by service)."""

    code = "quota_exceeded"


class RateLimited(CloudError):
    """Too many requests (429, or 413 with Retry-After). `retry_after` is in seconds, None when not said."""

    code = "rate_limited"
    retry_after: float | None = None


class ServerFault(CloudError):
    """The cloud failed by itself (5xx)."""

    code = "server_fault"


class AccountUnfit(CloudError):
    """The portal's own account there can't be used: there is none, its password is lacking, or the cloud refuses it.

    No refusal of the person for whom it is used, and never to be taken for one: neither Unauthorized nor Forbidden.
    """

    code = "account"


class Garbled(CloudError):
    """An answer that is no answer: HTML for JSON, cut short, missing fields, wrong types, endless pages, redirects."""

    code = "garbled"


# No word from the cloud: it is away, or not itself. Anything else is its answer.
OUTAGES = (Unreachable, TimedOut, ServerFault, Garbled, RateLimited)
# The cloud answered, and did nothing. After anything else it may have done it all the same.
REFUSALS = (Unauthorized, Forbidden, NotFound, Conflict, Invalid, QuotaExceeded, RateLimited)


def bare_url(url: str | None) -> str:
    """The URL without user, password, query and fragment: nothing in it can be a secret."""
    try:
        parts = urlsplit(url or "")
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def redacted(text: str) -> str:
    """The text on one line, shortened, with everything that looks like a token struck out."""
    text = _SECRETS.sub("***", " ".join(text.split()))
    return text if len(text) <= _DETAIL_LENGTH else text[: _DETAIL_LENGTH - 1] + "…"


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3): seconds or a date. None when absent or odd."""
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
