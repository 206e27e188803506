"""One step nearer: a router into a subnet or out of it, a way outside, and showing what is there then.

Each looks first. What it gives back is what to do next, or None when that step is done.
"""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from clouds import errors
from clouds.openstack import networks, routers
from clouds.openstack.inventory import network as inventory
from portal.ui.forms import Way
from projects.models import Tenant
from projects.outcomes import Failed, Outcome, Refusal, Wait
from services.network.models import Network, Port, Router, Subnet
from services.network.networks import addressing, lookups
from services.openstack.actions import Run

# Neutron's words for a router that a floating IP needs as it is.
_NEEDED = ("RouterInterfaceInUseByFloatingIP", "RouterExternalGatewayInUseByFloatingIp")


def looking() -> Wait:
    """Wait where a request was sent and may not have arrived."""
    return Wait(2, _("Looks whether the request has arrived."))


def make_network(run: Run, name: str, description: str) -> inventory.Network | Wait:
    """Make the one network of this operation, with its own description in place of the mark."""
    network_id = run.create_once(
        "network_id",
        find=lambda: [one.external_id for one in networks.find_marked(run.cloud, run.mark)],
        create=lambda: networks.create(run.cloud, name=name, mark=run.mark),
    )
    if network_id is None:
        return looking()
    network = networks.get(run.cloud, network_id)
    if network.description == run.mark:
        network = run.send("network_words", lambda: networks.update(run.cloud, network_id, description=description))
    run.made(Network, network_id, network.name)
    run.saw(network)
    return network


def make_subnet(run: Run, network_id: str, name: str, params: addressing.SubnetParams) -> inventory.Subnet | Wait:
    """Make the one subnet of this operation."""
    subnet_id = run.create_once(
        "subnet_id",
        find=lambda: [one.external_id for one in networks.find_marked_subnets(run.cloud, run.mark)],
        create=lambda: networks.create_subnet(
            run.cloud,
            network_id=network_id,
            name=name,
            mark=run.mark,
            cidr=params.cidr,
            gateway=params.cloud_gateway,
            dhcp=params.dhcp,
            dns_servers=params.dns_servers,
            ipv6_mode=params.cloud_ipv6_mode,
        ),
    )
    if subnet_id is None:
        return looking()
    subnet = networks.get_subnet(run.cloud, subnet_id)
    if subnet.description == run.mark:
        subnet = run.send("subnet_words", lambda: networks.update_subnet(run.cloud, subnet_id, description=""))
    run.made(Subnet, subnet_id, subnet.name)
    run.saw(subnet)
    return subnet


def make_router(run: Run, name: str, description: str, external_network_id: str) -> inventory.Router | Wait:
    """Make the one router of this operation, with its gateway where it has one."""
    router_id = run.create_once(
        "router_id",
        find=lambda: [one.external_id for one in routers.find_marked(run.cloud, run.mark)],
        create=lambda: routers.create(run.cloud, name=name, mark=run.mark, external_network_id=external_network_id),
    )
    if router_id is None:
        return looking()
    router = routers.get(run.cloud, router_id)
    if router.description == run.mark:
        router = run.send("router_words", lambda: routers.update(run.cloud, router_id, description=description))
    run.made(Router, router_id, router.name)
    run.saw(router)
    return router


def connect(run: Run, router_id: str, subnet_id: str) -> Outcome | None:
    """Connect the router to the subnet."""
    ports = routers.ports_of(run.cloud, router_id)
    run.saw(*ports)
    if any(ip.subnet_id == subnet_id for port in ports for ip in port.fixed_ips):
        return None
    run.send("connect", lambda: routers.add_interface(run.cloud, router_id, subnet_id))
    return Wait(0)


def disconnect(run: Run, router_id: str, subnet_id: str) -> Outcome | None:
    """Disconnect the router from the subnet."""
    ports = routers.ports_of(run.cloud, router_id)
    there = {port.external_id for port in ports}
    known = lookups.interfaces(run.tenant).filter(device_id=router_id).values_list("external_id", flat=True)
    run.saw(*ports)
    run.gone(Port, *(id_ for id_ in known if id_ not in there))
    if not any(ip.subnet_id == subnet_id for port in ports for ip in port.fixed_ips):
        return None
    try:
        run.send_unless(
            errors.NotFound,
            f"disconnect_{router_id}_{subnet_id}",
            lambda: routers.remove_interface(run.cloud, router_id, subnet_id),
        )
    except errors.Conflict as error:
        if not error.detail.startswith(_NEEDED):
            raise
        return needed(error)
    return Wait(0)


def needed(error: errors.CloudError) -> Failed:
    """Say how it ends when a floating IP uses the router since it was asked for."""
    said = _("A floating IP uses the router by now. Disassociate it first. This step changed nothing.")
    return Failed(said, error.detail, error.code)


def is_needed(error: errors.CloudError) -> bool:
    """Tell whether the cloud refused because a floating IP uses the router."""
    return error.detail.startswith(_NEEDED)


def outside_said(router: inventory.Router) -> str:
    """Tell the router's external address, as a note: "Its external address is 203.0.113.5."."""
    if not router.external_addresses:
        return ""
    return _("Its external address is %(address)s.") % {"address": router.external_addresses[0]}


def connectable(tenant: Tenant, router: Router | None, subnet: Subnet, field: str) -> Iterator[Refusal]:
    """Say why the router can't go into the subnet. None: a router that is still to be made, which is in none."""
    words = {"subnet": str(subnet), "router": str(router)}
    if not subnet.gateway:
        said = _("%(subnet)s has no gateway address, so no router can be connected.")
        yield Refusal(field, said % words)
        return
    joined = lookups.subnets_joined(tenant, router.external_id) if router else []
    if any(one.external_id == subnet.external_id for one in joined):
        yield Refusal(field, _("%(router)s is in %(subnet)s already.") % words)
        return
    yield from gateway_taken(tenant, subnet, field)
    for other in joined:
        if addressing.overlap(subnet.cidr, other.cidr):
            said = _("%(subnet)s (%(cidr)s) overlaps with %(other)s (%(taken)s), in which %(router)s is already.")
            more = {"cidr": subnet.cidr, "other": str(other), "taken": other.cidr}
            yield Refusal(field, said % {**words, **more})


def gateway_taken(tenant: Tenant, subnet: Subnet, field: str) -> Iterator[Refusal]:
    """Refuse where something else has the gateway address, which the router would take."""
    for port in Port.objects.filter(tenant=tenant, network_id=subnet.network_id):
        if any(ip["subnet_id"] == subnet.external_id and ip["address"] == subnet.gateway for ip in port.fixed_ips):
            words = {"address": subnet.gateway, "subnet": str(subnet)}
            owner = lookups.router_of(tenant, port.device_id)
            if owner is None:
                said = _("%(address)s, the gateway of %(subnet)s, is in use already.")
                yield Refusal(field, said % words)
            else:
                said = _("%(subnet)s has a router already: %(router)s is its gateway %(address)s.")
                way = Way(_("See %(router)s") % {"router": owner}, url=lookups.page_of(owner))
                yield Refusal(field, said % {**words, "router": str(owner)}, [way])
            return


def overlapping(subnets: Iterable[Subnet], field: str) -> Iterator[Refusal]:
    """Refuse two of them that one router can't both be in."""
    seen: list[Subnet] = []
    for subnet in subnets:
        for other in seen:
            if addressing.overlap(subnet.cidr, other.cidr):
                words = {"one": str(subnet), "cidr": subnet.cidr, "other": str(other), "taken": other.cidr}
                said = _("%(one)s (%(cidr)s) and %(other)s (%(taken)s) overlap: one router can't be in both.")
                yield Refusal(field, said % words)
        seen.append(subnet)
