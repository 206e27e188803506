"""Floating IPs."""

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from projects.api.shapes import shape_of
from projects.kinds import Kind, News, as_is
from services.network import figures
from services.network.models import FloatingIP
from services.openstack.words import Service


def attached(_old: str, new: str) -> list[str]:
    """Say whether a floating IP is at a server now."""
    return [gettext("was attached") if new else gettext("was detached")]


def leads_to(_old: str, new: str) -> list[str]:
    """Say which address a floating IP maps to now."""
    return [gettext("maps to %(address)s") % {"address": new} if new else gettext("maps to nothing")]


def matches(q: str) -> Q:
    """Fit what begins like an address of it, like its id, or is in its description."""
    by_address = Q(address__startswith=q) | Q(fixed_address__startswith=q)
    return by_address | Q(description__icontains=q) | Q(external_id__istartswith=q)


FLOATING_IPS = Kind(
    key="floating-ips",
    one="floating IP",
    name=_("Floating IP"),
    names=_("Floating IPs"),
    noun=_("floating IPs"),
    icon="globe",
    states="floating_ip",
    group="network",
    position=90,
    hint=lambda floating: floating.fixed_address,
    label=lambda floating: floating.address,
    figures=figures.floating_ips,
    news=News(
        {"server_id": as_is, "fixed_address": as_is},
        phrases={"server_id": attached, "fixed_address": leads_to},
        name="address",
        follows=frozenset({"fixed_address"}),
    ),
    model=FloatingIP,
    service=Service.NETWORK,
    shape=shape_of("FloatingIP", FloatingIP),
    search=matches,
)
