"""The page that releases a floating IP: what is lost with it."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.network.floating_ips.kind import FLOATING_IPS
from services.network.floating_ips.one_floating_ip import Params
from services.network.floating_ips.release_floating_ip import ReleaseFloatingIP
from services.network.models import FloatingIP


class ReleaseFloatingIPForm(NameAgainForm):
    """Confirms that an address is lost."""

    action = "release-floating-ip"

    def given(self) -> dict[str, Any]:
        return {"floating_ip_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    floating: FloatingIP = about.thing
    title = _("Release %(address)s") % {"address": floating}
    ends = ReleaseFloatingIP().ends_of(floating, Params(floating_ip_id=floating.external_id))
    said = _("In %(place)s. Change the DNS names and firewall rules that use it first.")
    return Words(
        title=title,
        text=said % {"place": about.place},
        button=title,
        template=CONFIRM,
        context=confirming(ends, "trash-2", _("There is no undo.")),
    )


PAGE = ActionPage(kind=FLOATING_IPS, path="release/", form=ReleaseFloatingIPForm, words=words, ends=True)
