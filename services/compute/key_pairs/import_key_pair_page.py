"""The page that imports the public half of a key pair that is there already."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Refusal
from projects.pages.action_pages import About, ActionPage, Words
from services.compute.key_pairs.forms import NamedKeyPair
from services.compute.key_pairs.import_key_pair import why_no_key
from services.compute.key_pairs.kind import KEY_PAIRS


class ImportKeyPairForm(NamedKeyPair):
    """A key pair whose private half lies with its owner already."""

    public_key = forms.CharField(
        label=gettext_lazy("Public key"),
        max_length=16_384,
        widget=forms.Textarea({"rows": 4, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("The one line of a file that ends with .pub, such as ~/.ssh/id_ed25519.pub."),
    )

    def clean_public_key(self) -> str:
        """Refuse what is no public key. A private one is not even shown again."""
        text = " ".join(str(self.cleaned_data["public_key"]).split("\n")).strip()
        if "PRIVATE KEY" in text:
            self.data = {**self.data, "public_key": ""}
        if reason := why_no_key(str(self.cleaned_data["public_key"])):
            raise Refusal(reason)
        return text


def words(_about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Import key pair"),
        text=_("New servers get the public key. The private key stays with you: Meshdeck never asks for it."),
        button=_("Import"),
    )


PAGE = ActionPage(kind=KEY_PAIRS, path="import/", form=ImportKeyPairForm, words=words, makes=True)
