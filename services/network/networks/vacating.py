"""What deleting a network and deleting a subnet share: routers leave first, and whoever else is in it keeps it."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from clouds.openstack.inventory.network import Port as SeenPort
from portal.ui.changing import CommandText
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action, P
from projects.models import Operation, Tenant
from projects.operations.calling import called_rows
from projects.outcomes import Failed, Lot, Outcome, name_of
from projects.pages.command import commands_of, shell_lines
from services.compute.models import Server
from services.network.models import FloatingIP, Port, Router, Subnet
from services.network.networks import lookups
from services.network.routers import routing
from services.openstack.actions import Run


def users_of(run: Run, ports: Iterable[SeenPort]) -> Failed | None:
    """Fail where a server or another port than a router's is there by now."""
    others = [
        port for port in ports if not lookups.is_interface(port.device_owner) and not lookups.is_own(port.device_owner)
    ]
    if not others:
        return None
    ids = {port.device_id for port in others if port.device_id}
    servers = Server.objects.filter(tenant=run.tenant, external_id__in=ids).order_by("name", "external_id")
    addresses = [ip.address for port in others for ip in port.fixed_ips]
    words = {"who": lookups.named([str(one) for one in servers] or addresses)}
    return Failed(_("%(who)s is in it by now. Nothing was deleted.") % words, code="in_use")


def routers_out(run: Run, network_id: str, ports: Sequence[SeenPort], subnet_ids: Iterable[str]) -> Outcome | None:
    """Disconnect the routers from the subnets, one after the other. `ports` are all of the network's in the cloud."""
    wanted, there = set(subnet_ids), {port.external_id for port in ports}
    known = lookups.interfaces(run.tenant).filter(network_id=network_id)
    run.gone(Port, *known.exclude(external_id__in=there).values_list("external_id", flat=True))
    for port in ports:
        if lookups.is_interface(port.device_owner):
            for ip in port.fixed_ips:
                if ip.subnet_id in wanted and (outcome := routing.disconnect(run, port.device_id, ip.subnet_id)):
                    return outcome
    return None


def stands(operation: Operation, untouched: str) -> str:
    """Say what stays where it was not deleted; `untouched` when no router has left it."""
    if standing.asked(operation, "delete"):
        return _("The cloud may delete it all the same.")
    kept = standing.unchanged(operation, untouched)
    return kept or _("What was disconnected so far stays so.")


def routers_there(subnets: Iterable[Subnet]) -> list[Router]:
    """List the project's routers that would be disconnected."""
    found = {router.pk: router for subnet in subnets for router in lookups.routers_in(subnet.tenant, subnet)}
    return sorted(found.values(), key=str)


def as_lost(subnet: Subnet) -> Lot:
    """Tell of a subnet that goes."""
    said = subnet.cidr if subnet.name else ""
    return Lot(subnet.name or subnet.cidr, ", ".join(filter(None, [_("Subnet"), said])))


def routers_kept(subnets: Iterable[Subnet]) -> list[Lot]:
    """Tell of the routers that leave it."""
    small = _("Router, disconnected first")
    return [Lot(str(one), small) for one in routers_there(subnets)]


def formats(tenant: Tenant, subnets: Sequence[Subnet], delete: Action[P], params: P) -> list[CommandText]:
    """Say what deleting does, as commands: the routers out of the subnets first."""
    lines = shell_lines(tenant, [*commands(tenant, subnets), *commands_of(tenant, delete, params)])
    return [CommandText("openstack", "openstack", lines)]


def commands(tenant: Tenant, subnets: Iterable[Subnet]) -> list[Command]:
    """Write the commands that disconnect the routers from the subnets."""
    joints = [(router, subnet) for subnet in subnets for router in lookups.routers_in(tenant, subnet)]
    names = called_rows(tenant, [row for joint in joints for row in joint])
    return [
        Command("router remove subnet", things=[name_of(names, one.external_id) for one in joint]) for joint in joints
    ]


def floating_ips_in(subnets: Sequence[Subnet], routers: Iterable[Router]) -> list[tuple[Router, list[FloatingIP]]]:
    """List the floating IPs of servers in the subnets, by the router that they use."""
    found = [(router, lookups.through(router.tenant, router.external_id, subnets)) for router in routers]
    return [(router, floating) for router, floating in found if floating]
