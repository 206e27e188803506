"""Create a volume, and where wanted attach it to a server."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import volumes
from portal.ui import formats
from portal.ui.commands import Command, given, new_name
from portal.ui.forms import Way
from projects.actions import base, outcome_unknown, quota
from projects.actions.base import Action
from projects.models import Operation, Resource, Tenant
from projects.outcomes import Done, Failed, Outcome, Refusal, Step, Thing, Wait, name_of
from services.block_storage.models import Snapshot, Volume, VolumeType
from services.block_storage.volumes import attach_volume, attaching, storage
from services.block_storage.volumes.attach_volume import AttachVolume
from services.compute.models import Server
from services.images.models import Image
from services.openstack import terraform
from services.openstack.actions import Run
from services.openstack.words import Measure, Service


class Params(base.Params):
    """A new volume: empty, or made from one image, snapshot or volume. `size_gb` in GiB; ids are the cloud's."""

    name: str = Field(min_length=1, max_length=255)
    description: str = Field("", max_length=255)
    size_gb: int = Field(ge=1, le=1_000_000)
    volume_type: str = Field("", max_length=255)
    zone: str = Field("", max_length=255)
    image_id: str = ""
    snapshot_id: str = ""
    source_volume_id: str = ""
    server_id: str = Field("", description="The server to attach it to, when it is ready.")


class CreateVolume(Action[Params]):
    """Makes a disk that outlives servers."""

    name = "create-volume"
    params = Params
    label = gettext_lazy("Create volume")
    icon = "hard-drive"
    services = (Service.BLOCK_STORAGE,)
    measures = (Measure.VOLUME_GB, Measure.VOLUMES)
    patience = timedelta(minutes=30)  # an image or another volume is copied into it

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        if params.server_id:
            words = {"volume": params.name, "server": name_of(names, params.server_id)}
            return _("Create volume %(volume)s and attach it to %(server)s") % words
        return _("Create volume %(volume)s") % {"volume": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        if params.server_id:
            words = {"volume": params.name, "server": name_of(names, params.server_id)}
            return _("Created volume %(volume)s and attached it to %(server)s") % words
        return _("Created volume %(volume)s") % {"volume": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(Server, params.server_id)] if params.server_id else []

    def also_named(self, params: Params) -> Sequence[Thing]:
        sources = (Image, params.image_id), (Snapshot, params.snapshot_id), (Volume, params.source_volume_id)
        return [Thing(model, external_id) for model, external_id in sources if external_id]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        made = Step("create", _("Create the volume"), _("Created the volume"))
        if not params.server_id:
            ready = Step("see", _("See it ready"), _("It is ready"), _("Done when the cloud reports it as available"))
            return made, ready
        words = {"server": name_of(names, params.server_id)}
        return (
            made,
            Step("attach", _("Attach to %(server)s") % words, _("Attached to %(server)s") % words),
            Step("see", _("See it in use"), _("It is in use"), _("Done when the cloud reports in-use")),
        )

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        return {Measure.VOLUME_GB: params.size_gb, Measure.VOLUMES: 1}

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        fields = {Measure.VOLUME_GB: "size_gb", Measure.VOLUMES: "name"}
        yield from quota.too_much(tenant, self.costs(tenant, params), fields, fits=Measure.VOLUME_GB)
        yield from _source(tenant, params)
        yield from _place(tenant, params)
        if params.server_id:
            server = Server.objects.filter(tenant=tenant, external_id=params.server_id).first()
            if server is None:
                yield Refusal("server_id", _("There is no such server here."))
            else:
                zone = zone_of(tenant, params)
                yield from attaching.zones_apart(tenant, zone, server, _("The new volume would be"))
                yield from attaching.changeable(server)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("create")
        volume_id = run.create_once(
            "volume_id",
            find=lambda: [one.external_id for one in volumes.find_marked(run.cloud, run.mark)],
            create=lambda: volumes.create(
                run.cloud, mark=run.mark, **params.model_dump(exclude={"server_id"}, exclude_defaults=True)
            ),
        )
        if volume_id is None:
            return Wait(2, _("Looks whether the request has arrived."))
        volume = volumes.get(run.cloud, volume_id)
        run.made(Volume, volume_id, volume.name)
        run.saw(volume)
        if volume.status.startswith("error"):
            return Failed(_("%(place)s could not make the volume. It is there, in an error.") % {"place": run.place})
        if volume.status in ("creating", "downloading"):
            return Wait(note=_("The cloud says: %(state)s") % {"state": volume.status})
        if params.server_id:
            return AttachVolume().step(run, attach_volume.Params(volume_id=volume_id, server_id=params.server_id))
        run.at("see")
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        options = given(
            ("--size", str(params.size_gb)),
            ("--type", params.volume_type),
            ("--image", name_of(names, params.image_id)),
            ("--snapshot", name_of(names, params.snapshot_id)),
            ("--source", name_of(names, params.source_volume_id)),
            ("--availability-zone", params.zone),
            ("--description", params.description),
        )
        lines = [Command("volume create", options, [params.name])]
        if params.server_id:
            things = [name_of(names, params.server_id), new_name(params.name, "VOLUME")]
            lines.append(Command("server add volume", things=things))
        return lines

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        kind = "openstack_blockstorage_volume_v3"
        volume = terraform.resource(
            kind,
            params.name,
            {
                "name": params.name,
                "description": params.description,
                "size": params.size_gb,
                "volume_type": params.volume_type,
                "availability_zone": params.zone,
                "image_id": params.image_id,
                "snapshot_id": params.snapshot_id,
                "source_vol_id": params.source_volume_id,
            },
        )
        if not params.server_id:
            return volume
        attach = terraform.resource(
            "openstack_compute_volume_attach_v2",
            params.name,
            {"instance_id": params.server_id, "volume_id": terraform.attribute(kind, params.name)},
        )
        return f"{volume}\n\n{attach}"

    def stands(self, operation: Operation, params: Params) -> str:
        if "volume_id" in operation.memory:
            return _("The volume %(name)s was made and is kept.") % {"name": params.name}
        return outcome_unknown.not_made(operation, "volume_id", params.name)


def zone_of(tenant: Tenant, params: Params) -> str:
    """Return the zone that the volume will be in; empty where the cloud chooses among several."""
    zones = storage.zones_of(tenant, Service.BLOCK_STORAGE)
    return params.zone or (zones[0] if len(zones) == 1 else "")


def _place(tenant: Tenant, params: Params) -> Iterable[Refusal]:
    """Refusals about its type and zone, as far as those of the cloud are known."""
    if params.volume_type:
        types = list(VolumeType.objects.filter(tenant=tenant))
        if types and not any(params.volume_type in (one.name, one.external_id) for one in types):
            ways = [Way(_("Use %(name)s") % {"name": one}, value=one.name) for one in types if one.default]
            said = _("There is no volume type “%(name)s” here.")
            yield Refusal("volume_type", said % {"name": params.volume_type}, ways)
    if params.zone:
        zones = storage.zones_of(tenant, Service.BLOCK_STORAGE)
        if zones and params.zone not in zones:
            said = _("There is no zone “%(zone)s” for volumes here. There is %(zones)s.")
            yield Refusal("zone", said % {"zone": params.zone, "zones": ", ".join(zones)})


def _source(tenant: Tenant, params: Params) -> Iterable[Refusal]:
    """Refusals about what it is made from: one at most, there, ready, and no larger than the volume."""
    chosen = [one for one in (params.image_id, params.snapshot_id, params.source_volume_id) if one]
    if len(chosen) > 1:
        yield Refusal("", _("A volume is made from one thing: an image, a snapshot or a volume."))
        return
    if params.image_id:
        image = Image.objects.filter(tenant=tenant, external_id=params.image_id).first()
        if image is None:
            yield Refusal("image_id", _("There is no such image here."))
        else:
            yield from _ready("image_id", image, image.status, ("active",))
            yield from _large_enough(str(image), least_for(image), params)
    if params.snapshot_id:
        snapshot = storage.snapshot_of(tenant, params.snapshot_id)
        if snapshot is None:
            yield storage.no_snapshot()
        else:
            yield from _ready("snapshot_id", snapshot, snapshot.status, ("available",))
            yield from _large_enough(str(snapshot), snapshot.size_gb, params)
    if params.source_volume_id:
        volume = storage.volume_of(tenant, params.source_volume_id)
        if volume is None:
            yield storage.no_volume("source_volume_id")
        else:
            yield from _ready("source_volume_id", volume, volume.status, ("available", "in-use"))
            yield from _large_enough(str(volume), volume.size_gb, params)


def least_for(image: Image) -> int:
    """Return the GB that a volume of this image needs: what the image says, and at least its file."""
    return max(image.min_disk_gb, ceil((image.size_bytes or 0) / 2**30), 1)


def _ready(field: str, thing: Resource, status: str, states: Sequence[str]) -> Iterable[Refusal]:
    if status not in states:
        said = _("%(name)s is in the state “%(state)s”, so nothing can be made from it now.")
        yield Refusal(field, said % {"name": str(thing), "state": status})


def _large_enough(name: str, least: int, params: Params) -> Iterable[Refusal]:
    if least > params.size_gb:
        way = Way(_("Use %(n)s GB") % {"n": formats.number(least)}, value=str(least), field="size_gb")
        said = _("%(name)s needs at least %(n)s GB.") % {"name": name, "n": formats.number(least)}
        yield Refusal("size_gb", said, [way])
