"""Floating IPs and security groups among the headline figures."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from projects.pages.figures import Facts, Figure, Headline, RowFigure
from services.openstack.words import Measure


def floating_ips(facts: Facts) -> Figure:
    """Return the figure of all floating IPs, and of networks."""
    floating, networks = facts.figures["floating_ips"], facts.figures["networks"]["total"]
    return Figure(
        _("Floating IPs"),
        "",
        formats.number(floating["total"]),
        unit=facts.allowed(Measure.FLOATING_IPS),
        lines=(
            _in_use(floating),
            ngettext("%(n)s network", "%(n)s networks", networks) % {"n": formats.number(networks)},
        ),
    )


def floating_ips_row(facts: Facts) -> RowFigure:
    """Return the figure in the row of a location."""
    total = facts.figures["floating_ips"]["total"]
    return RowFigure(formats.number(total), ngettext("floating IP", "floating IPs", total))


def security_groups(facts: Facts) -> Figure:
    """Return the figure of all security groups, with those that let anyone in."""
    groups = facts.figures["security_groups"]
    rules = ngettext("%(n)s rule", "%(n)s rules", groups["rules"]) % {"n": formats.number(groups["rules"])}
    opened = groups["open"]
    warn = ngettext("%(n)s open to anywhere", "%(n)s open to anywhere", opened) % {"n": formats.number(opened)}
    return Figure(
        _("Security groups"),
        "",
        formats.number(groups["total"]),
        lines=(rules,) if opened else (rules, _("none open to anywhere")),
        warn=warn if opened else "",
    )


def _in_use(floating: Mapping[str, Any]) -> str:
    used = _("%(n)s in use") % {"n": formats.number(floating["in_use"])}
    if not floating["idle"]:
        return used
    return _("%(used)s, %(n)s idle") % {"used": used, "n": formats.number(floating["idle"])}


HEADLINES = (
    Headline("floating_ips", 30, floating_ips, floating_ips_row),
    Headline("security_groups", 40, security_groups),
)
