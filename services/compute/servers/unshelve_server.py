"""Unshelve a shelved server."""

from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from services.compute.servers.changing_state import ChangingState
from services.compute.servers.one_server import Params
from services.openstack.actions import Run


class UnshelveServer(ChangingState[Params]):
    """Starts a shelved server on a host that has room for it."""

    name = "unshelve-server"
    params = Params
    label = gettext_lazy("Unshelve server")
    icon = "archive-restore"
    asked = gettext_lazy("Unshelve %(server)s")
    done = gettext_lazy("Unshelved %(server)s")
    command = ("unshelve",)
    states = ("SHELVED", "SHELVED_OFFLOADED")
    only = gettext_lazy("Only a shelved server can be unshelved.")
    reached = ("ACTIVE",)
    doing = gettext_lazy("Unshelve it")
    seeing = (gettext_lazy("See it run"), gettext_lazy("It runs"))
    seen_when = gettext_lazy("Done when the cloud reports it as active")
    failed = gettext_lazy("%(place)s accepted the request but did not unshelve the server.")

    def request(self, run: Run, params: Params) -> str:
        return servers.unshelve(run.cloud, params.server_id)
