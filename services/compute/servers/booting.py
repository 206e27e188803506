"""What a new server boots from: its own disk or a volume, and what has to fit for that."""

from collections.abc import Iterable
from typing import Protocol

from django.utils.translation import gettext as _

from clouds.openstack.servers import BOOT_VOLUME_TYPE, BootVolume, Source
from portal.ui import formats
from portal.ui.forms import Way
from projects.models import Tenant
from projects.outcomes import Refusal
from services.block_storage.models import VolumeType
from services.block_storage.volumes import storage
from services.block_storage.volumes.create_volume import least_for
from services.compute.models import Flavor
from services.images.models import Image
from services.openstack.locations import endpoints_of
from services.openstack.words import Service


class Boots(Protocol):
    """What a server's params say of it; ids are the cloud's, empty for what was not chosen."""

    @property
    def image_id(self) -> str: ...
    @property
    def volume_id(self) -> str: ...
    @property
    def snapshot_id(self) -> str: ...
    @property
    def volume_gb(self) -> int: ...
    @property
    def volume_type(self) -> str: ...
    @property
    def keep_volume(self) -> bool: ...


def makes_volume(wanted: Boots) -> bool:
    """Whether a volume is made together with the server."""
    return bool(wanted.snapshot_id or (wanted.image_id and wanted.volume_gb))


def device(wanted: Boots) -> BootVolume | None:
    """Return the volume that it boots from, as nova is asked for it. None: it boots from its own disk."""
    size, ends = wanted.volume_gb or None, not wanted.keep_volume
    if wanted.volume_id:
        return BootVolume(Source.VOLUME, wanted.volume_id, delete_on_termination=ends)
    if wanted.snapshot_id:
        return BootVolume(Source.SNAPSHOT, wanted.snapshot_id, size, wanted.volume_type, ends)
    if wanted.image_id and size:
        return BootVolume(Source.IMAGE, wanted.image_id, size, wanted.volume_type, ends)
    return None


def size_of(tenant: Tenant, wanted: Boots) -> int:
    """Return the GB of the volume that is made with it; 0 where none is."""
    if wanted.snapshot_id and not wanted.volume_gb:
        snapshot = storage.snapshot_of(tenant, wanted.snapshot_id)
        return snapshot.size_gb if snapshot else 0
    return wanted.volume_gb if makes_volume(wanted) else 0


def refusals(tenant: Tenant, wanted: Boots, flavor: Flavor | None) -> Iterable[Refusal]:
    """Return what speaks against booting from it, in this flavor."""
    chosen = [one for one in (wanted.image_id, wanted.volume_id, wanted.snapshot_id) if one]
    if len(chosen) != 1:
        yield Refusal("image_id", _("A server boots from one thing: an image, a volume or a snapshot."))
    elif wanted.volume_id:
        yield from _volume(tenant, wanted.volume_id)
    elif wanted.snapshot_id:
        yield from _snapshot(tenant, wanted)
    else:
        yield from _image(tenant, wanted, flavor)
    if wanted.volume_type and makes_volume(wanted):
        yield from _volume_type(tenant, wanted.volume_type)


def _image(tenant: Tenant, wanted: Boots, flavor: Flavor | None) -> Iterable[Refusal]:
    image = Image.objects.filter(tenant=tenant, external_id=wanted.image_id).first()
    if image is None:
        yield Refusal("image_id", _("There is no such image here."))
        return
    if image.status != "active":
        said = _("%(name)s is in the state “%(state)s”, so nothing can be made from it now.")
        yield Refusal("image_id", said % {"name": image, "state": image.status})
        return
    if flavor is not None and (reason := no_room(image, flavor, on_volume=bool(wanted.volume_gb))):
        yield Refusal("flavor_id", reason)
    least = least_for(image)
    if wanted.volume_gb and wanted.volume_gb < least:
        yield _too_small(str(image), least)


def no_room(image: Image, flavor: Flavor, *, on_volume: bool) -> str:
    """Why a server of this flavor can't boot from the image: empty when it can. A volume brings a disk of its own."""
    words = {"image": str(image), "flavor": str(flavor)}
    if flavor.ram_mb < image.min_ram_mb:
        least, has = formats.mebibytes(image.min_ram_mb), formats.mebibytes(flavor.ram_mb)
        said = _("%(image)s needs %(least)s of memory, %(flavor)s has %(has)s.")
        return said % {**words, "least": least, "has": has}
    if on_volume:
        return ""
    if not flavor.disk_gb:
        return _("%(flavor)s has no disk of its own: boot from a volume.") % words
    if flavor.disk_gb < least_for(image):
        said = _("%(image)s needs a disk of %(least)s GB, %(flavor)s has %(has)s GB.")
        return said % {**words, "least": formats.number(least_for(image)), "has": formats.number(flavor.disk_gb)}
    return ""


def _volume(tenant: Tenant, volume_id: str) -> Iterable[Refusal]:
    volume = storage.volume_of(tenant, volume_id)
    if volume is None:
        yield storage.no_volume()
    elif not volume.bootable:
        yield Refusal("volume_id", _("%(volume)s can't be booted from: no image is on it.") % {"volume": volume})
    elif volume.status != "available":
        said = _("%(volume)s is in the state “%(state)s”. A server boots from one that is available.")
        yield Refusal("volume_id", said % {"volume": volume, "state": volume.status})


def _snapshot(tenant: Tenant, wanted: Boots) -> Iterable[Refusal]:
    snapshot = storage.snapshot_of(tenant, wanted.snapshot_id)
    if snapshot is None:
        yield storage.no_snapshot()
    elif snapshot.status != "available":
        said = _("%(name)s is in the state “%(state)s”, so nothing can be made from it now.")
        yield Refusal("snapshot_id", said % {"name": snapshot, "state": snapshot.status})
    elif wanted.volume_gb and wanted.volume_gb < snapshot.size_gb:
        yield _too_small(str(snapshot), snapshot.size_gb)


def types_offered(tenant: Tenant) -> bool:
    """Whether the location's compute takes a type for the volume that it makes."""
    spoken = [one.microversion for one in endpoints_of(tenant.location) if one.service.value == Service.COMPUTE]
    return any(version is not None and version >= BOOT_VOLUME_TYPE for version in spoken)


def _volume_type(tenant: Tenant, name: str) -> Iterable[Refusal]:
    types = list(VolumeType.objects.filter(tenant=tenant))
    if types and not any(name in (one.name, one.external_id) for one in types):
        yield Refusal("volume_type", _("There is no volume type “%(name)s” here.") % {"name": name})
    elif not types_offered(tenant):
        said = _("Compute in %(place)s is too old to choose it: it makes a volume of its default type.")
        yield Refusal("volume_type", said % {"place": tenant.location.name})


def _too_small(name: str, least: int) -> Refusal:
    figure = formats.number(least)
    way = Way(_("Use %(n)s GB") % {"n": figure}, value=str(least), field="volume_gb")
    return Refusal("volume_gb", _("%(name)s needs at least %(n)s GB.") % {"name": name, "n": figure}, [way])
