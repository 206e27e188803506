"""What the forms of networks and subnets share: the fields of a subnet's addresses."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui import formats
from projects.forms.base import ActionForm
from projects.outcomes import Refusal
from services.network.networks import addressing


class AddressesForm(ActionForm):
    """The fields of a subnet's addresses."""

    cidr = forms.CharField(label=gettext_lazy("Addresses"), max_length=64)
    gateway = forms.CharField(label=gettext_lazy("Gateway"), max_length=64, required=False)
    dns_servers = forms.CharField(label=gettext_lazy("DNS servers"), max_length=500, required=False)
    dhcp = forms.BooleanField(label=gettext_lazy("Assign addresses by DHCP"), required=False, initial=True)

    def prepare(self) -> None:
        self.initial.setdefault("cidr", addressing.free_cidr(self.tenant))
        self.initial.setdefault("dns_servers", ", ".join(addressing.usual_dns(self.tenant)))
        cidr = self.said("cidr").strip()
        first = addressing.first_address(cidr)
        self.fields["cidr"].help_text = _room(cidr)
        self.fields["gateway"].widget.attrs["placeholder"] = first
        said = _("The router's address. Empty: %(address)s, the first one. “none”: no gateway.")
        self.fields["gateway"].help_text = said % {"address": first} if first else ""
        self.fields["dns_servers"].help_text = _("Separate several with commas.")

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        if "gateway" in said and said["gateway"].lower() in (addressing.AUTO, addressing.NONE):
            said["gateway"] = said["gateway"].lower()
        said["dns_servers"] = str(cleaned.get("dns_servers") or "").replace(",", " ").split()
        return said

    def refuse(self, refusal: Refusal) -> None:
        """Show what is said of the mode of IPv6 addresses at the addresses: it has no field of its own."""
        field = "cidr" if refusal.field == "ipv6_mode" else refusal.field
        super().refuse(Refusal(field, refusal.reason, refusal.ways))


def _room(cidr: str) -> str:
    """Say how many servers fit in: one address is the gateway's, and of IPv4 the first and last are nobody's."""
    net = addressing.net_of(cidr)
    if net is None:
        return _("Example: 10.0.4.0/24")
    if net.version == 6:
        return _("Room for as many servers as you like.")
    return _("Room for %(n)s servers.") % {"n": formats.number(max(0, net.num_addresses - 3))}
