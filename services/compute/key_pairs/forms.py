"""What the forms of new key pairs share: the name."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Refusal, Way
from projects.access import own
from projects.forms.base import ActionForm
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
