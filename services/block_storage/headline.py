"""Volumes and snapshots among the headline figures."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from projects.pages.figures import Facts, Figure, Headline, RowFigure


def volumes_said(n: int) -> str:
    """Say "9 volumes"."""
    return ngettext("%(n)s volume", "%(n)s volumes", n) % {"n": formats.number(n)}


def hero(facts: Facts) -> Figure:
    """Return the figure of all volumes: their size, how many are attached, and the snapshots."""
    volumes, snapshots = facts.figures["volumes"], facts.figures["snapshots"]["total"]
    attached = {"volumes": volumes_said(volumes["total"]), "n": formats.number(volumes["attached"])}
    return Figure(
        _("Volumes"),
        "",
        formats.gibibytes(volumes["gb"]),
        lines=(
            _("%(volumes)s, %(n)s attached") % attached,
            ngettext("%(n)s snapshot", "%(n)s snapshots", snapshots) % {"n": formats.number(snapshots)},
        ),
    )


def row(facts: Facts) -> RowFigure:
    """Return the figure in the row of a location."""
    volumes = facts.figures["volumes"]
    size = formats.gibibytes(volumes["gb"])
    return RowFigure(size.value, _("in %(volumes)s") % {"volumes": volumes_said(volumes["total"])}, size.unit)


HEADLINE = Headline("volumes", 20, hero, row)
