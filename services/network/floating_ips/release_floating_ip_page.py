"""The page that releases a floating IP: what is lost with it."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words
from services.network.floating_ips.bulk import leads_to
from services.network.floating_ips.kind import FLOATING_IPS
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
    lost = [{"text": floating.address, "small": _("Anybody may get it next, and you can't request it again")}]
    if server := leads_to(about.tenant, [floating]).get(floating.external_id, ""):
        lost.append({"text": server, "small": _("Can no longer be reached at this address")})
    said = _("In %(place)s. Change the DNS names and firewall rules that use it first.")
    return Words(
        title=title,
        text=said % {"place": about.place},
        button=title,
        template=CONFIRM,
        context={"lost": lost, "icon": "trash-2", "foot_note": _("There is no undo.")},
    )


PAGE = ActionPage(kind=FLOATING_IPS, path="release/", form=ReleaseFloatingIPForm, words=words, ends=True)
