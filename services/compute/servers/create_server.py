"""Create a server."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field
from redis.exceptions import RedisError

from clouds.openstack import servers
from clouds.openstack.servers import BootVolume, Source
from portal.ui.commands import Command, Option, given
from projects.actions import base, quota
from projects.actions import outcome_unknown as standing
from projects.actions import private_text as user_data
from projects.actions.base import Action
from projects.models import Operation, Resource, Tenant
from projects.outcomes import Done, Failed, Outcome, Refusal, Step, Thing, Wait, name_of
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Flavor, Server
from services.compute.servers import booting
from services.images.models import Image
from services.network.models import Network, SecurityGroup, Subnet
from services.openstack import terraform
from services.openstack.actions import Run
from services.openstack.models import Zone
from services.openstack.servers import look, note_of
from services.openstack.words import Measure, Service

# The fields of what its limits stand against.
FIELDS = {
    Measure.VCPUS: "flavor_id",
    Measure.RAM_MB: "flavor_id",
    Measure.SERVERS: "name",
    Measure.VOLUME_GB: "volume_gb",
    Measure.VOLUMES: "volume_gb",
}


class Params(base.Params):
    """A new server. It boots from an image, or with `volume_gb` from a new volume of so many GiB made of that image;
    from a volume that is there; or from a new volume made of a snapshot. Ids are the cloud's.
    """

    name: str = Field(min_length=1, max_length=255)
    flavor_id: str = Field(min_length=1)
    image_id: str = ""
    volume_id: str = ""
    snapshot_id: str = ""
    volume_gb: int = Field(0, ge=0, le=1_000_000)
    volume_type: str = Field("", max_length=255)
    keep_volume: bool = Field(True, description="Whether the volume outlives the server.")
    network_ids: list[str] = []
    security_group_ids: list[str] = []
    key_name: str = Field("", max_length=255)
    zone: str = Field("", max_length=255)
    user_data: str = Field("", description="What the server runs at its first start.")


class _ExpiredError(Exception):
    """The user data is no longer kept."""


class CreateServer(Action[Params]):
    """Builds a machine of one's own."""

    name = "create-server"
    params = Params
    label = gettext_lazy("Create server")
    icon = "server"
    private = "user_data"
    services = (Service.COMPUTE,)
    measures = (Measure.VCPUS, Measure.RAM_MB, Measure.SERVERS)
    patience = timedelta(minutes=30)  # an image is copied to a host, or into a volume

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Create server %(server)s") % {"server": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Created server %(server)s") % {"server": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(Volume, params.volume_id)] if params.volume_id else []

    def also_named(self, params: Params) -> Sequence[Thing]:
        named: list[tuple[type[Resource], str]] = [
            (Flavor, params.flavor_id),
            (Image, params.image_id),
            (Snapshot, params.snapshot_id),
            *((Network, one) for one in params.network_ids),
            *((SecurityGroup, one) for one in params.security_group_ids),
        ]
        return [Thing(model, external_id) for model, external_id in named if external_id]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("create", _("Ask for the server"), _("Asked for the server")),
            Step("build", _("Build it"), _("Built it"), _("The cloud looks for a host and copies the image to it.")),
            Step("see", _("See it run"), _("It runs"), _("Done when the cloud reports it as active")),
        )

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        flavor = Flavor.objects.filter(tenant=tenant, external_id=params.flavor_id).first()
        takes: dict[str, int] = {
            Measure.VCPUS: flavor.vcpus if flavor else 0,
            Measure.RAM_MB: flavor.ram_mb if flavor else 0,
            Measure.SERVERS: 1,
        }
        if booting.makes_volume(params):
            takes |= {Measure.VOLUME_GB: booting.size_of(tenant, params), Measure.VOLUMES: 1}
        return takes

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        flavor = Flavor.objects.filter(tenant=tenant, external_id=params.flavor_id).first()
        if flavor is None:
            yield Refusal("flavor_id", _("There is no such flavor here."))
        if not params.name.isprintable():
            yield Refusal("name", _("A name has no line breaks and no control characters."))
        yield from quota.too_much(tenant, self.costs(tenant, params), FIELDS)
        yield from booting.refusals(tenant, params, flavor)
        yield from _networks(tenant, params.network_ids)
        groups = set(SecurityGroup.objects.filter(tenant=tenant).values_list("external_id", flat=True))
        if not groups.issuperset(params.security_group_ids):
            yield Refusal("security_group_ids", _("There is no such security group here."))
        elif params.security_group_ids:
            yield from _unfiltered(tenant, params.network_ids)
        zones = set(Zone.objects.filter(tenant=tenant, service=Service.COMPUTE).values_list("name", flat=True))
        if params.zone and zones and params.zone not in zones:
            said = _("There is no zone “%(zone)s” here. There is %(zones)s.")
            yield Refusal("zone", said % {"zone": params.zone, "zones": ", ".join(sorted(zones))})

    def step(self, run: Run, params: Params) -> Outcome:
        if not run.done("server_id"):
            run.at("create")
        try:
            server_id = run.create_once(
                "server_id",
                find=lambda: [one.external_id for one in servers.find_marked(run.cloud, params.name, run.mark)],
                create=lambda: _create(run, params),
            )
        except _ExpiredError:
            minutes = int(user_data.LASTS.total_seconds() // 60)
            said = _("Its user data is kept for %(n)d minutes only, and is gone. Open the form again and give it anew.")
            return Failed(said % {"n": minutes}, code="user_data_gone")
        except RedisError:
            return Wait(2, _("Waits for Meshdeck's memory, where its user data lies."))
        if server_id is None:
            return Wait(2, _("Looks whether the request has arrived."))
        server = look(run, server_id)
        run.made(Server, server_id, server.name)
        if booting.makes_volume(params):
            for volume in server.volumes:
                run.made(Volume, volume.id)
        if server.status == "ERROR":
            said = _("%(place)s could not build the server. It is there, in an error.") % {"place": run.place}
            return Failed(said, server.fault, "not_built")
        if server.status == "BUILD" or server.task_state:
            run.at("build", note_of(server))
            return Wait(0.5 if server.task_state == "spawning" else 0.3, note_of(server))
        run.at("see")
        run.saw(*servers.ports_of(run.cloud, server_id))
        _forget(params)
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        networks: list[Option] = [("--network", name_of(names, one)) for one in params.network_ids]
        options: list[Option] = [
            ("--flavor", name_of(names, params.flavor_id)),
            *_boot_options(params, names),
            *(networks or ["--no-network"]),
            *(("--security-group", name_of(names, one)) for one in params.security_group_ids),
            *given(("--key-name", params.key_name), ("--availability-zone", params.zone)),
            *given(("--user-data", "user-data.txt" if params.user_data else "")),
        ]
        return [Command("server create", options, [params.name])]

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        return terraform.resource("openstack_compute_instance_v2", params.name, _resource(params, names))

    def stands(self, operation: Operation, params: Params) -> str:
        if "server_id" in operation.memory:
            return _("The server %(name)s was made and is kept.") % {"name": params.name}
        return standing.not_made(operation, "server_id", params.name)


def _create(run: Run, params: Params) -> str:
    """Asks nova for the server. _ExpiredError when its user data is gone, and nothing was sent."""
    runs = b""
    if params.user_data:
        kept = user_data.recall(params.user_data)
        if kept is None:
            raise _ExpiredError
        runs = kept
    volume = booting.device(params)
    return servers.create(
        run.cloud,
        name=params.name,
        flavor_id=params.flavor_id,
        mark=run.mark,
        image_id="" if volume else params.image_id,
        boot_volume=volume,
        network_ids=params.network_ids,
        security_groups=params.security_group_ids,
        key_name=params.key_name,
        user_data=runs,
        zone=params.zone,
    )


def _forget(params: Params) -> None:
    """Forget the user data, which has done its work."""
    try:
        if params.user_data:
            user_data.forget(params.user_data)
    except RedisError:
        pass  # it ends by itself


def _networks(tenant: Tenant, ids: Sequence[str]) -> Iterable[Refusal]:
    """Refusals about networks: there, not the outside world itself, with addresses to give."""
    known = {network.external_id: network for network in Network.objects.filter(tenant=tenant, external_id__in=ids)}
    with_subnets = set(Subnet.objects.filter(tenant=tenant, network_id__in=ids).values_list("network_id", flat=True))
    for external_id in ids:
        network = known.get(external_id)
        if network is None:
            yield Refusal("network_ids", _("There is no such network here."))
        elif network.external and not network.owned and not network.shared:
            said = _("%(network)s leads outside. A server stands in a network of the project, behind a router.")
            yield Refusal("network_ids", said % {"network": network})
        elif external_id not in with_subnets:
            said = _("%(network)s has no subnet, so there are no addresses in it.")
            yield Refusal("network_ids", said % {"network": network})


def _unfiltered(tenant: Tenant, ids: Sequence[str]) -> Iterable[Refusal]:
    """Refuse security groups where a network can have none: nova would only say that it found no host."""
    network = Network.objects.filter(tenant=tenant, external_id__in=ids, port_security=False).order_by("name").first()
    if network is not None:
        said = _("Port security is off in %(network)s: a server there can have no security groups. Choose none.")
        yield Refusal("security_group_ids", said % {"network": network})


def _boot_options(params: Params, names: Mapping[str, str]) -> list[Option]:
    """Return what it boots from, as options. What the short ones can't say is a block device."""
    volume = booting.device(params)
    if volume is None:
        return [("--image", name_of(names, params.image_id))]
    if volume.delete_on_termination or volume.volume_type or (params.snapshot_id and params.volume_gb):
        return [("--block-device", ",".join(f"{key}={value}" for key, value in _device(volume).items()))]
    if volume.source is Source.IMAGE:
        image = name_of(names, params.image_id)
        return [("--image", image), ("--boot-from-volume", str(volume.size_gb))]
    option = "--volume" if volume.source is Source.VOLUME else "--snapshot"
    return [(option, name_of(names, volume.source_id))]


def _device(volume: BootVolume) -> dict[str, str]:
    """Return a block device as the command line and the cloud name its parts; what is empty is left out."""
    parts = {
        "uuid": volume.source_id,
        "source_type": volume.source.value,
        "destination_type": "volume",
        "volume_size": str(volume.size_gb or ""),
        "volume_type": volume.volume_type,
        "boot_index": "0",
        "delete_on_termination": str(volume.delete_on_termination).lower(),
    }
    return {key: value for key, value in parts.items() if value}


def _resource(params: Params, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the server as Terraform's OpenStack provider has it."""
    volume = booting.device(params)
    fields: dict[str, Any] = {
        "name": params.name,
        "flavor_name": name_of(names, params.flavor_id),
        # Several images may have one name, which Terraform refuses.
        "image_id": "" if volume else params.image_id,
        "key_pair": params.key_name,
        "security_groups": [name_of(names, one) for one in params.security_group_ids],
        "availability_zone": params.zone,
        "user_data": terraform.Ref('file("user-data.txt")') if params.user_data else "",
        "network": [{"uuid": one} for one in params.network_ids],
    }
    if volume:
        figures = ("volume_size", "boot_index")
        block: dict[str, Any] = {key: int(v) if key in figures else v for key, v in _device(volume).items()}
        block["delete_on_termination"] = volume.delete_on_termination
        fields["block_device"] = block
    return fields
