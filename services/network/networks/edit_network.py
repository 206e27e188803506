"""Give a network another name or description."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import networks
from projects.actions import editing
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Service, Tenant
from projects.outcomes import Ask, Command, Outcome, Refusal, Step, Thing, name_of
from services.network.models import Network
from services.network.networks import lookups
from services.openstack.actions import Run


class Params(editing.Words):
    """A network's new name and description; `was_…` as they were when the person began to edit them."""

    network_id: str
    name: str = Field("", max_length=255)
    description: str = Field("", max_length=255)


class EditNetwork(Action[Params]):
    """Changes what a network is called."""

    name = "edit-network"
    params = Params
    label = gettext_lazy("Edit network")
    icon = "pencil"
    services = (Service.NETWORK,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        was = name_of(names, params.network_id)
        if params.name != was:
            return _("Rename network %(was)s to %(name)s") % {"was": was, "name": params.name}
        return _("Describe network %(name)s") % {"name": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        was = name_of(names, params.network_id)
        if params.name != was:
            return _("Renamed network %(was)s to %(name)s") % {"was": was, "name": params.name}
        return _("Described network %(name)s") % {"name": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(Network, params.network_id)]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("write", _("Write it"), _("Written"))]

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        network = lookups.network_of(tenant, params.network_id)
        if network is None:
            yield lookups.no_network()
            return
        yield from lookups.not_ours(network)
        if (network.name, network.description) == params.wanted:
            yield Refusal("", _("This is what it is called already."))
        elif params.changed_meanwhile(network):
            yield Refusal("", editing.meanwhile(network))

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("write")
        if wait := editing.wait_for_earlier(run, Thing(Network, params.network_id)):
            return wait
        network = networks.get(run.cloud, params.network_id)
        words = {"name": params.name, "description": params.description}
        return editing.write(run, params, network, lambda: networks.update(run.cloud, params.network_id, **words))

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [[["network", "set"], *params.changed(), [name_of(names, params.network_id)]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        if params.was_name is None or params.was_description is None:
            return None
        before = {"name": params.was_name, "description": params.was_description}
        now = {"was_name": params.name, "was_description": params.description}
        return Ask(self.name, {"network_id": params.network_id, **before, **now})

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, "write", _("Its name and description are as they were."))
