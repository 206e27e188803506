"""What can be done with several floating IPs at once."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.models import Tenant
from projects.pages.bulk import Bulk
from services.network.floating_ips.one_floating_ip import leads_to
from services.network.models import FloatingIP


def lost_with(tenant: Tenant, floating: Sequence[FloatingIP]) -> Mapping[str, str]:
    """Say which server can no longer be reached without each."""
    said = _("%(server)s can no longer be reached at it")
    names = leads_to(tenant, floating)
    return {one.external_id: said % {"server": names[one.external_id]} for one in floating if one.external_id in names}


BULKS = (
    Bulk(
        key="disassociate",
        action="disassociate-floating-ip",
        label=gettext_lazy("Disassociate"),
        title=lambda n: ngettext("Disassociate %(n)d floating IP", "Disassociate %(n)d floating IPs", n) % {"n": n},
        heading=gettext_lazy("These are disassociated and stay allocated to the project"),
        params=lambda one: [{"floating_ip_id": one.external_id}] if one.port_id else [],
        nothing=gettext_lazy("It is not associated."),
        tells=lost_with,
    ),
    Bulk(
        key="release",
        action="release-floating-ip",
        label=gettext_lazy("Release"),
        title=lambda n: ngettext("Release %(n)d floating IP", "Release %(n)d floating IPs", n) % {"n": n},
        heading=gettext_lazy("These addresses are lost: anybody may get them next"),
        params=lambda one: [{"floating_ip_id": one.external_id}],
        tells=lost_with,
        final=True,
    ),
)
