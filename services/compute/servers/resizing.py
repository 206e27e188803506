"""What resizing, confirming and reverting share: which flavor a server has, and what fits."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from clouds.openstack.inventory import compute
from portal.ui import formats
from projects.outcomes import Failed, Outcome, Refusal, Wait
from services.compute.models import Flavor, Server
from services.compute.servers.one_server import came_of, once
from services.images.models import Image
from services.openstack.actions import Run
from services.openstack.servers import note_of


def shape(server: compute.Server) -> list[Any]:
    """Tell a server's flavor from another. Clouds before 2.47 tell its id only, later ones all but that."""
    return [server.flavor_id, server.flavor_name, server.vcpus, server.ram_mb, server.disk_gb]


def decide(run: Run, server: compute.Server, verb: str, send: Callable[[], str]) -> Outcome | None:
    """Confirm or revert a resize. None: the server waits no more, and nothing failed; `run.memory["flavor"]` is what
    it was resized to.

    `verb` is nova's word for it in its record.
    """
    run.at("decide", note_of(server))
    if server.status != "VERIFY_RESIZE":
        run.leave()  # held by a worker that died after sending: nobody has to wait for us any more
        if "flavor" not in run.memory:
            said = _("No resize waits for a decision. %(state)s. Nothing was changed.")
            return Failed(said % {"state": note_of(server)}, code="wrong_state")
        if server.task_state or server.status == "REVERT_RESIZE":
            return Wait(note=note_of(server))
        # Its flavor is the one that was decided for also where nova has failed on the way.
        return _failed(run, server)
    if server.task_state:
        return Wait(note=note_of(server))
    if "flavor" not in run.memory:
        run.remember(flavor=shape(server))
    if wait := once(run, server, verb, send):
        return wait
    return _failed(run, server) or Wait(note=note_of(server))


def _failed(run: Run, server: compute.Server) -> Failed | None:
    """How it ends when nova has failed, as the server or nova's record says."""
    if server.status == "ERROR":
        said = _("%(place)s took it on, and the server is in an error now.")
    elif came_of(run, server.external_id) is False:
        said = _("%(place)s took it on and failed at it.")
    else:
        return None
    return Failed(said % {"place": run.place}, server.fault)


def too_small(flavor: Flavor, server: Server, image: Image | None) -> Iterable[Refusal]:
    """Why a server does not fit into a flavor: its disk can't shrink, and its image has needs."""
    words = {"flavor": str(flavor), "server": str(server), "image": str(image)}
    on_volume = not server.image_id
    if not on_volume and not flavor.disk_gb:
        yield Refusal("flavor_id", _("%(flavor)s has no disk of its own, and %(server)s is on its own.") % words)
    elif not on_volume and flavor.disk_gb < server.disk_gb:
        said = _("%(flavor)s has a disk of %(new)s GB, and that of %(server)s has %(old)s GB. A disk can't shrink.")
        yield Refusal("flavor_id", said % {**words, "new": flavor.disk_gb, "old": server.disk_gb})
    elif image is not None and not on_volume and flavor.disk_gb < image.min_disk_gb:
        said = _("%(image)s needs a disk of %(least)s GB, and %(flavor)s has %(has)s GB.")
        yield Refusal("flavor_id", said % {**words, "least": image.min_disk_gb, "has": flavor.disk_gb})
    if image is not None and flavor.ram_mb < image.min_ram_mb:
        least, has = formats.mebibytes(image.min_ram_mb), formats.mebibytes(flavor.ram_mb)
        said = _("%(image)s needs %(least)s of memory, and %(flavor)s has %(has)s.")
        yield Refusal("flavor_id", said % {**words, "least": least, "has": has})
