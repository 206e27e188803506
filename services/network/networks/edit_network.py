"""Give a network another name or description."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import networks
from portal.ui.commands import Command
from projects.actions import editing
from projects.actions import outcome_unknown as standing
from projects.actions.edit_thing import EditThing
from projects.models import Operation, Tenant
from projects.outcomes import Outcome, Refusal, Thing, name_of
from services.network.models import Network
from services.network.networks import lookups, one_network
from services.network.networks.one_network import OneNetwork
from services.openstack.actions import Run


class Params(one_network.Params, editing.Words):
    """A network's new name and description; `was_…` as they were when the person began to edit them."""

    name: str = Field("", max_length=255)
    description: str = Field("", max_length=255)


class EditNetwork(EditThing[Params, Network], OneNetwork[Params]):
    """Changes what a network is called."""

    name = "edit-network"
    params = Params
    label = gettext_lazy("Edit network")
    renames = gettext_lazy("Rename network %(was)s to %(name)s")
    renamed = gettext_lazy("Renamed network %(was)s to %(name)s")
    describes = gettext_lazy("Describe network %(name)s")
    described = gettext_lazy("Described network %(name)s")

    def refusals(self, tenant: Tenant, network: Network, params: Params) -> Iterable[Refusal]:
        return [*lookups.not_ours(network)] or super().refusals(tenant, network, params)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("write")
        if wait := editing.wait_for_earlier(run, Thing(Network, params.network_id)):
            return wait
        network = networks.get(run.cloud, params.network_id)
        words = {"name": params.name, "description": params.description}
        return editing.write(run, params, network, lambda: networks.update(run.cloud, params.network_id, **words))

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("network set", params.changed(), [name_of(names, params.network_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("Its name and description are as they were."))
