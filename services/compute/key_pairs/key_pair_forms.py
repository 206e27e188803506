"""The forms of key pairs."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Refusal, Way
from projects.access import own
from projects.forms.base import ActionForm
from projects.forms.confirming import ConfirmForm
from services.compute.key_pairs.import_key_pair import why_no_key
from services.compute.models import KeyPair


class NamedKeyPair(ActionForm):
    """A form with the name of a new key pair, which its owner has but once."""

    action = "import-key-pair"

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        help_text=gettext_lazy("Letters, figures, spaces, - and _. Say where the private key lies: zoe-laptop."),
    )

    def clean_name(self) -> str:
        """Refuse a name that the person has given already, with the next one that is free."""
        name = str(self.cleaned_data["name"])
        mine = KeyPair.objects.filter(own(self.visit.user), tenant=self.tenant)
        taken = set(mine.values_list("name", flat=True))
        if name in taken:
            free = next(f"{name}-{n}" for n in range(2, len(taken) + 3) if f"{name}-{n}" not in taken)
            ways = [Way(_("Use %(name)s") % {"name": free}, value=free)]
            raise Refusal(_("You have a key pair called %(name)s here already.") % {"name": name}, ways)
        return name


class CreateKeyPairForm(NamedKeyPair):
    """A new key pair: all but its name is made here, and the public key when the form is sent."""

    def as_params(self, cleaned: Any) -> dict[str, Any]:
        return {"name": cleaned.get("name", ""), "public_key": self.initial["public_key"]}


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


class DeleteKeyPairForm(ConfirmForm):
    """Confirms the end of a key pair. No name is typed: who has its public key imports it again."""

    action = "delete-key-pair"

    def given(self) -> dict[str, Any]:
        pair: KeyPair = self.initial["thing"]
        return {"name": pair.name, "fingerprint": pair.fingerprint}
