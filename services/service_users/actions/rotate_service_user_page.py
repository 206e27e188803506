"""The page that rotates a service user: a new secret for one that is there."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField
from projects.pages.action_pages import About, ActionPage, Words
from services.service_users import files, rows
from services.service_users.actions.forms import EndingForm, to_download
from services.service_users.kind import SERVICE_USERS
from services.service_users.models import ServiceUser


class RotateServiceUserForm(EndingForm):
    """A new secret for one that is there: `thing` of the page."""

    action = "rotate-service-user"

    overlap = CardField(label=gettext_lazy("The old secret works for another"), initial="60")
    field_order = ("overlap", "ends", "day", "file")

    def prepare(self) -> None:
        self.of_kind = self.initial["thing"].kind
        super().prepare()
        self.initial["file"] = files.of_kind(self.of_kind)[0].key
        self._choose_overlap(self.initial["thing"])

    def _choose_overlap(self, thing: ServiceUser) -> None:
        """Offer only as long as the old secret lives anyway."""
        left = thing.expires_at - timezone.now() if thing.expires_at else None
        if left is not None and left <= timedelta(0):
            self.initial["overlap"] = "0"
            self.choose("overlap", [("0", Card(_("not at all"), _("it has ended already")))])
            return

        def card(minutes: int, title: str, text: str = "") -> tuple[str, Card]:
            late = left is not None and timedelta(minutes=minutes) > left
            return str(minutes), Card(title, text, _("The old secret ends before that.") if late else "")

        cards = [
            card(60, _("hour"), _("time to bring the new one to the machine")),
            card(1440, _("day")),
            card(10080, _("week")),
            card(0, _("not at all"), _("it was lost, or seen by others")),
        ]
        self.choose("overlap", cards)
        if cards[0][1].blocked:
            self.initial["overlap"] = "0"

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        thing: ServiceUser = self.initial["thing"]
        overlap = int(cleaned.get("overlap") or 0)
        return {"external_id": thing.external_id, "overlap_minutes": overlap, "expires_at": self.end_of(cleaned)}


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Rotate %(name)s") % {"name": about.thing},
        text=_("A new secret that may the same. Nobody can look up the old one."),
        button=_("Rotate and download"),
        template="service_users/rotate.html",
        after=to_download,
    )


PAGE = ActionPage(kind=SERVICE_USERS, path="rotate/", form=RotateServiceUserForm, words=words, rows=rows.changeable_by)
