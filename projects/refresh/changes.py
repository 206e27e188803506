"""Which differences are worth telling a person: "what changed lately"."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from portal.ui.status import status_of
from projects import kinds
from projects.kinds import KINDS, Kind, News
from projects.models import Change, Tenant
from projects.refresh.differences import Difference, Values


def worth_telling(tenant: Tenant, differences: Iterable[Difference], now: datetime) -> list[Change]:
    """Return the news in the differences of one refresh, unsaved. A changed status is told once it has settled."""
    found = list(differences)
    news = [change for one in found if (change := _news(tenant, one, now))]
    return news + [one for kind in KINDS.values() if kind.joint_news for one in kind.joint_news(tenant, found, now)]


# At the first sight of a service: so much of what it made, no older than the timeline itself goes back.
_FIRST_MOST = 30
_FIRST_SINCE = timedelta(days=30)


def first_sight(tenant: Tenant, differences: Iterable[Difference], now: datetime) -> list[Change]:
    """Return what services that are read for the first time say of when their things were made, as news of those times.

    The newest 30 of the last 30 days, unsaved. What the cloud made by itself is left out.
    """
    found = []
    for one in differences:
        created = (one.after or {}).get("created_at")
        news = _news(tenant, one, now)
        if news is None or created is None or created < now - _FIRST_SINCE or _made_by_the_cloud(one):
            continue
        news.seen_at = min(created, now)  # a cloud's clock may go ahead of ours
        news.fields = {"created_at": [None, created.isoformat()]}
        news.origin = Change.Origin.UNCLEAR  # the cloud does not say by what it was made
        found.append(news)
    found.sort(key=lambda news: news.seen_at)
    return found[-_FIRST_MOST:]


def _made_by_the_cloud(difference: Difference) -> bool:
    """Tell whether nobody made it, such as the security group "default" of each project."""
    kind = kinds.of_model(difference.model)
    return kind is not None and kind.news is not None and kind.news.made_by_cloud(difference.name)


def _news(tenant: Tenant, difference: Difference, now: datetime) -> Change | None:
    kind = kinds.of_model(difference.model)
    row = difference.after or difference.before
    if kind is None or kind.news is None or row is None or not kind.news.ours(row):
        return None
    verb, fields = Change.Verb.CHANGED, {}
    if difference.before is None:
        verb = Change.Verb.APPEARED
    elif difference.after is None:
        verb = Change.Verb.VANISHED
    else:
        fields = _told_fields(kind, kind.news, difference.before, difference.after)
        if not fields:
            return None
    return Change(
        tenant=tenant,
        seen_at=now,
        verb=verb,
        kind=kind.model_name,
        external_id=difference.external_id,
        name=str(row[kind.news.name])[:256],
        fields=fields,
    )


def _told_fields(kind: Kind, news: News, before: Values, after: Values) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    for field, readable in news.fields.items():
        old, new = readable(before[field]), readable(after[field])
        if old != new and not (field == "status" and kind.states and status_of(kind.states, new).role == "work"):
            fields[field] = [old, new]
    return fields
