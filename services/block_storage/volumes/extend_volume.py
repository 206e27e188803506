"""Make a volume larger."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import volumes
from portal.ui import formats
from portal.ui.commands import Command
from portal.ui.forms import Way
from projects.actions import outcome_unknown, quota
from projects.kinds import page_of
from projects.models import Operation, Tenant
from projects.outcomes import Done, Failed, Outcome, Refusal, Step, Wait, name_of
from services.block_storage.models import Volume
from services.block_storage.volumes import one_volume, storage
from services.block_storage.volumes.one_volume import OneVolume
from services.openstack.actions import Run
from services.openstack.words import Measure

# The cloud took it on, and the volume is as it was: after so many seconds it has given up.
GIVES_UP = 10.0


class Params(one_volume.Params):
    """Which volume, and how large it shall be in GiB."""

    size_gb: int = Field(ge=1, le=1_000_000)


class ExtendVolume(OneVolume[Params]):
    """Makes a disk larger. What is on it stays, and it can't be made smaller again."""

    name = "extend-volume"
    params = Params
    label = gettext_lazy("Extend volume")
    icon = "hard-drive"
    asked = gettext_lazy("Extend %(volume)s to %(n)s GB")
    done = gettext_lazy("Extended %(volume)s to %(n)s GB")
    measures = (Measure.VOLUME_GB,)

    def words(self, params: Params, names: Mapping[str, str]) -> Mapping[str, str]:
        return {**super().words(params, names), "n": formats.number(params.size_gb)}

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = self.words(params, names)
        return (
            Step("extend", _("Extend to %(n)s GB") % words, _("Asked for it")),
            Step("see", _("See it grown"), _("It has %(n)s GB") % words, _("Done when the cloud reports the new size")),
        )

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        volume = storage.volume_of(tenant, params.volume_id)
        return {Measure.VOLUME_GB: max(0, params.size_gb - volume.size_gb) if volume else 0}

    def refusals(self, tenant: Tenant, volume: Volume, params: Params) -> Iterable[Refusal]:
        yield from extendable(volume)
        if params.size_gb <= volume.size_gb:
            said = _("%(volume)s has %(n)s GB already, and a volume can't be made smaller.")
            more = volume.size_gb + 10
            way = Way(_("Use %(n)s GB") % {"n": formats.number(more)}, value=str(more), field="size_gb")
            words = {"volume": str(volume), "n": formats.number(volume.size_gb)}
            yield Refusal("size_gb", said % words, [way])
            return
        added = {Measure.VOLUME_GB: params.size_gb - volume.size_gb}
        fields = {Measure.VOLUME_GB: "size_gb"}
        yield from quota.too_much(tenant, added, fields, fits=Measure.VOLUME_GB, has=volume.size_gb)

    def step(self, run: Run, params: Params) -> Outcome:
        volume = volumes.get(run.cloud, params.volume_id)
        run.saw(volume)
        state = _("The cloud says: %(state)s") % {"state": volume.status}
        if volume.status == "error_extending":
            said = _("%(place)s could not extend the volume, and left it in an error.") % {"place": run.place}
            return Failed(f"{said} {storage.whom_to_ask(run.tenant)}")
        run.at("see" if run.done("extend") or volume.status == "extending" else "extend")
        if volume.status == "extending":
            return Wait(note=state)
        if volume.size_gb >= params.size_gb:
            run.at("see")
            return Done(_("It has %(n)s GB.") % {"n": formats.number(volume.size_gb)})
        if run.done("extend"):
            if run.age("extend") < GIVES_UP:
                return Wait(note=state)
            return Failed(_("%(place)s took it on and did not extend the volume.") % {"place": run.place})
        if volume.status == "in-use" and not volumes.can_extend_attached(run.cloud):
            return Failed(_too_old(run.place))
        if volume.status not in ("available", "in-use"):
            return Failed(_("The volume can't be extended now. %(state)s. Nothing was changed.") % {"state": state})
        run.send("extend", lambda: volumes.extend(run.cloud, params.volume_id, params.size_gb))
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        ahead = [("--os-volume-api-version", storage.said_version(volumes.EXTEND_ATTACHED))]
        volume = name_of(names, params.volume_id)
        return [Command("volume set", [("--size", str(params.size_gb))], [volume], ahead)]

    def stands(self, operation: Operation, params: Params) -> str:
        if outcome_unknown.asked(operation, "extend"):
            return _("It may still be extended: its page shows its size.")
        return _("Its size is what it was.")


def extendable(volume: Volume) -> Iterable[Refusal]:
    """Say why this volume can't be extended now, whatever the size."""
    words = {"volume": str(volume), "state": volume.status}
    if volume.status not in ("available", "in-use"):
        said = _("%(volume)s is in the state “%(state)s”. Only a volume that is available or in use can be extended.")
        yield Refusal("", said % words)
    elif volume.status == "in-use" and not storage.speaks(volume.tenant, volumes.EXTEND_ATTACHED):
        words = {"servers": storage.attached_to(volume), "why": _too_old(volume.tenant.location.name)}
        way = Way(_("See where it is attached"), url=page_of(volume, volume.tenant))
        yield Refusal("", _("It is attached to %(servers)s. %(why)s Detach it first.") % words, [way])


def _too_old(place: str) -> str:
    said = _(
        "%(place)s is too old to extend a volume that is attached: its block storage would have to know %(version)s."
    )
    return said % {"place": place, "version": storage.said_version(volumes.EXTEND_ATTACHED)}
