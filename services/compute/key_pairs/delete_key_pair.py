"""Delete a key pair of one's own."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field

from clouds import errors
from clouds.openstack import key_pairs
from portal.ui.commands import Command
from projects.actions import base
from projects.actions.base import Action
from projects.models import Tenant
from projects.outcomes import Done, Ends, Lot, Outcome, Step, Thing, Wait
from services.compute.key_pairs.import_key_pair import see
from services.compute.models import KeyPair, Server
from services.openstack.actions import Run
from services.openstack.words import Service


class Params(base.Params):
    """Which key pair of the person's own, by its name; with the fingerprint, that one and no later one of the name."""

    name: str = Field(min_length=1, max_length=255)
    fingerprint: str = ""


class DeleteKeyPair(Action[Params]):
    """New servers can't take it any more. Servers that have it keep it."""

    name = "delete-key-pair"
    params = Params
    label = gettext_lazy("Delete key pair")
    icon = "trash-2"
    services = (Service.COMPUTE,)
    personal = True

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Delete key pair %(name)s") % {"name": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Deleted key pair %(name)s") % {"name": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return (Thing(KeyPair, params.name),)

    def ends(self, tenant: Tenant, params: Params) -> Ends:
        pair = KeyPair.objects.filter(tenant=tenant, name=params.name, fingerprint=params.fingerprint).first()
        kept = _kept(pair) if pair else []
        return Ends([Lot(params.name, _("New servers can't take it any more"))], kept)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("delete", _("Delete it"), _("Deleted it")),)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("delete")
        try:
            there = key_pairs.get(run.cloud, params.name)
            if run.done("delete") or params.fingerprint not in ("", there.fingerprint):
                see(run, there)
                return Done(_("Another one of this name is there now, and is kept."))
            run.send("delete", lambda: key_pairs.delete(run.cloud, params.name))
        except errors.NotFound:
            run.gone(KeyPair, params.name, only={"user_id": run.cloud.state.user_id})
            return Done()
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("keypair delete", things=[params.name])]


def _kept(pair: KeyPair) -> list[Lot]:
    """Say what becomes of the servers that were made with it."""
    servers = Server.objects.filter(tenant=pair.tenant_id, user_id=pair.user_id, key_name=pair.name).count()
    if not servers:
        return []
    text = ngettext("%(n)d server here was made with it", "%(n)d servers here were made with it", servers)
    return [Lot(text % {"n": servers}, _("They keep its public key: you still get in"))]
