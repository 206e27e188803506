"""The page that deletes a key pair of one's own."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import ConfirmForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.compute.key_pairs.delete_key_pair import DeleteKeyPair, Params
from services.compute.key_pairs.kind import KEY_PAIRS
from services.compute.models import KeyPair


class DeleteKeyPairForm(ConfirmForm):
    """Confirms the end of a key pair. No name is typed: who has its public key imports it again."""

    action = "delete-key-pair"

    def given(self) -> dict[str, Any]:
        pair: KeyPair = self.initial["thing"]
        return {"name": pair.name, "fingerprint": pair.fingerprint}


def words(about: About) -> Words:
    """Say what stands on the page."""
    pair: KeyPair = about.thing
    ends = DeleteKeyPair().ends(about.tenant, Params(name=pair.name, fingerprint=pair.fingerprint))
    return Words(
        title=_("Delete key pair %(name)s") % {"name": pair.name},
        text=_("In all your projects in %(place)s.") % {"place": about.tenant.location.name},
        button=_("Delete %(name)s") % {"name": pair.name},
        template=CONFIRM,
        context=confirming(ends, "trash-2", _("With its public key you can import it again.")),
    )


PAGE = ActionPage(kind=KEY_PAIRS, path="delete/", form=DeleteKeyPairForm, words=words, ends=True)
