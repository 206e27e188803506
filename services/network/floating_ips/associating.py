"""Associate a floating IP with a server's address, one step nearer: what several actions share."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from django.utils.translation import gettext as _

from clouds import errors
from clouds.openstack import floating_ips, servers
from clouds.openstack.inventory import network as inventory
from projects.outcomes import Done, Failed, Outcome, Step, Wait
from services.compute.models import Server
from services.network.models import FloatingIP
from services.network.routers import routing
from services.openstack.actions import Run

# Neutron has it lead there at once; its routers follow within a second or two. So long they are waited for.
FOLLOWS = 10.0


class Target(Protocol):
    """A server's end; without a port its first IPv4 address."""

    @property
    def server_id(self) -> str: ...
    @property
    def port_id(self) -> str: ...
    @property
    def fixed_address(self) -> str: ...


def steps(server: str) -> Sequence[Step]:
    """List the steps of `associate`."""
    words = {"server": server}
    return (
        Step("lead", _("Associate it with %(server)s") % words, _("It is associated with %(server)s") % words),
        Step("see", _("See it in use"), _("It is in use"), _("Done when the cloud reports it as active")),
    )


def allocate(run: Run, network_id: str, description: str) -> inventory.FloatingIP | Wait:
    """Allocate the one floating IP of this operation, or find it."""
    floating_ip_id = run.create_once(
        "floating_ip_id",
        find=lambda: [one.external_id for one in floating_ips.find_marked(run.cloud, run.mark)],
        create=lambda: floating_ips.allocate(run.cloud, network_id=network_id, mark=run.mark),
    )
    if floating_ip_id is None:
        return routing.looking()
    floating = floating_ips.get(run.cloud, floating_ip_id)
    if floating.description == run.mark:
        words = partial(floating_ips.update, run.cloud, floating_ip_id, description=description)
        floating = run.send("address_words", words)
    run.made(FloatingIP, floating_ip_id, floating.address)
    return floating


def end_of(run: Run, target: Target) -> tuple[inventory.Port, inventory.FixedIP] | None:
    """Look up the server's port and address in the cloud. None where the server has no such address."""
    ports = servers.ports_of(run.cloud, target.server_id)
    run.saw(*ports)
    row = Server.objects.filter(tenant=run.tenant, external_id=target.server_id).first()
    order = {one["address"]: place for place, one in enumerate(row.addresses if row else ())}
    found = [
        (port, ip)
        for port in ports
        for ip in port.fixed_ips
        if ":" not in ip.address
        and target.port_id in ("", port.external_id)
        and target.fixed_address in ("", ip.address)
    ]
    return min(found, key=lambda end: (order.get(end[1].address, len(order)), end[0].external_id), default=None)


def no_end() -> Failed:
    """Say how it ends when the server has no such address by now."""
    return Failed(_("The server no longer has this IPv4 address, so no floating IP was associated."), code="no_address")


def associate(run: Run, floating: inventory.FloatingIP, target: Target, was_port_id: str | None = "") -> Outcome:
    """Associate the floating IP with the server. `was_port_id` is the port that the person saw; None for any."""
    end = end_of(run, target)
    run.saw(floating)
    if end is None:
        return no_end()
    port, ip = end
    if (floating.port_id, floating.fixed_address) == (port.external_id, ip.address):
        return arrived(run, floating)
    run.at("lead")
    if run.done("led"):
        said = _("It was associated, and somebody has associated %(address)s elsewhere since.")
        return Done(said % {"address": floating.address})
    if was_port_id is not None and floating.port_id != was_port_id:
        return elsewhere(floating.address)
    if "was" not in run.memory:
        run.remember(was=led_to(run, floating))
    try:
        # Refused when somebody else has led it elsewhere between our look and this: the next look shows it.
        led = run.send(
            "led",
            lambda: floating_ips.associate(
                run.cloud,
                floating.external_id,
                port_id=port.external_id,
                fixed_address=ip.address,
                revision=floating.revision,
            ),
        )
    except errors.Conflict as error:
        if failed := _no_way(error, floating.address):
            return failed
        raise
    run.saw(led)
    return Wait(0)


def _no_way(error: errors.Conflict, address: str) -> Failed | None:
    """Say how it ends when waiting would not help."""
    if error.status == 404:
        said = _("No router connects the server to the external network of %(address)s. This step changed nothing.")
    elif error.detail.startswith("FloatingIPPortAlreadyAssociated"):
        said = _("Another floating IP is associated with the server's address by now. %(address)s is not associated.")
    else:
        return None
    return Failed(said % {"address": address}, error.detail, error.code)


def led_to(run: Run, floating: inventory.FloatingIP) -> dict[str, str]:
    """Return its association, to be able to go back: the server, empty where it is none's, its port and address."""
    row = FloatingIP.objects.filter(tenant=run.tenant, external_id=floating.external_id).first()
    server_id = row.server_id if row and row.port_id == floating.port_id else ""
    return {"server_id": server_id, "port_id": floating.port_id, "fixed_address": floating.fixed_address}


def elsewhere(address: str) -> Failed:
    """Say how it ends when somebody else has changed the association."""
    said = _("Somebody else has changed the association of %(address)s meanwhile. This step changed nothing.")
    return Failed(said % {"address": address}, code="changed_meanwhile")


def arrived(run: Run, floating: inventory.FloatingIP) -> Outcome:
    """Wait until the cloud's routers have followed, or long enough."""
    run.at("see")
    if not run.done("led"):
        run.note_done("led")
    if floating.status == "DOWN" and run.age("led") < FOLLOWS:
        return Wait(0.5, _("The cloud says: %(state)s") % {"state": floating.status})
    return Done(floating.address)
