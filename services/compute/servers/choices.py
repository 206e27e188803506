"""What a new server can be made of, as a form offers it: images, volumes, networks, groups, key pairs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from portal.ui.forms import Card
from portal.ui.status import status_of
from projects.access import Visit, own
from projects.models import Operation, Tenant
from services.block_storage.models import Snapshot, Volume
from services.block_storage.volumes.create_volume import least_for
from services.compute.models import KeyPair
from services.images.models import Image
from services.network.models import Network, Port, SecurityGroup, SecurityGroupRule, Subnet

Choices = list[tuple[str, Any]]
# How the operating systems write themselves (glance's os_distro is lower case).
_DISTRIBUTIONS = {
    "almalinux": "AlmaLinux",
    "arch": "Arch Linux",
    "centos": "CentOS",
    "cirros": "CirrOS",
    "coreos": "CoreOS",
    "debian": "Debian",
    "fedora": "Fedora",
    "freebsd": "FreeBSD",
    "gentoo": "Gentoo",
    "opensuse": "openSUSE",
    "rhel": "Red Hat Enterprise Linux",
    "rocky": "Rocky Linux",
    "sles": "SUSE Linux Enterprise",
    "ubuntu": "Ubuntu",
    "windows": "Windows",
}


def images(tenant: Tenant) -> Choices:
    """Images in groups: by distribution, then what people of the project have made."""
    groups: dict[str, Choices] = {}
    for image in Image.objects.filter(tenant=tenant).order_by("name", "external_id"):
        groups.setdefault(_group(image), []).append((image.external_id, _image(image)))
    last = (_("Other"), _("Snapshots of servers"))
    names = sorted(groups, key=lambda name: (last.index(name) + 1 if name in last else 0, name.casefold()))
    return [(name, groups[name]) for name in names]


def _group(image: Image) -> str:
    if image.server_id:
        return _("Snapshots of servers")
    return _DISTRIBUTIONS.get(image.os_distro.lower(), image.os_distro.capitalize()) or _("Other")


def _image(image: Image) -> Card:
    needs = _("needs %(n)s GB of disk") % {"n": formats.number(least_for(image))}
    blocked = "" if image.status == "active" else status_of("image", image.status).word
    return Card(str(image), needs, blocked)


def first_image(choices: Choices) -> str:
    """Return the image that a form begins with: the first that can be used."""
    usable = (key for _group_, cards in choices for key, card in cards if not card.blocked)
    return next(usable, "")


def boot_volumes(tenant: Tenant) -> Choices:
    """Volumes that a server can boot from."""
    rows = Volume.objects.filter(tenant=tenant, bootable=True).order_by("name", "external_id")
    return [(one.external_id, Card(str(one), _gb(one.size_gb), _busy(one))) for one in rows]


def _busy(volume: Volume) -> str:
    return "" if volume.status == "available" else str(status_of("volume", volume.status).word)


def boot_snapshots(tenant: Tenant) -> Choices:
    """Snapshots of bootable volumes, the newest first."""
    volumes = Volume.objects.filter(tenant=tenant, bootable=True).values("external_id")
    rows = Snapshot.objects.filter(tenant=tenant, volume_id__in=volumes).order_by("-created_at", "name")
    words = {one.pk: "" if one.status == "available" else status_of("snapshot", one.status).word for one in rows}
    return [(one.external_id, Card(str(one), _gb(one.size_gb), words[one.pk])) for one in rows]


def _gb(size: int) -> str:
    return str(formats.gibibytes(size))


def networks(tenant: Tenant) -> Choices:
    """Return the networks that a server can stand in, the project's own first; each with its addresses."""
    rows = Network.objects.filter(Q(owned=True) | Q(shared=True) | Q(external=False), tenant=tenant)
    rows = rows.exclude(external=True, owned=False, shared=False).order_by("-owned", "name", "external_id")
    subnets: dict[str, list[str]] = {}
    for network_id, cidr in Subnet.objects.filter(tenant=tenant).values_list("network_id", "cidr"):
        subnets.setdefault(network_id, []).append(cidr)
    return [(one.external_id, _network(one, subnets.get(one.external_id, []))) for one in rows]


def _network(network: Network, cidrs: Sequence[str]) -> Card:
    tag = "" if network.owned else _("shared")
    if not cidrs:
        return Card(str(network), blocked=_("It has no subnet, so there are no addresses in it."), tag=tag)
    said = ", ".join(cidrs)
    if not network.port_security:
        said = _("%(addresses)s, no security groups: port security is off") % {"addresses": said}
    return Card(str(network), said, tag=tag)


def likely_network(tenant: Tenant, choices: Choices) -> list[str]:
    """Return the network that a form begins with: the only own one that can be used, or that of most of the servers."""
    usable = {key for key, card in choices if not card.blocked}
    mine = Network.objects.filter(tenant=tenant, owned=True, external=False, external_id__in=usable)
    ids = list(mine.values_list("external_id", flat=True))
    if len(ids) < 2:
        return ids
    ports = Port.objects.filter(tenant=tenant, device_owner__startswith="compute:", network_id__in=ids)
    counts = Counter(ports.values_list("network_id", flat=True))
    return [network_id for network_id, _many in counts.most_common(1)]


def groups(tenant: Tenant) -> Choices:
    """Security groups, those shared with the tenant too, each with the number of its rules that let something in."""
    counts: dict[str, int] = {}
    rules = SecurityGroupRule.objects.filter(tenant=tenant, direction="ingress").values_list("group_id", flat=True)
    for group_id in rules:
        counts[group_id] = counts.get(group_id, 0) + 1
    rows = SecurityGroup.objects.filter(tenant=tenant).order_by("-owned", "name", "external_id")
    return [(one.external_id, _group_card(one, counts.get(one.external_id, 0))) for one in rows]


def _group_card(group: SecurityGroup, rules: int) -> Card:
    return Card(str(group), _group_said(group, rules), tag="" if group.owned else _("shared"))


def _group_said(group: SecurityGroup, rules: int) -> str:
    if group.description and group.description != "Default security group":
        return group.description
    if not rules:
        return _("lets nothing in")
    return ngettext("%(n)d rule lets something in", "%(n)d rules let something in", rules) % {"n": rules}


def default_groups(tenant: Tenant, choices: Choices, network_ids: Sequence[str]) -> list[str]:
    """Return the groups that a form begins with: the one that the cloud would take, where the networks can have any."""
    if Network.objects.filter(tenant=tenant, external_id__in=network_ids, port_security=False).exists():
        return []
    return [key for key, card in choices if str(card.title) == "default" and not card.tag]


def key_pairs(visit: Visit) -> list[str]:
    """Return the names of the person's own key pairs, and of those that are on their way in."""
    mine = KeyPair.objects.filter(own(visit.user), tenant=visit.tenant).order_by("name")
    names = list(mine.values_list("name", flat=True))
    coming = Operation.objects.open().filter(tenant=visit.tenant, user=visit.user, action="import-key-pair")
    return names + [name for name in _names(coming.values_list("params", flat=True)) if name not in names]


def _names(params: Iterable[dict[str, Any]]) -> list[str]:
    return [str(one.get("name", "")) for one in params]
