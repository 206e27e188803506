"""What an operation saw in the cloud goes into the inventory at once: pages show it with their next question."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone
from pydantic import BaseModel

from clouds.openstack.inventory import block_storage, compute, joins, network
from projects import figures
from projects.models import Operation, OperationTarget, Resource, Tenant
from projects.refresh.differences import drop, upsert
from projects.refresh.inventory import MODELS
from services.compute.models import Server
from services.network.models import FloatingIP, Port, SecurityGroup

# What a service does not tell of its own rows: it is joined from another's answer (clouds.openstack.inventory.joins).
_JOINED: Mapping[type[Resource], frozenset[str]] = {FloatingIP: frozenset({"server_id"})}


def write(tenant: Tenant, rows: Iterable[BaseModel], *, joined: bool = False) -> None:
    """Makes the rows of these things say what was seen. For servers there is `write_server`.

    Columns that are joined from another service's answer stay as they are, unless the rows have been `joined`.
    """
    now = timezone.now()
    by_model: dict[type[Resource], list[BaseModel]] = defaultdict(list)
    for row in rows:
        by_model[MODELS[type(row)]].append(row)
    changed = set()
    with tenant.locked():
        for model, found in by_model.items():
            keep = frozenset() if joined else _JOINED.get(model, frozenset())
            if upsert(tenant, model, found, now, keep=keep):
                changed.add(model)
        if changed:
            _grow(tenant, *changed)


def write_server(tenant: Tenant, server: compute.Server, volumes: Iterable[block_storage.Volume] = ()) -> None:
    """Makes a server's row say what nova told, which knows nothing of devices, port ids and names of images.

    Devices come from `volumes` or stay as they were; what neutron and glance know stays, where it is known.
    """
    row = Server.objects.filter(tenant=tenant, external_id=server.external_id).first()
    known = {one["id"]: one["device"] for one in row.volumes} if row else {}
    (server,) = joins.with_devices([server], volumes)
    disks = [one.model_copy(update={"device": one.device or known.get(one.id, "")}) for one in server.volumes]
    server = server.model_copy(update={"volumes": disks})
    keep = {column for column in ("addresses", "security_groups", "image_name") if row and getattr(row, column)}
    with tenant.locked():
        if upsert(tenant, Server, [server], timezone.now(), keep=frozenset(keep)):
            _grow(tenant, Server)


def write_groups(tenant: Tenant, server_id: str) -> None:
    """Makes a server's row name the security groups of its ports, after these have been written."""
    ids = {id_ for port in Port.objects.filter(tenant=tenant, device_id=server_id) for id_ in port.security_group_ids}
    names = dict(SecurityGroup.objects.filter(tenant=tenant, external_id__in=ids).values_list("external_id", "name"))
    groups = sorted(({"id": id_, "name": names.get(id_, id_)} for id_ in ids), key=lambda one: (one["name"], one["id"]))
    changed = Server.objects.filter(tenant=tenant, external_id=server_id).exclude(security_groups=groups)
    with tenant.locked():
        if changed.update(security_groups=groups, changed_at=timezone.now()):
            _grow(tenant)


def write_floating_ip(tenant: Tenant, floating: network.FloatingIP) -> None:
    """Makes a floating IP's row say what was seen, with the server of its port, after that port has been written.

    The server that it leads to names the address from now on; one that it led to before does not any more.
    """
    port = Port.objects.filter(tenant=tenant, external_id=floating.port_id, device_owner__startswith="compute:").first()
    row = floating.model_copy(update={"server_id": port.device_id if port else ""})
    with tenant.locked():
        led_to = _led_to(tenant, [floating.external_id])
        changed = upsert(tenant, FloatingIP, [row], timezone.now(), keep=frozenset())
        changed |= _write_addresses(tenant, led_to | {row.server_id})
        if changed:
            _grow(tenant, FloatingIP)


def gone(
    operation: Operation, model: type[Resource], external_ids: Iterable[str], *, only: Mapping[str, str] | None = None
) -> None:
    """Drops rows of things that were seen to be gone; a refresh that began earlier does not bring them back.

    `only` says whose key pairs they are: {"user_id": the owner's}.
    """
    now, ids = timezone.now(), list(external_ids)
    with operation.tenant.locked():
        for external_id in ids:
            OperationTarget.objects.update_or_create(
                operation=operation,
                kind=model._meta.model_name or "",
                external_id=external_id,
                defaults={"gone_at": now},
            )
        led_to = _led_to(operation.tenant, ids) if model is FloatingIP else set()
        if drop(operation.tenant, model, ids, only=only or {}):
            _write_addresses(operation.tenant, led_to)
            _grow(operation.tenant, model)


def _led_to(tenant: Tenant, floating_ip_ids: Iterable[str]) -> set[str]:
    """The servers that these floating IPs lead to, as far as was known until now."""
    rows = FloatingIP.objects.filter(tenant=tenant, external_id__in=floating_ip_ids).exclude(server_id="")
    return set(rows.values_list("server_id", flat=True))


def _write_addresses(tenant: Tenant, server_ids: Iterable[str]) -> bool:
    """Makes servers' rows name the floating IPs that lead to their ports, as joins.with_network does. Any change?"""
    ports = list(Port.objects.filter(tenant=tenant, device_id__in=server_ids))
    by_address = {(port.mac, ip["address"]): port.external_id for port in ports for ip in port.fixed_ips}
    outside = list(FloatingIP.objects.filter(tenant=tenant, port_id__in={port.external_id for port in ports}))
    changed = False
    for server in Server.objects.filter(tenant=tenant, external_id__in=server_ids):
        addresses: list[dict[str, Any]] = []
        for fixed in server.addresses:
            if fixed["type"] == "floating":
                continue
            port_id = by_address.get((fixed["mac"], fixed["address"]), fixed.get("port_id", ""))
            addresses.append({**fixed, "port_id": port_id})
            addresses += [
                {**addresses[-1], "address": one.address, "version": 6 if ":" in one.address else 4, "type": "floating"}
                for one in outside
                if one.port_id == port_id and one.fixed_address in (fixed["address"], "")
            ]
        if addresses != server.addresses:
            Server.objects.filter(pk=server.pk).update(addresses=addresses, changed_at=timezone.now())
            changed = True
    return changed


def _grow(tenant: Tenant, *models: type[Resource]) -> None:
    """Rows that pages show are not what they were; of these models some are in another state, came or went.

    Only their figures are measured: all of them would take longer than what was done.
    """
    fields: dict[str, Any] = {"version": F("version") + 1}
    parts = {part for model in models for part in figures.parts_of(model)}
    if parts:
        before: dict[str, Any] = Tenant.objects.values_list("figures", flat=True).get(pk=tenant.pk)
        fields["figures"] = {**before, **figures.measure(tenant, parts)}
    if figures.may_pass(models):
        fields["changing"] = figures.is_changing(tenant)
    Tenant.objects.filter(pk=tenant.pk).update(**fields)
