"""The pages' side: what was fetched, and having it fetched. Calls no cloud."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from portal.celery import app
from portal.identity import vault
from projects.freshness import AWAY
from projects.models import Tenant

log = structlog.get_logger(__name__)

# So long an answer is kept, and no longer: an address of a console lets in whoever has it.
KEPT = timedelta(seconds=60)
# A fetch that has not answered by then is asked for anew.
_UNDER_WAY_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is fetched (a name in fetching.declared.FETCHES) of which thing, by the login `grant`; `lines` of a log."""

    tenant_id: int
    grant: UUID
    what: str
    external_id: str
    lines: int = 0

    @property
    def name(self) -> str:
        """Its name in the vault: nobody else's answer has it."""
        return f"fetched {self.what} {self.tenant_id} {self.external_id} {self.lines} {self.grant}"

    @property
    def mark(self) -> str:
        """Stands in the cache while a worker is at it."""
        return f"fetching:{salted_hmac('projects.fetching', self.name, algorithm='sha256').hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Note:
    """What came back: the text, or why there is none. `at` is when it was true."""

    at: datetime
    text: str = ""
    reason: str = ""
    detail: str = ""
    request_id: str = ""


def look(wanted: Wanted) -> Note | None:
    """Return the answer, while it is kept. None: nothing yet, or not any more. Also while Redis is away."""
    try:
        kept = vault.recall(wanted.name)
    except RedisError:
        log.warning("redis_away", fetch=wanted.what)
        return None
    if kept is None:
        return None
    fields = json.loads(kept)
    return Note(**{**fields, "at": datetime.fromisoformat(fields["at"])})


def take(wanted: Wanted) -> Note | None:
    """Return the same, once: it is forgotten by that."""
    note = look(wanted)
    if note is not None:
        forget(wanted)
    return note


def forget(wanted: Wanted) -> None:
    """Drop the answer before its time."""
    try:
        vault.forget(wanted.name)
    except RedisError:
        log.warning("redis_away", fetch=wanted.what)  # it ends by itself


def keep(wanted: Wanted, note: Note) -> None:
    """Put the answer where the page looks, as the worker. RedisError."""
    fields = {**asdict(note), "at": note.at.isoformat()}
    vault.remember(wanted.name, json.dumps(fields).encode(), datetime.now(UTC) + KEPT, owner=wanted.grant)
    cache.delete(wanted.mark)


def ask(wanted: Wanted) -> bool:
    """Has a worker fetch it, unless one is at it. False: nobody can be told now."""
    args = [wanted.tenant_id, str(wanted.grant), wanted.what, wanted.external_id, wanted.lines]
    try:
        if cache.add(wanted.mark, True, _UNDER_WAY_SECONDS):
            app.send_task("projects.fetch", args=args, retry=False)
    except AWAY:
        log.warning("broker_away", task="projects.fetch")
        return False
    return True


def under_way(wanted: Wanted) -> bool:
    """Whether a worker was asked and has not answered yet."""
    try:
        return bool(cache.get(wanted.mark))
    except RedisError:
        return False


def tenant_of(wanted: Wanted) -> Tenant | None:
    """Return the tenant, with its location."""
    return Tenant.objects.select_related("location", "project").filter(pk=wanted.tenant_id).first()
