"""The forms of service users: plain words become roles, access rules and an end."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, ManyCardsField, Refusal, Ticks
from projects.forms.base import ActionForm
from projects.forms.confirming import ConfirmForm
from projects.models import Membership, Service
from services.service_users import words
from services.service_users.actions.parts import ends
from services.service_users.files import KINDS
from services.service_users.models import ServiceUser

DAYS = ("30", "90", "365")


class EndingForm(ActionForm):
    """What making and rotating ask for: when it ends, and in which file its secret is wanted."""

    ends = CardField(label=gettext_lazy("It ends"), initial="90")
    day = forms.DateField(
        label=gettext_lazy("On the evening of"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The last day on which it works, in UTC."),
    )
    file = CardField(label=gettext_lazy("As which file"), initial="sh")

    def prepare(self) -> None:
        never = "" if settings.SERVICE_USERS_MAY_NEVER_END else _("The operator does not allow it")
        self.choose(
            "ends",
            [
                *((days, Card(_("in %(n)s days") % {"n": days}, f"{evening(int(days)):%Y-%m-%d}")) for days in DAYS),
                ("date", Card(_("on a date"))),
                ("never", Card(_("never"), blocked=never)),
            ],
        )
        self.choose("file", [(kind, Card(_ENDINGS[kind], text)) for kind, text in KINDS.items()])
        self.fields["key"].required = True  # by which the download's page is found
        self.fields["day"].needed = True  # type: ignore[attr-defined]  # portal.ui.forms.Field.optional

    def clean_day(self) -> date | None:
        """It is needed where a date was chosen."""
        chosen: date | None = self.cleaned_data["day"]
        if self.cleaned_data.get("ends") == "date" and chosen is None:
            raise Refusal(_("Choose the day on which it ends."), code="required")
        return chosen

    def end_of(self, cleaned: Mapping[str, Any]) -> datetime | None:
        """When it ends. The evening of a day, so that a form that is sent twice says the same twice."""
        how = cleaned.get("ends") or "90"
        if how == "never":
            return None
        if how == "date":
            day = cleaned.get("day")
            return datetime.combine(day, _LAST, UTC) if day else evening(int(DAYS[0]))
        return evening(int(how))

    def refuse(self, refusal: Any) -> None:
        """The end is asked for by other fields than the params'."""
        if refusal.field == "expires_at":
            refusal = type(refusal)("day" if self.said("ends") == "date" else "ends", refusal.reason, refusal.ways)
        super().refuse(refusal)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.wanted is not None and not self.errors:
            for refusal in self.of().check_person(self.visit, self.wanted):
                self.refuse(refusal)
        return cleaned


_LAST = time(23, 59, 59)
_ENDINGS = {"sh": ".sh", "ps1": ".ps1", "clouds": "clouds.yaml", "json": ".json"}


def evening(days: int) -> datetime:
    """The last second of the day that is so many days ahead."""
    return datetime.combine((timezone.now() + timedelta(days=days)).astimezone(UTC).date(), _LAST, UTC)


class CreateServiceUserForm(EndingForm):
    """A new one."""

    action = "create-service-user"

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=ends.LONGEST_NAME,
        help_text=gettext_lazy("Letters, figures, - and _. It is in the names of its files: ci-deploy."),
    )
    description = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("People who find it in a year will thank you."),
    )
    kind = CardField(label=gettext_lazy("Kind"), initial="application-credential")
    may = CardField(label=gettext_lazy("It may"), initial="all")
    roles = ManyCardsField(label=gettext_lazy("With these of your roles"), required=False, widget=Ticks)
    calls = forms.CharField(
        label=gettext_lazy("Only these requests"),
        required=False,
        widget=forms.Textarea({"rows": 4, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy("One in a line: GET compute /v2.1/servers. * is one part of a path, ** any rest."),
    )
    field_order = ("name", "description", "kind", "may", "roles", "calls", "ends", "day", "file")
    pairs = (("name", "description"),)

    def prepare(self) -> None:
        super().prepare()
        membership = Membership.objects.filter(user=self.visit.user, tenant=self.tenant).first()
        self.mine: list[str] = sorted(membership.cloud_roles) if membership else []
        place = {"place": self.tenant.location.name}
        owner = _("Belongs to you. Stops working when you lose your role in %(project)s.")
        other = _("Belongs to nobody. Not offered in %(place)s: its operator has given Meshdeck no account for it.")
        self.choose(
            "kind",
            [
                (
                    ServiceUser.Kind.APPLICATION_CREDENTIAL.value,
                    Card(
                        _("Application credential"),
                        owner % {"project": self.tenant.project.name},
                        ends.not_offered(self.tenant),
                    ),
                ),
                ("keystone-user", Card(_("Keystone user"), blocked=other % place)),
            ],
        )
        objects = self.tenant.location.services.filter(service=Service.OBJECT_STORE).exclude(url="").exists()
        no_objects = "" if objects else _("%(place)s offers no objects") % place
        no_rules = ends.no_rules(self.tenant)
        no_reader = "" if words.READER in self.mine else _("You have no role that only looks")
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
        self.fields["calls"].needed = True  # type: ignore[attr-defined]  # portal.ui.forms.Field.optional

    def clean_name(self) -> str:
        """Letters that every file system and shell takes."""
        name = str(self.cleaned_data["name"])
        if not ends.fits(name):
            raise Refusal(_("Letters without accents, figures, - and _ only, and a letter or a figure first."))
        return name

    def clean_roles(self) -> list[str]:
        """One at least, where they are asked for."""
        chosen = list(self.cleaned_data["roles"])
        if not chosen and self.mine and self.cleaned_data.get("may") != "look":
            raise Refusal(_("Tick at least one role."), code="required")
        return chosen

    def clean_calls(self) -> list[dict[str, str]]:
        """Each line as an access rule; those that are none are named."""
        if self.cleaned_data.get("may") != "calls":
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
        may = cleaned.get("may") or "all"
        rules = {"write-objects": words.CHANGE_OBJECTS, "read-objects": words.LOOK_AT_OBJECTS}
        found = {
            "description": cleaned.get("description") or "",
            "roles": [words.READER] if may == "look" else list(cleaned.get("roles") or self.mine),
            "access_rules": cleaned.get("calls") or [] if may == "calls" else rules.get(may, []),
            "expires_at": self.end_of(cleaned),
        }
        return found | ({"name": cleaned["name"]} if cleaned.get("name") else {})


class RotateServiceUserForm(EndingForm):
    """A new secret for one that is there: `thing` of the page."""

    action = "rotate-service-user"

    overlap = CardField(label=gettext_lazy("The old secret works for another"), initial="60")
    field_order = ("overlap", "ends", "day", "file")

    def prepare(self) -> None:
        super().prepare()
        self.choose(
            "overlap",
            [
                ("60", Card(_("hour"), _("time to bring the new one to the machine"))),
                ("1440", Card(_("day"))),
                ("10080", Card(_("week"))),
                ("0", Card(_("not at all"), _("it was lost, or seen by others"))),
            ],
        )

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        thing: ServiceUser = self.initial["thing"]
        overlap = int(cleaned.get("overlap") or 60)
        return {"external_id": thing.external_id, "overlap_minutes": overlap, "expires_at": self.end_of(cleaned)}


class RevokeServiceUserForm(ConfirmForm):
    """The end of one."""

    action = "revoke-service-user"

    def given(self) -> dict[str, Any]:
        thing: ServiceUser = self.initial["thing"]
        return {"external_id": thing.external_id, "overlap": thing.ends_at is not None}
