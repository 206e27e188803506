"""The way from a server's subnet to the outside and back in, one step nearer: what `connect_server` is made of.

Each looks at the cloud first, and tells in the step's line what is there and what was made. Two operations at once
that miss the same router make one each, and the cloud lets one of them in: the other one is taken away again.
"""

from typing import Any

from django.utils.translation import gettext as _

from clouds import errors
from clouds.openstack import floating_ips, networks, routers
from clouds.openstack.inventory import network as inventory
from projects.models import Operation
from projects.outcomes import Done, Failed, Outcome, Wait
from services.network.floating_ips import associating, targets
from services.network.models import FloatingIP, Router
from services.network.networks import lookups
from services.network.routers import internet_plan, routing
from services.openstack.actions import Run


def led(operation: Operation) -> str:
    """Return the floating IP that this operation associated with the server; empty for none."""
    memory: dict[str, Any] = operation.memory
    return str(memory.get("floating_ip_id") or memory.get("chosen_ip") or "") if memory.get("led") else ""


def outside_of(run: Run, wish: internet_plan.Wish) -> str | Failed:
    """Choose the external network where no router does: the one that was asked for, or the first that fits."""
    if wish.external_network_id:
        return wish.external_network_id
    first = next(iter(lookups.floating_networks(run.tenant)), None)
    if first is None:
        said = _("%(place)s has no external network with IPv4 addresses.") % {"place": run.place}
        return Failed(said, code="no_outside")
    return first.external_id


def build(run: Run, wish: internet_plan.Wish, network: inventory.Network, subnet: inventory.Subnet) -> str | Outcome:
    """Build a router with a gateway in the subnet. Return its external network when all of that is there."""
    found = _router(run, wish, network, subnet)
    if not isinstance(found, inventory.Router):
        return found
    if not found.external_network_id:
        _at(run, "gateway")
        outside = outside_of(run, wish)
        if isinstance(outside, Failed):
            return outside
        run.saw(run.send("gateway", lambda: routers.set_gateway(run.cloud, found.external_id, outside)))
        return Wait(0)
    _at(run, "gateway", routing.outside_said(found))
    _at(run, "interface")
    if outcome := routing.connect(run, found.external_id, subnet.external_id):
        return outcome
    return found.external_network_id


def lead_in(run: Run, wish: internet_plan.Wish, outside: str, port: inventory.Port, ip: inventory.FixedIP) -> Outcome:
    """Associate a floating IP of the external network with the server's address."""
    _at(run, "address")
    floating = _floating(run, wish, outside, port, ip)
    if not isinstance(floating, inventory.FloatingIP):
        return floating
    _at(run, "lead")
    outcome = associating.associate(run, floating, wish)
    lost = isinstance(outcome, Failed) and outcome.code == "changed_meanwhile"
    if lost and not wish.floating_ip_id and not run.memory.get("floating_ip_id"):
        # Somebody took the free one that we had chosen: there may be another.
        run.remember(chosen_ip=None)
        return Wait(0)
    return outcome


def _router(
    run: Run, wish: internet_plan.Wish, network: inventory.Network, subnet: inventory.Subnet
) -> inventory.Router | Outcome:
    """Find the router in the subnet, else one that fits, or make one."""
    _at(run, "router")
    for port in _routers_ports(run, network, subnet):
        router = routers.get(run.cloud, port.device_id)
        run.saw(router)
        if outcome := _made_in_vain(run, router):
            return outcome
        _at(run, "router", _("%(router)s is there.") % {"router": router.name})
        return router
    outside = outside_of(run, wish)
    if isinstance(outside, Failed):
        return outside
    chosen = None if _makes(run) else _spare(run, wish, subnet, outside)
    if chosen is not None:
        try:
            router = routers.get(run.cloud, chosen.external_id)
        except errors.NotFound:
            run.gone(Router, chosen.external_id)
            return Wait(0)
        run.saw(router)
        if not router.external_network_id:
            return Wait(0)
        _at(run, "router", _("%(router)s has room for it.") % {"router": router.name})
        return router
    made = routing.make_router(run, f"{network.name}-router"[:255], "", outside)
    if isinstance(made, inventory.Router):
        _at(run, "router", _("Made %(router)s.") % {"router": made.name})
    return made


def _routers_ports(run: Run, network: inventory.Network, subnet: inventory.Subnet) -> list[inventory.Port]:
    """List the interfaces of routers in the subnet, the one at its gateway address first."""
    ports = [one for one in networks.ports_of(run.cloud, network.external_id) if lookups.is_interface(one.device_owner)]
    run.saw(*ports)
    here = [port for port in ports if any(ip.subnet_id == subnet.external_id for ip in port.fixed_ips)]
    return sorted(here, key=lambda port: all(ip.address != subnet.gateway for ip in port.fixed_ips))


def _makes(run: Run) -> bool:
    """Tell whether this operation makes a router, or has begun to."""
    return bool(run.memory.get("router_id") or run.memory.get("router_id_sent_at"))


def _spare(run: Run, wish: internet_plan.Wish, subnet: inventory.Subnet, outside: str) -> Router | None:
    """Find a router of the project with that gateway and room for the subnet, in the inventory."""
    row = lookups.subnet_of(run.tenant, subnet.external_id)
    network = lookups.network_of(run.tenant, outside)
    if row is None or network is None:
        return None
    try:
        return internet_plan.router_for(run.tenant, wish.router_id, row, network)
    except internet_plan.NoPlanError:
        return None  # the one that was asked for is gone by now


def _made_in_vain(run: Run, router: inventory.Router) -> Outcome | None:
    """Delete the router that this operation has made, where another was faster and is in the subnet."""
    made = run.memory.get("router_id")
    if not made or made == router.external_id or run.done("router_dropped"):
        return None
    run.send_unless(errors.NotFound, "router_dropped", lambda: routers.delete(run.cloud, made))
    run.gone(Router, made)
    return Wait(0)


def _floating(
    run: Run, wish: internet_plan.Wish, outside: str, port: inventory.Port, ip: inventory.FixedIP
) -> inventory.FloatingIP | Outcome:
    """Find the floating IP that is associated already, was asked for or is free, or allocate one."""
    memory = run.memory
    mine = str(memory.get("floating_ip_id") or memory.get("chosen_ip") or "")
    there = [one for one in inventory.list_floating_ips(run.cloud) if one.network_id == outside]
    for one in there:
        if (one.port_id, one.fixed_address) == (port.external_id, ip.address) and one.external_id != mine:
            run.saw(one)
            return Done(_("%(address)s is already associated with it.") % {"address": one.address})
    if not memory.get("floating_ip_id_sent_at") and wish.floating_ip_id != internet_plan.NEW:
        idle = {one.external_id for one in there if not one.port_id}
        free = (one.external_id for one in targets.free(run.tenant, outside, besides=run.operation.pk))
        chosen = mine or wish.floating_ip_id or next((one for one in free if one in idle), "")
        if chosen:
            return _choose(run, chosen)
    made = associating.allocate(run, outside, "")
    if isinstance(made, inventory.FloatingIP):
        _at(run, "address", _("Allocated %(address)s.") % {"address": made.address})
    return made


def _choose(run: Run, floating_ip_id: str) -> inventory.FloatingIP | Outcome:
    """Choose an existing floating IP. From now on no other operation chooses it."""
    if run.memory.get("chosen_ip") != floating_ip_id:
        run.remember(chosen_ip=floating_ip_id)
    try:
        floating = floating_ips.get(run.cloud, floating_ip_id)
    except errors.NotFound:
        run.gone(FloatingIP, floating_ip_id)
        if run.operation.params["floating_ip_id"] == floating_ip_id:
            return Failed(_("The floating IP is gone by now. Try again with another."), code="not_found")
        run.remember(chosen_ip=None)
        return Wait(0)
    run.made(FloatingIP, floating_ip_id, floating.address)
    _at(run, "address", _("%(address)s is there.") % {"address": floating.address})
    return floating


def _at(run: Run, key: str, note: str = "") -> None:
    """Like `run.at`, and silent for a step that lies behind."""
    ended = any(step["key"] == key and step["ended"] for step in run.operation.steps)
    if not ended:
        run.at(key, note)
