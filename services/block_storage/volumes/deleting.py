"""What deleting a volume and a snapshot share: it is asked for once, and looked at until it is gone."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from clouds import errors
from clouds.openstack.inventory.block_storage import Snapshot as SeenSnapshot
from clouds.openstack.inventory.block_storage import Volume as SeenVolume
from projects.outcomes import Done, Failed, Outcome, Thing, Wait
from services.block_storage.volumes import storage
from services.openstack.actions import Run

# The cloud took it on, and the thing is as it was: after so many seconds it has given up.
GIVES_UP = 10.0


def step(
    run: Run,
    thing: Thing,
    look: Callable[[], SeenVolume | SeenSnapshot],
    delete: Callable[[], None],
    states: tuple[str, ...],
) -> Outcome:
    """Take one step of it. `states` are those in which the cloud deletes the thing."""
    try:
        seen = look()
    except errors.NotFound:
        run.at("see")
        run.gone(thing.model, thing.external_id)
        return Done()
    run.saw(seen)
    state = _("The cloud says: %(state)s") % {"state": seen.status}
    run.at("see" if run.done("delete") or seen.status == "deleting" else "delete")
    if seen.status == "deleting":
        return Wait(0.5, state)
    if seen.status == "error_deleting":
        said = _("%(place)s could not delete it, and left it in an error.") % {"place": run.place}
        return Failed(f"{said} {storage.whom_to_ask(run.tenant)}", code="error_deleting")
    if run.done("delete"):
        if run.age("delete") < GIVES_UP:
            return Wait(note=state)
        return Failed(
            _("%(place)s took it on and did not delete it. %(state)s.") % {"place": run.place, "state": state}
        )
    if seen.status not in states:
        return Failed(_("It can't be deleted now. %(state)s. Nothing was changed.") % {"state": state})
    run.send_unless(errors.NotFound, "delete", delete)
    return Wait(0)
