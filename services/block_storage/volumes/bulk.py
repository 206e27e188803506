"""What can be done with several volumes at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.ui import formats
from projects.models import Tenant
from projects.pages.bulk import Bulk
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server


def where(tenant: Tenant, volumes: Sequence[Volume]) -> Mapping[str, str]:
    """Say from which servers each is detached: "80 GB, from web-02"."""
    ids = {one["server_id"] for volume in volumes for one in volume.attachments}
    names = dict(Server.objects.filter(tenant=tenant, external_id__in=ids).values_list("external_id", "name"))
    return {
        volume.external_id: _("%(size)s, from %(servers)s")
        % {
            "size": formats.gibibytes(volume.size_gb),
            "servers": ", ".join(names.get(one["server_id"]) or one["server_id"] for one in volume.attachments),
        }
        for volume in volumes
    }


def sizes(_tenant: Tenant, things: Sequence[Volume | Snapshot]) -> Mapping[str, str]:
    """Say how much is lost with each."""
    return {thing.external_id: str(formats.gibibytes(thing.size_gb)) for thing in things}


def detaching(volume: Volume) -> list[dict[str, Any]]:
    """Return what is asked for a volume: to detach it from each of its servers."""
    return [{"volume_id": volume.external_id, "server_id": one["server_id"]} for one in volume.attachments]


BULKS = (
    Bulk(
        key="detach",
        action="detach-volume",
        label=gettext_lazy("Detach"),
        title=lambda n: ngettext("Detach %(n)d volume", "Detach %(n)d volumes", n) % {"n": n},
        heading=gettext_lazy("These are detached, and keep what is on them"),
        params=detaching,
        nothing=gettext_lazy("It is not attached to anything."),
        tells=where,
    ),
    Bulk(
        key="delete",
        action="delete-volume",
        label=gettext_lazy("Delete"),
        title=lambda n: ngettext("Delete %(n)d volume", "Delete %(n)d volumes", n) % {"n": n},
        heading=gettext_lazy("These are lost, with all that is on them"),
        params=lambda volume: [{"volume_id": volume.external_id}],
        tells=sizes,
        final=True,
    ),
)
