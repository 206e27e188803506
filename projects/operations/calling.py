"""What things are told by on a command line: a name, as far as it means the thing and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from portal.ui.commands import plain
from projects.models import Resource, Tenant
from projects.operations import asking
from projects.outcomes import Thing


def called(tenant: Tenant, things: Sequence[Thing], then: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a client is told the things by, by id. `then`: what they were called when it was asked for.

    Names are not unique in a cloud. A name that another thing of the kind has too, or that is another's id, would hit
    that one or none; one that is not plain (portal.ui.commands) might be no name at all. Those are told by their id.
    """
    known = then or {}
    names = {**known, **asking.names_of(tenant, [thing for thing in things if thing.external_id not in known])}
    found: dict[str, str] = {}
    by_model: dict[type[Any], list[str]] = {}
    for thing in things:
        by_model.setdefault(thing.model, []).append(thing.external_id)
    for model, ids in by_model.items():
        said = {id_: names[id_] for id_ in ids if plain(names.get(id_, ""))}
        owners: dict[str, set[str]] = {}
        rows = model._default_manager.filter(tenant=tenant)
        for id_, name in rows.filter(Q(name__in=said.values()) | Q(external_id__in=said.values())).values_list(
            "external_id", "name"
        ):
            owners.setdefault(name, set()).add(id_)
            owners.setdefault(id_, set()).add(id_)
        found |= {id_: name for id_, name in said.items() if owners.get(name, set()) <= {id_}}
    return found


def called_rows(tenant: Tenant, rows: Iterable[Resource]) -> dict[str, str]:
    """Return what a client is told the things of these rows by."""
    return called(tenant, [Thing(type(row), row.external_id) for row in rows])
