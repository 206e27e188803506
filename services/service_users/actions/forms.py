"""What the forms that make a secret share: when it ends, and in which file it is wanted."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, Refusal
from projects.access import Visit
from projects.forms.base import ActionForm
from projects.models import Operation
from services.service_users import files
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

    # Whose files they are.
    of_kind: str = ServiceUser.Kind.APPLICATION_CREDENTIAL

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
        self.choose("file", file_cards(self.of_kind))
        self.fields["key"].required = True  # by which the download's page is found
        self.fields["day"].needed = True  # type: ignore[attr-defined]  # portal.ui.forms.Field.optional

    def clean_day(self) -> date | None:
        """Demand it where a date was chosen."""
        chosen: date | None = self.cleaned_data["day"]
        if self.cleaned_data.get("ends") == "date" and chosen is None:
            raise Refusal(_("Choose the day on which it ends."), code="required")
        return chosen

    def end_of(self, cleaned: Mapping[str, Any]) -> datetime | None:
        """Return when it ends: the evening of a day, so that a form that is sent twice says the same twice."""
        how = cleaned.get("ends") or "90"
        if how == "never":
            return None
        if how == "date":
            day = cleaned.get("day")
            return datetime.combine(day, _LAST, UTC) if day else evening(int(DAYS[0]))
        return evening(int(how))

    def file_of(self) -> str:
        """Return the file that it is wanted as."""
        return str(self.cleaned_data.get("file") or "")

    def refuse(self, refusal: Any) -> None:
        """Put what is said of the end at the field that asks for it."""
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


def file_cards(kind: str) -> list[tuple[str, Card]]:
    """Return the files that a service user of this type can be had as."""
    return [(one.key, Card(one.ending, one.text)) for one in files.of_kind(kind)]


def evening(days: int) -> datetime:
    """Return the last second of the day that is so many days ahead."""
    return datetime.combine((timezone.now() + timedelta(days=days)).astimezone(UTC).date(), _LAST, UTC)


def to_download(visit: Visit, form: ActionForm) -> str:
    """Return the address of the page on which the download begins by itself."""
    if not isinstance(form, EndingForm):
        raise TypeError("a form that hands nothing over")
    operation = Operation.objects.get(user=visit.user, key=form.cleaned_data["key"])
    url = reverse("service-user-made", kwargs={"handle": visit.tenant.handle, "operation_id": operation.pk})
    return f"{url}?{urlencode({'as': form.file_of()})}"
