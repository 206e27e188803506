"""The page that creates a service user. Its form: plain words become a kind, roles, access rules and an end."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, ManyCardsField, Refusal, Ticks
from projects.forms.base import ActionForm
from projects.models import Membership
from projects.pages.action_pages import About, ActionPage, Words
from services.openstack.words import Service
from services.service_users import words as plain
from services.service_users.actions.forms import EndingForm, file_cards, to_download
from services.service_users.actions.parts import ends
from services.service_users.kind import SERVICE_USERS
from services.service_users.models import LONGEST_NAME, ServiceUser
from services.service_users.types import TYPES


class CreateServiceUserForm(EndingForm):
    """A new one."""

    action = "create-service-user"

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Letters, figures, - and _. It is in the names of its files: ci-deploy."),
    )
    description = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("People who find it in a year will thank you."),
    )
    kind = CardField(label=gettext_lazy("Kind"), initial=ServiceUser.Kind.APPLICATION_CREDENTIAL.value)
    may = CardField(label=gettext_lazy("It may"), initial="all")
    roles = ManyCardsField(label=gettext_lazy("With these of your roles"), required=False, widget=Ticks)
    calls = forms.CharField(
        label=gettext_lazy("Only these requests"),
        required=False,
        widget=forms.Textarea({"rows": 4, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy("One in a line: GET compute /v2.1/servers. * is one part of a path, ** any rest."),
    )
    s3_file = CardField(label=gettext_lazy("As which file"), initial="env", required=False)
    field_order = ("name", "description", "kind", "may", "roles", "calls", "ends", "day", "file", "s3_file")
    pairs = (("name", "description"),)

    def prepare(self) -> None:
        super().prepare()
        membership = Membership.objects.filter(user=self.visit.user, tenant=self.tenant).first()
        self.mine: list[str] = sorted(membership.cloud_roles) if membership else []
        self.choose(
            "kind",
            [
                (key, Card(kind.label, kind.text(self.tenant), kind.not_offered(self.tenant)))
                for key, kind in TYPES.items()
            ],
        )
        self.choose("s3_file", file_cards(ServiceUser.Kind.EC2))
        objects = self.tenant.location.services.filter(service=Service.OBJECT_STORE).exclude(url="").exists()
        no_objects = "" if objects else _("%(place)s offers no objects") % {"place": self.tenant.location.name}
        kind = TYPES.get(self.said("kind"))
        no_rules = "" if kind is None or kind.narrows or not kind.picks else _("Not for this kind")
        no_rules = no_rules or ends.no_rules(self.tenant)
        no_reader = "" if plain.READER in self.mine else _("You have no role that only looks")
        self.choose(
            "may",
            [
                ("all", Card(_("all that your roles may"))),
                ("look", Card(_("look, change nothing"), blocked=no_reader)),
                ("write-objects", Card(_("only read and write objects"), blocked=no_objects or no_rules)),
                ("read-objects", Card(_("only read objects"), blocked=no_objects or no_rules)),
                ("calls", Card(_("only some requests, chosen by you"), blocked=no_rules)),
            ],
        )
        self.choose("roles", [(name, Card(name)) for name in self.mine])
        self.initial.setdefault("roles", self.mine)
        for name in ("calls", "s3_file"):
            self.fields[name].needed = True  # type: ignore[attr-defined]  # portal.ui.forms.Field.optional

    def clean_name(self) -> str:
        """Letters that every file system and shell takes."""
        name = str(self.cleaned_data["name"])
        if not ends.fits(name):
            raise Refusal(_("Letters without accents, figures, - and _ only, and a letter or a figure first."))
        return name

    def clean_roles(self) -> list[str]:
        """One at least, where they are asked for."""
        chosen = list(self.cleaned_data["roles"])
        asked = self.picks() and self.cleaned_data.get("may") != "look"
        if not chosen and self.mine and asked:
            raise Refusal(_("Tick at least one role."), code="required")
        return chosen

    def clean_calls(self) -> list[dict[str, str]]:
        """Each line as an access rule; those that are none are named."""
        if not self.picks() or self.cleaned_data.get("may") != "calls":
            return []
        lines = [line.split() for line in str(self.cleaned_data["calls"]).splitlines() if line.strip()]
        if not lines:
            raise Refusal(_("Name at least one request: GET compute /v2.1/servers"), code="required")
        rules = []
        for words_ in lines:
            rule = ends.rule_of(words_)
            if rule is None:
                said = _("“%(line)s” is not a method, a service and a path: GET compute /v2.1/servers")
                raise Refusal(said % {"line": " ".join(words_)[:100]})
            rules.append(rule)
        return rules

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        kind = cleaned.get("kind") or ServiceUser.Kind.APPLICATION_CREDENTIAL
        found = {
            "description": cleaned.get("description") or "",
            "kind": kind,
            "expires_at": self.end_of(cleaned),
            **(self._narrowed(cleaned) if TYPES[kind].picks else {}),
        }
        return found | ({"name": cleaned["name"]} if cleaned.get("name") else {})

    def _narrowed(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        may = cleaned.get("may") or "all"
        rules = {"write-objects": plain.CHANGE_OBJECTS, "read-objects": plain.LOOK_AT_OBJECTS}
        return {
            "roles": [plain.READER] if may == "look" else list(cleaned.get("roles") or self.mine),
            "access_rules": cleaned.get("calls") or [] if may == "calls" else rules.get(may, []),
        }

    def picks(self) -> bool:
        """Tell whether the chosen kind may have some of the roles only."""
        kind = TYPES.get(self.cleaned_data.get("kind") or "")
        return kind is None or kind.picks

    def file_of(self) -> str:
        """Return the file that it is wanted as."""
        s3 = self.cleaned_data.get("kind") == ServiceUser.Kind.EC2
        return str(self.cleaned_data.get("s3_file" if s3 else "file") or "")


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Create service user"),
        text=_("For a machine, in %(handle)s only.") % {"handle": about.place},
        button=_("Create and download"),
        template="service_users/create.html",
        context=_context,
        after=to_download,
    )


def _context(form: ActionForm) -> dict[str, Any]:
    """Say what the new one may, and that its secret comes once."""
    said = form.wanted.model_dump(mode="json") if form.wanted else {}
    return {
        "may": plain.may(said["roles"], said["access_rules"]) if said else "",
        # What others log in with may make more of its like.
        "alone": not said or said["kind"] == ServiceUser.Kind.APPLICATION_CREDENTIAL,
        "foot_note": _("You get its secret once, as a file."),
    }


PAGE = ActionPage(kind=SERVICE_USERS, path="create/", form=CreateServiceUserForm, words=words, makes=True)
