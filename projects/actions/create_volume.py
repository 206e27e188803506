"""Create a volume, and where wanted attach it to a server."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import volumes
from portal.ui.forms import Way
from projects.actions import attach_volume, attaching, base, quota
from projects.actions.attach_volume import AttachVolume
from projects.actions.base import Action, Ask, Command, Done, Failed, Outcome, Refusal, Step, Thing, Wait, name_of
from projects.models import Image, Measure, Operation, Server, Service, Snapshot, Tenant, Volume

if TYPE_CHECKING:
    from projects.operations.run import Run


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

    def costs(self, tenant: Tenant, params: Params) -> Mapping[Measure, int]:
        return {Measure.VOLUME_GB: params.size_gb, Measure.VOLUMES: 1}

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        fields = {Measure.VOLUME_GB: "size_gb", Measure.VOLUMES: "name"}
        for measure, amount in self.costs(tenant, params).items():
            fits = measure is Measure.VOLUME_GB
            yield from quota.too_much(tenant, {measure: amount}, fields, fits=fits)
        yield from _source(tenant, params)
        if params.server_id:
            server = Server.objects.filter(tenant=tenant, external_id=params.server_id).first()
            if server is None:
                yield Refusal("server_id", _("There is no such server here."))
            else:
                yield from attaching.changeable(server)

    def step(self, run: "Run", params: Params) -> Outcome:
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
        parts: list[list[str]] = [["volume", "create"], ["--size", str(params.size_gb)]]
        for option, value in (
            ("--type", params.volume_type),
            ("--image", name_of(names, params.image_id)),
            ("--snapshot", name_of(names, params.snapshot_id)),
            ("--source", name_of(names, params.source_volume_id)),
            ("--availability-zone", params.zone),
            ("--description", params.description),
        ):
            if value:
                parts.append([option, value])
        lines = [[*parts, [params.name]]]
        if params.server_id:
            lines.append([["server", "add", "volume"], [name_of(names, params.server_id), params.name]])
        return lines

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return None  # a volume that someone may have written to is not deleted by one click

    def stands(self, operation: Operation, params: Params) -> str:
        if "volume_id" in operation.memory:
            return _("The volume %(name)s was made and is kept.") % {"name": params.name}
        return _("Nothing was made.")


def _source(tenant: Tenant, params: Params) -> Iterable[Refusal]:
    """Refusals about what it is made from: one at most, there, and no larger than the volume."""
    chosen = [one for one in (params.image_id, params.snapshot_id, params.source_volume_id) if one]
    if len(chosen) > 1:
        yield Refusal("", _("A volume is made from one thing: an image, a snapshot or a volume."))
        return
    if params.image_id:
        image = Image.objects.filter(tenant=tenant, external_id=params.image_id).first()
        if image is None:
            yield Refusal("image_id", _("There is no such image here."))
        elif image.min_disk_gb > params.size_gb:
            yield _too_small(str(image), image.min_disk_gb)
    if params.snapshot_id:
        snapshot = Snapshot.objects.filter(tenant=tenant, external_id=params.snapshot_id).first()
        if snapshot is None:
            yield Refusal("snapshot_id", _("There is no such snapshot here."))
        elif snapshot.size_gb > params.size_gb:
            yield _too_small(str(snapshot), snapshot.size_gb)
    if params.source_volume_id:
        volume = Volume.objects.filter(tenant=tenant, external_id=params.source_volume_id).first()
        if volume is None:
            yield Refusal("source_volume_id", _("There is no such volume here."))
        elif volume.size_gb > params.size_gb:
            yield _too_small(str(volume), volume.size_gb)


def _too_small(name: str, least: int) -> Refusal:
    way = Way(_("Use %(n)s GB") % {"n": least}, value=str(least), field="size_gb")
    return Refusal("size_gb", _("%(name)s needs at least %(n)s GB.") % {"name": name, "n": least}, [way])
