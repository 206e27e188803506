"""Servers among the headline figures: how many in which state, as a strip."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.status import Role
from portal.ui.templatetags.meshdeck import FleetPart
from projects.pages.figures import Facts, Figure, Headline, RowFigure
from services.openstack.words import Measure

# The order of the fleet strip: the figures' key, the shape, and the word after the count.
FLEET: tuple[tuple[str, Role, StrOrPromise], ...] = (
    ("running", "ok", gettext_lazy("running")),
    ("working", "work", gettext_lazy("changing")),
    ("stopped", "off", gettext_lazy("stopped")),
    ("error", "bad", gettext_lazy("in error")),
    ("other", "un", gettext_lazy("in another state")),
)


def fleet(figures: Mapping[str, Any], old: bool = False) -> list[FleetPart]:
    """Return the servers by state, for strip and legend; of old figures it is said that they were so."""
    servers = figures.get("servers", {})
    return [
        FleetPart(role, servers.get(key, 0), _("were %(state)s") % {"state": word} if old else word)
        for key, role, word in FLEET
    ]


def hero(facts: Facts) -> Figure:
    """Return the figure of all servers."""
    total = formats.number(facts.figures["servers"]["total"])
    states = {"servers": facts.figures["servers"]}
    return Figure(_("Servers"), "", total, parts=tuple(fleet(states, facts.at is not None)))


def row(facts: Facts) -> RowFigure:
    """Return the figure in the row of a location."""
    total = facts.figures["servers"]["total"]
    small = ngettext("server", "servers", total)
    return RowFigure(formats.number(total), small, facts.allowed(Measure.SERVERS))


HEADLINE = Headline("servers", 10, hero, row, (Measure.SERVERS,), fleet)
