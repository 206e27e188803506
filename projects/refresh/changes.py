"""Which differences are worth telling a person: "what changed lately"."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.ui.status import status_of
from projects.models import Change, Resource, Tenant
from projects.refresh.differences import Difference, Values
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server
from services.network.models import FloatingIP, Network, Router, SecurityGroup, SecurityGroupRule
from services.object_storage.models import Container


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is told about a kind: these fields (each as a person reads it), and only of rows that are `ours`."""

    fields: dict[str, Callable[[Any], Any]]
    status_kind: str = ""
    name: str = "name"
    ours: Callable[[Values], bool] = lambda _: True


def _as_is(value: Any) -> Any:
    return value


def _ids(key: str) -> Callable[[Any], list[str]]:
    return lambda many: sorted({str(one[key]) for one in many})


# Images, flavors, ports and subnets come and go as by-products: their own pages show them, nobody needs the news.
_TOLD: dict[type[Resource], _Telling] = {
    Server: _Telling(
        {
            "name": _as_is,
            "status": _as_is,
            "flavor_name": _as_is,
            "volumes": _ids("id"),
            "security_groups": _ids("name"),
        },
        status_kind="server",
    ),
    Volume: _Telling(
        {"name": _as_is, "status": _as_is, "size_gb": _as_is, "attachments": _ids("server_id")}, status_kind="volume"
    ),
    Snapshot: _Telling({"name": _as_is, "status": _as_is}, status_kind="snapshot"),
    SecurityGroup: _Telling({"name": _as_is}),
    Network: _Telling({"name": _as_is}, ours=lambda row: bool(row["owned"])),
    Router: _Telling({"name": _as_is}),
    FloatingIP: _Telling({"server_id": _as_is, "fixed_address": _as_is}, name="address"),
    Container: _Telling({}),
}


def worth_telling(tenant: Tenant, differences: Iterable[Difference], now: datetime) -> list[Change]:
    """The news in the differences of one refresh, unsaved. A changed status is told once it has settled."""
    found = list(differences)
    news = [change for one in found if (change := _news(tenant, one, now))]
    return news + _rule_news(tenant, found, now)


# At the first sight of a service: so much of what it made, no older than the timeline itself goes back.
_FIRST_MOST = 30
_FIRST_SINCE = timedelta(days=30)


def first_sight(tenant: Tenant, differences: Iterable[Difference], now: datetime) -> list[Change]:
    """What services that are read for the first time say of when their things were made, as news of those times.

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
        found.append(news)
    found.sort(key=lambda news: news.seen_at)
    return found[-_FIRST_MOST:]


def _made_by_the_cloud(difference: Difference) -> bool:
    """Each project has a security group "default" that nobody made."""
    return difference.model is SecurityGroup and difference.name == "default"


def _news(tenant: Tenant, difference: Difference, now: datetime) -> Change | None:
    telling = _TOLD.get(difference.model)
    row = difference.after or difference.before
    if telling is None or row is None or not telling.ours(row):
        return None
    verb, fields = Change.Verb.CHANGED, {}
    if difference.before is None:
        verb = Change.Verb.APPEARED
    elif difference.after is None:
        verb = Change.Verb.VANISHED
    else:
        fields = _told_fields(telling, difference.before, difference.after)
        if not fields:
            return None
    return Change(
        tenant=tenant,
        seen_at=now,
        verb=verb,
        kind=difference.model._meta.model_name or "",
        external_id=difference.external_id,
        name=str(row[telling.name])[:256],
        fields=fields,
    )


def _told_fields(telling: _Telling, before: Values, after: Values) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    for field, readable in telling.fields.items():
        old, new = readable(before[field]), readable(after[field])
        if old != new and not (field == "status" and status_of(telling.status_kind, new).role == "work"):
            fields[field] = [old, new]
    return fields


def _rule_news(tenant: Tenant, differences: list[Difference], now: datetime) -> list[Change]:
    """Rules are told as a change of their group: {"rules": [[removed …], [added …]]} in words.

    The rules that a group brings along, or takes with it, are no news of their own.
    """
    come_or_gone = {d.external_id for d in differences if d.model is SecurityGroup and not (d.before and d.after)}
    groups: dict[str, tuple[list[str], list[str]]] = {}
    for one in differences:
        if one.model is not SecurityGroupRule:
            continue
        for row, side in ((one.before, 0), (one.after, 1)):
            if row is not None and row["group_id"] not in come_or_gone:
                groups.setdefault(row["group_id"], ([], []))[side].append(rule_in_words(row))
    names = dict(SecurityGroup.objects.filter(tenant=tenant, external_id__in=groups).values_list("external_id", "name"))
    return [
        Change(
            tenant=tenant,
            seen_at=now,
            verb=Change.Verb.CHANGED,
            kind=SecurityGroup._meta.model_name or "",
            external_id=group_id,
            name=names.get(group_id, ""),
            fields={"rules": [sorted(removed), sorted(added)]},
        )
        for group_id, (removed, added) in groups.items()
    ]


def rule_in_words(rule: Values) -> str:
    """A rule on one line, as in `ingress tcp 22 from 0.0.0.0/0`. Field values are the API's own words."""
    ports = ""
    if rule["port_min"] is not None:
        same = rule["port_max"] in (None, rule["port_min"])
        ports = f" {rule['port_min']}" if same else f" {rule['port_min']}-{rule['port_max']}"
    way = "from" if rule["direction"] == "ingress" else "to"
    other = rule["remote_cidr"] or (f"group {rule['remote_group_id']}" if rule["remote_group_id"] else "anywhere")
    return f"{rule['direction']} {rule['protocol'] or 'any'}{ports} {way} {other}"
