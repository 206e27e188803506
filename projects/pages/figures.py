"""The headline figures of a tenant, ready for the hero and the project rows."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.status import Role
from portal.ui.templatetags.meshdeck import FleetPart
from projects.figures import SERVICES
from projects.models import Limit, Measure, Service, Tenant
from projects.pages.health import Freshness

# Stands for a figure that is not known.
UNREAD = "–"
# The order of the fleet strip: the figures' key, the shape, and the word after the count.
FLEET: tuple[tuple[str, Role, StrOrPromise], ...] = (
    ("running", "ok", gettext_lazy("running")),
    ("working", "work", gettext_lazy("changing")),
    ("stopped", "off", gettext_lazy("stopped")),
    ("error", "bad", gettext_lazy("in error")),
    ("other", "un", gettext_lazy("in another state")),
)


def fleet(figures: Mapping[str, Any], *, old: bool = False) -> list[FleetPart]:
    """The servers by state, for strip and legend; of old figures it is said that they were so."""
    servers = figures.get("servers", {})
    return [
        FleetPart(role, servers.get(key, 0), _("were %(state)s") % {"state": word} if old else word)
        for key, role, word in FLEET
    ]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the hero (components/figure.html)."""

    label: str
    url: str
    value: object
    unit: str = ""
    lines: tuple[str, ...] = ()
    parts: tuple[FleetPart, ...] = ()
    warn: str = ""
    at: object = None


def hero(tenant: Tenant, limits: Mapping[str, Limit], fresh: Freshness) -> list[Figure]:
    """The five figures of the tenant page. Each is dated by itself when its service could not be read."""
    f: dict[str, dict[str, Any]] = defaultdict(Counter, tenant.figures)
    here = f"/{tenant.handle}/"
    volumes, floating, groups, objects = f["volumes"], f["floating_ips"], f["security_groups"], f["containers"]
    since = {service: fresh.old_since(service) for service in Service}
    servers_at = since[Service.COMPUTE]
    # Where all of it is old, the first figure says so for all.
    said = {service: None if fresh.down else at for service, at in since.items()}
    drawn = {
        "servers": Figure(
            _dated(_("Servers"), servers_at),
            f"{here}servers/",
            formats.number(f["servers"]["total"]),
            parts=tuple(fleet(f, old=servers_at is not None)),
            at=servers_at,
        ),
        "volumes": Figure(
            _dated(_("Volumes"), said[Service.BLOCK_STORAGE]),
            f"{here}volumes/",
            formats.gibibytes(volumes["gb"]),
            lines=(
                _("%(volumes)s, %(n)s attached")
                % {"volumes": volumes_said(volumes["total"]), "n": formats.number(volumes["attached"])},
                ngettext("%(n)s snapshot", "%(n)s snapshots", f["snapshots"]["total"])
                % {"n": formats.number(f["snapshots"]["total"])},
            ),
            at=since[Service.BLOCK_STORAGE],
        ),
        "floating_ips": Figure(
            _dated(_("Floating IPs"), said[Service.NETWORK]),
            f"{here}floating-ips/",
            formats.number(floating["total"]),
            unit=_allowed(limits.get(Measure.FLOATING_IPS)),
            lines=(
                _in_use(floating),
                ngettext("%(n)s network", "%(n)s networks", f["networks"]["total"])
                % {"n": formats.number(f["networks"]["total"])},
            ),
            at=since[Service.NETWORK],
        ),
        "security_groups": _groups(groups, here, said[Service.NETWORK]),
        "containers": Figure(
            _dated(_("Objects"), said[Service.OBJECT_STORE]),
            f"{here}containers/",
            formats.count(objects["objects"]),
            lines=(
                str(formats.size(objects["bytes"])),
                ngettext("in %(n)s container", "in %(n)s containers", objects["total"])
                % {"n": formats.number(objects["total"])},
            ),
            at=since[Service.OBJECT_STORE],
        ),
    }
    return [one if part in tenant.figures else unread(one, _why(fresh, part)) for part, one in drawn.items()]


def unread(figure: Figure, why: str) -> Figure:
    """The figure of something that nobody has read yet, which is no zero."""
    return Figure(figure.label, figure.url, UNREAD, lines=(why,))


def _why(fresh: Freshness, part: str) -> str:
    if fresh.offers(SERVICES[part]):
        return _("could not be read yet")
    return _("%(place)s does not offer this") % {"place": fresh.tenant.location.name}


def _groups(groups: Mapping[str, int], here: str, at: Any) -> Figure:
    rules = ngettext("%(n)s rule", "%(n)s rules", groups["rules"]) % {"n": formats.number(groups["rules"])}
    opened = groups["open"]
    warn = ngettext("%(n)s open to anywhere", "%(n)s open to anywhere", opened) % {"n": formats.number(opened)}
    return Figure(
        _dated(_("Security groups"), at),
        f"{here}security-groups/",
        formats.number(groups["total"]),
        lines=(rules,) if opened else (rules, _("none open to anywhere")),
        warn=warn if opened else "",
        at=at,
    )


def _dated(label: str, at: Any) -> str:
    return _("%(label)s, at %(time)s") % {"label": label, "time": formats.clock(at)} if at else label


def _allowed(limit: Limit | None) -> str:
    if limit is None or limit.allowed is None:
        return ""
    return _("of %(n)s") % {"n": formats.number(limit.allowed)}


def _in_use(floating: Mapping[str, int]) -> str:
    used = _("%(n)s in use") % {"n": formats.number(floating["in_use"])}
    if not floating["idle"]:
        return used
    return _("%(used)s, %(n)s idle") % {"used": used, "n": formats.number(floating["idle"])}


def volumes_said(n: int) -> str:
    """ "9 volumes"."""
    return ngettext("%(n)s volume", "%(n)s volumes", n) % {"n": formats.number(n)}
