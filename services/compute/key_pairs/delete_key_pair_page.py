"""The page that deletes a key pair of one's own."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.forms.confirming import ConfirmForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words
from services.compute.key_pairs.kind import KEY_PAIRS
from services.compute.models import KeyPair, Server


class DeleteKeyPairForm(ConfirmForm):
    """Confirms the end of a key pair. No name is typed: who has its public key imports it again."""

    action = "delete-key-pair"

    def given(self) -> dict[str, Any]:
        pair: KeyPair = self.initial["thing"]
        return {"name": pair.name, "fingerprint": pair.fingerprint}


def words(about: About) -> Words:
    """Say what stands on the page."""
    pair: KeyPair = about.thing
    return Words(
        title=_("Delete key pair %(name)s") % {"name": pair.name},
        text=_("In all your projects in %(place)s.") % {"place": about.tenant.location.name},
        button=_("Delete %(name)s") % {"name": pair.name},
        template=CONFIRM,
        context={
            "lost": [{"text": pair.name, "small": _("New servers can't take it any more")}],
            "kept": _kept(pair),
            "icon": "trash-2",
            "foot_note": _("With its public key you can import it again."),
        },
    )


def _kept(pair: KeyPair) -> list[dict[str, str]]:
    """Say what becomes of the servers that were made with it."""
    servers = Server.objects.filter(tenant=pair.tenant, user_id=pair.user_id, key_name=pair.name).count()
    if not servers:
        return []
    text = ngettext("%(n)d server here was made with it", "%(n)d servers here were made with it", servers)
    return [{"text": text % {"n": servers}, "small": _("They keep its public key: you still get in")}]


PAGE = ActionPage(kind=KEY_PAIRS, path="delete/", form=DeleteKeyPairForm, words=words, ends=True)
