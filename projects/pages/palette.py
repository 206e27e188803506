"""What can be done, as the palette offers it: a line for each way to a page that asks for an action.

A page that asks for a new action adds its line to DOINGS; parts that stand above projects add theirs when Django starts
(`register`). The test of the palette follows each of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from portal.ui.changing import Action as Button
from projects.actions import ACTIONS
from projects.actions.base import Action
from projects.models import Location, Resource, Role, Tenant
from projects.operations import asking
from projects.pages.searching import by_name
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server
from services.compute.servers.one_server import OneServer
from services.network.models import FloatingIP, Network, Router, SecurityGroup

# So many things of a kind are offered commands for, so many for a thing that was found, and so many in all.
_THINGS, _EACH, SHOWN = 3, 3, 8


@dataclass(frozen=True, slots=True)
class Doing:
    """One way: the action that its page asks for, in words ("Attach %(name)s to a server…"), below the tenant.

    With a `model` it is about a thing of that kind that `fits`, whose id stands in the `path`. Without an action it is
    for everyone who may see the page, and has an `icon` of its own. `kind` is the kind of location that has it.
    """

    action: str
    label: StrOrPromise
    path: str
    model: type[Resource] | None = None
    fits: Callable[[Any], bool] = lambda _row: True
    kind: str = Location.Kind.OPENSTACK
    icon: str = ""

    @property
    def of(self) -> Action[Any] | None:
        """The action, where it asks for one."""
        return ACTIONS[self.action] if self.action else None

    def is_for(self, role: Role) -> bool:
        """Whether a person with this role in a tenant may."""
        return self.of is None or asking.may(role, self.of)

    def words(self) -> list[str]:
        """The words of its label, without the name."""
        return (str(self.label) % {"name": ""}).casefold().rstrip("…").split()


@dataclass(frozen=True, slots=True)
class Offer:
    """A command as the palette shows it."""

    label: str
    icon: str
    url: str
    where: str


def _possible(name: str) -> Callable[[Any], bool]:
    """Whether nothing that a server's row tells speaks against this action."""

    def fits(server: Server) -> bool:
        action = ACTIONS[name]
        return isinstance(action, OneServer) and not action.why_not(server, None)

    return fits


def _ours(network: Network) -> bool:
    return network.owned and not network.external


DOINGS: list[Doing] = [
    Doing("create-server", _("Create a server…"), "servers/create/"),
    Doing("create-volume", _("Create a volume…"), "volumes/create/"),
    Doing("import-key-pair", _("Import a key pair…"), "key-pairs/import/"),
    Doing("create-network", _("Create a network…"), "networks/create/"),
    Doing("create-router", _("Create a router…"), "routers/create/"),
    Doing("allocate-floating-ip", _("Allocate a floating IP…"), "floating-ips/create/"),
    Doing("attach-volume", _("Attach a volume to %(name)s…"), "servers/{id}/#volumes", Server),
    Doing("set-port-groups", _("Change security groups of %(name)s…"), "servers/{id}/#reach", Server),
    Doing(
        "create-image", _("Take a snapshot of %(name)s…"), "servers/{id}/snapshot/", Server, _possible("create-image")
    ),
    Doing("resize-server", _("Resize %(name)s…"), "servers/{id}/resize/", Server, _possible("resize-server")),
    Doing("reboot-server", _("Reboot %(name)s…"), "servers/{id}/reboot/", Server, _possible("reboot-server")),
    Doing("rename-server", _("Rename %(name)s…"), "servers/{id}/rename/", Server, _possible("rename-server")),
    Doing(
        "connect-server",
        _("Connect %(name)s to the internet…"),
        "servers/{id}/connect/",
        Server,
        lambda server: all(one["type"] != "floating" for one in server.addresses),
    ),
    Doing("delete-server", _("Delete %(name)s…"), "servers/{id}/delete/", Server, _possible("delete-server")),
    Doing(
        "attach-volume",
        _("Attach %(name)s to a server…"),
        "volumes/{id}/attach/",
        Volume,
        lambda volume: not volume.attachments or volume.multiattach,
    ),
    Doing(
        "detach-volume",
        _("Detach %(name)s from its server…"),
        "volumes/{id}/detach/",
        Volume,
        # The disk that a server boots from stays with it.
        lambda volume: len(volume.attachments) == 1 and not volume.attachments[0]["device"].endswith("da"),
    ),
    Doing("create-snapshot", _("Take a snapshot of %(name)s…"), "volumes/{id}/snapshot/", Volume),
    Doing("extend-volume", _("Extend %(name)s…"), "volumes/{id}/extend/", Volume),
    Doing("edit-volume", _("Rename %(name)s…"), "volumes/{id}/edit/", Volume),
    Doing(
        "delete-volume", _("Delete %(name)s…"), "volumes/{id}/delete/", Volume, lambda volume: not volume.attachments
    ),
    Doing("create-volume", _("Make a volume from %(name)s…"), "volumes/create/?snapshot_id={id}", Snapshot),
    Doing("revert-volume", _("Put its volume back to %(name)s…"), "snapshots/{id}/revert/", Snapshot),
    Doing("delete-snapshot", _("Delete %(name)s…"), "snapshots/{id}/delete/", Snapshot),
    Doing("edit-network", _("Rename %(name)s…"), "networks/{id}/edit/", Network, _ours),
    Doing("create-subnet", _("Add a subnet to %(name)s…"), "networks/{id}/subnets/create/", Network, _ours),
    Doing("delete-network", _("Delete %(name)s…"), "networks/{id}/delete/", Network, _ours),
    Doing("connect-subnet", _("Connect a subnet to %(name)s…"), "routers/{id}/connect/", Router),
    Doing("set-router-gateway", _("Lead %(name)s outside…"), "routers/{id}/gateway/", Router),
    Doing("delete-router", _("Delete %(name)s…"), "routers/{id}/delete/", Router),
    Doing("associate-floating-ip", _("Lead %(name)s to a server…"), "floating-ips/{id}/associate/", FloatingIP),
    Doing("release-floating-ip", _("Release %(name)s…"), "floating-ips/{id}/release/", FloatingIP),
    Doing("create-security-group", _("Create a security group…"), "security-groups/create/"),
    Doing("add-security-group-rules", _("Add rules to %(name)s…"), "security-groups/{id}/#add", SecurityGroup),
    Doing("edit-security-group", _("Rename %(name)s…"), "security-groups/{id}/edit/", SecurityGroup),
    Doing(
        "delete-security-group",
        _("Delete %(name)s…"),
        "security-groups/{id}/delete/",
        SecurityGroup,
        lambda group: group.name != "default",
    ),
]


def register(*doings: Doing) -> None:
    """Takes in ways to pages of other parts of the site."""
    DOINGS.extend(doings)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a person may do something: tenants and roles by the tenant's key, the one that they are in first."""

    tenants: Mapping[int, Tenant]
    roles: Mapping[int, Role]
    here: str = ""

    def may(self, tenant_id: int, doing: Doing) -> bool:
        """Whether the place is of its kind and the person's role there allows it."""
        return self.tenants[tenant_id].location.kind == doing.kind and doing.is_for(self.roles[tenant_id])

    def current(self, kind: str) -> list[Tenant]:
        """The tenant that the person is in, or else those of its project; all, where they are in none.

        Of those at locations of this kind.
        """
        all_ = [tenant for tenant in self.tenants.values() if tenant.location.kind == kind]
        project = self.here.partition("@")[0]
        here = [tenant for tenant in all_ if tenant.handle == self.here]
        return here or [tenant for tenant in all_ if tenant.project.slug == project] or all_


def of_things(places: Places, rows: Iterable[Resource]) -> list[Offer]:
    """What can be done with things that were found, a few ways for each."""
    found: list[Offer] = []
    for row in rows:
        fitting = (one for one in DOINGS if one.model is type(row) and one.fits(row) and places.may(row.tenant_id, one))
        found += [offer_of(one, places.tenants[row.tenant_id], row) for one in fitting][:_EACH]
    return found


def by_words(places: Places, q: str) -> list[Offer]:
    """Commands by what was typed: words of the command, and the name of the thing: "attach web"."""
    typed = q.casefold().split()
    found: list[Offer] = []
    rows: dict[tuple[type[Resource], str], Sequence[Resource]] = {}
    for doing in DOINGS:
        words = doing.words()
        name = " ".join(one for one in typed if not any(word.startswith(one) for word in words))
        if doing.model is None and not name:
            found += [offer_of(doing, one) for one in places.current(doing.kind) if places.may(one.pk, doing)]
        elif doing.model is not None and typed:
            key = doing.model, name
            if key not in rows:
                rows[key] = _named(places, *key)
            fitting = (row for row in rows[key] if doing.fits(row) and places.may(row.tenant_id, doing))
            found += [offer_of(doing, places.tenants[row.tenant_id], row) for row in fitting]
    return found[:SHOWN]


def without_a_thing(places: Places, q: str) -> list[Offer]:
    """Commands about nothing that is there yet, each typed word of which begins one of theirs: "cr vol", "passcode"."""
    typed = q.casefold().split()
    fitting = [
        one
        for one in DOINGS
        if one.model is None and all(any(word.startswith(part) for word in one.words()) for part in typed)
    ]
    return [
        offer_of(one, place)
        for one in fitting
        for place in places.current(one.kind)
        if typed and places.may(place.pk, one)
    ][:_THINGS]


def _named(places: Places, model: type[Resource], name: str) -> Sequence[Resource]:
    current = places.current(Location.Kind.OPENSTACK)
    rows = model._default_manager.filter(tenant__in=[tenant.pk for tenant in current])
    return list((rows.filter(by_name(name)) if name else rows).order_by("name", "pk")[:_THINGS])


def creates(tenant: Tenant, role: Role) -> list[Button]:
    """What can be made in a tenant, for the menu of its overview."""
    ways = [one for one in DOINGS if one.model is None and one.kind == tenant.location.kind and one.is_for(role)]
    offers = [offer_of(one, tenant) for one in ways]
    return [Button(one.label.rstrip("…"), one.url, one.icon) for one in offers]


def offer_of(doing: Doing, tenant: Tenant, row: Resource | None = None) -> Offer:
    """A way as it is offered, about this thing."""
    external_id = quote(row.external_id, safe="") if row else ""
    url = f"/{tenant.handle}/{doing.path.format(id=external_id)}"
    icon = doing.of.icon if doing.of else doing.icon
    return Offer(str(doing.label) % {"name": row or ""}, icon, url, tenant.handle)
