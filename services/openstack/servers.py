"""What actions of several wings ask of a server: how it is now, and what nova is at with it."""

from django.utils.translation import gettext as _

from clouds.openstack import servers
from clouds.openstack.inventory import compute
from services.openstack.actions import Run


def look(run: Run, server_id: str) -> compute.Server:
    """Return the server as it is now, which everybody sees at once. NotFound when it is gone."""
    server = servers.get(run.cloud, server_id)
    run.saw(server)
    return server


def note_of(server: compute.Server) -> str:
    """Say what the cloud says of it, for the step's line."""
    said = f"{server.status}, {task_said(server.task_state)}" if server.task_state else server.status
    return _("The cloud says: %(state)s") % {"state": said}


def task_said(task_state: str) -> str:
    """Say nova's word for what a server is at, as words: "resize prep"."""
    return task_state.replace("_", " ")
