"""What changed in the rules of security groups, told as a change of their group."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext

from projects.kinds import Values
from projects.models import Change, Tenant
from projects.refresh.differences import Difference
from services.network.models import SecurityGroup, SecurityGroupRule


def rule_news(tenant: Tenant, differences: Iterable[Difference], now: datetime) -> list[Change]:
    """Return the news of rules, unsaved: {"rules": [[removed …], [added …]]} in words, as a change of their group.

    The rules that a group brings along, or takes with it, are no news of their own.
    """
    found = list(differences)
    come_or_gone = {d.external_id for d in found if d.model is SecurityGroup and not (d.before and d.after)}
    groups: dict[str, tuple[list[str], list[str]]] = {}
    for one in found:
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
    """Write a rule on one line, as in `ingress tcp 22 from 0.0.0.0/0`. Field values are the API's own words."""
    ports = ""
    if rule["port_min"] is not None:
        same = rule["port_max"] in (None, rule["port_min"])
        ports = f" {rule['port_min']}" if same else f" {rule['port_min']}-{rule['port_max']}"
    way = "from" if rule["direction"] == "ingress" else "to"
    other = rule["remote_cidr"] or "anywhere"
    if rule["remote_group_id"]:
        other = f"group {rule['remote_group_id']}"
    if rule["remote_address_group_id"]:
        other = f"address group {rule['remote_address_group_id']}"
    if rule["unread"]:
        other = f"{other} with {', '.join(rule['unread'])}"
    return f"{rule['direction']} {rule['protocol'] or 'any'}{ports} {way} {other}"


def rules_changed(old: list[str], new: list[str]) -> list[str]:
    """Say which rules a group has lost and got."""
    told = [gettext("has a new rule: %(rule)s") % {"rule": one} for one in new]
    return told + [gettext("lost a rule: %(rule)s") % {"rule": one} for one in old]
