"""Give a server's port other security groups."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds import errors
from clouds.openstack import servers
from clouds.openstack.inventory import network
from portal.ui.commands import Command
from portal.ui.forms import Way
from projects.actions import base, editing
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Failed, Outcome, Refusal, Step, Thing, name_of
from services.compute.models import Server
from services.network.models import Port, SecurityGroup
from services.openstack.actions import Run
from services.openstack.words import Service


class Params(base.Params):
    """Which groups a port shall have, and which it had when the person looked at it: neither in any order."""

    server_id: str
    port_id: str
    group_ids: list[str] = Field([], max_length=200)
    seen: list[str] = Field(
        [], max_length=200, description="Nothing is changed when the port has others by now: somebody else was here."
    )

    @property
    def added(self) -> list[str]:
        """The groups that come to it."""
        return [one for one in dict.fromkeys(self.group_ids) if one not in self.seen]

    @property
    def removed(self) -> list[str]:
        """The groups that go."""
        return [one for one in dict.fromkeys(self.seen) if one not in self.group_ids]


class SetPortGroups(Action[Params]):
    """Opens and closes a running server, at once. Either all of it happens or nothing."""

    name = "set-port-groups"
    params = Params
    label = gettext_lazy("Change security groups")
    icon = "shield"
    services = (Service.NETWORK,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        words = _words(params, names)
        if params.added and params.removed:
            return _("Add %(added)s to %(server)s and remove %(removed)s") % words
        if params.removed:
            return _("Remove %(removed)s from %(server)s") % words
        if params.added:
            return _("Add %(added)s to %(server)s") % words
        return _("Set the security groups of %(server)s") % words

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        words = _words(params, names)
        if params.added and params.removed:
            return _("Added %(added)s to %(server)s and removed %(removed)s") % words
        if params.removed:
            return _("Removed %(removed)s from %(server)s") % words
        if params.added:
            return _("Added %(added)s to %(server)s") % words
        return _("Set the security groups of %(server)s") % words

    def things(self, params: Params) -> Sequence[Thing]:
        return Thing(Server, params.server_id), Thing(Port, params.port_id)

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(SecurityGroup, one) for one in dict.fromkeys([*params.group_ids, *params.seen])]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        hint = _("At once, while the server runs")
        return [Step("write", _("Set the groups of the port"), _("Set the groups of the port"), hint)]

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        port = Port.objects.filter(tenant=tenant, external_id=params.port_id, device_id=params.server_id).first()
        if port is None:
            yield Refusal("port_id", _("The server has no such port any more."))
            return
        has, wanted = set(port.security_group_ids), set(params.group_ids)
        if not port.port_security and wanted:
            yield Refusal("group_ids", _("Port security is off for this port, so it can have no security groups."))
        known = set(
            SecurityGroup.objects.filter(tenant=tenant, external_id__in=wanted).values_list("external_id", flat=True)
        )
        if unknown := sorted(wanted - known - has):
            said = _("There is no such security group here: %(ids)s. Somebody may have deleted it.")
            yield Refusal("group_ids", said % {"ids": ", ".join(unknown)})
        if has != set(params.seen) and has != wanted:
            way = Way(_("Begin again with what is there"), url=editor(tenant, params))
            yield Refusal("", meanwhile(tenant, params, port.security_group_ids), [way])
        elif has == wanted:
            yield Refusal("", _("These are its groups already."))

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("write")
        if wait := editing.wait_for_earlier(run, Thing(Port, params.port_id)):
            return wait
        ports = servers.ports_of(run.cloud, params.server_id)
        run.saw(*ports)
        port = next((one for one in ports if one.external_id == params.port_id), None)
        if port is None:
            return Failed(_("The server has no such port any more. Nothing was changed."), code="not_found")
        has = set(port.security_group_ids)
        if has == set(params.group_ids):
            return Done()
        if run.done("write"):
            return editing.since()
        if has != set(params.seen):
            said = _("%(said)s Nothing was overwritten. Open the editor again.")
            return Failed(said % {"said": meanwhile(run.tenant, params, has)}, code="changed_meanwhile")
        if failed := editing.taken_back(run, port.revision):
            return failed
        self._write(run, params, port)
        return Done()

    def _write(self, run: Run, params: Params, port: network.Port) -> None:
        run.remember(revision=port.revision)
        try:
            port = run.send(
                "write",
                lambda: servers.set_port_security_groups(
                    run.cloud, params.port_id, params.group_ids, revision=port.revision
                ),
            )
        except errors.Conflict:
            run.remember(revision=None)  # nothing was done, and the next look shows what has changed
            raise
        run.saw(port)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        lines: list[Command] = []
        for verb, ids in (("port set", params.added), ("port unset", params.removed)):
            options = [("--security-group", name_of(names, one)) for one in ids]
            if options:
                lines.append(Command(verb, options, [params.port_id]))
        return lines

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask(self.name, params.model_dump() | {"group_ids": params.seen, "seen": params.group_ids})

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("Its groups are as they were."))


def editor(tenant: Tenant, params: Params) -> str:
    """Return where the port's groups are edited, with what is there now."""
    where = {"handle": tenant.handle, "external_id": params.server_id}
    return f"{reverse('set-port-groups', kwargs=where)}?{urlencode({'port': params.port_id})}"


def meanwhile(tenant: Tenant, params: Params, has: Iterable[str]) -> str:
    """Say what somebody else made of the port's groups since they were looked at, in a sentence."""
    now = set(has)
    come, gone = now - set(params.seen), set(params.seen) - now
    rows = SecurityGroup.objects.filter(tenant=tenant, external_id__in=come | gone)
    names = {row.external_id: str(row) for row in rows}
    words = {"come": listed(names, sorted(come)), "gone": listed(names, sorted(gone))}
    if come and gone:
        return _("Somebody else has changed them meanwhile: %(come)s was added, %(gone)s was removed.") % words
    if come:
        return _("Somebody else has changed them meanwhile: %(come)s was added.") % words
    return _("Somebody else has changed them meanwhile: %(gone)s was removed.") % words


def listed(names: Mapping[str, str], ids: Sequence[str]) -> str:
    """Say "app, web-public and default"."""
    said = [name_of(names, one) for one in ids]
    if len(said) < 2:
        return "".join(said)
    return _("%(first)s and %(last)s") % {"first": ", ".join(said[:-1]), "last": said[-1]}


def _words(params: Params, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "added": listed(names, params.added),
        "removed": listed(names, params.removed),
        "server": name_of(names, params.server_id),
    }
