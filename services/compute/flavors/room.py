"""What still fits into a tenant's limits, in flavors."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui.formats import number
from projects.models import Limit, Tenant
from projects.pages.gauges import Remark, left
from services.compute.models import Flavor
from services.openstack.words import Measure


def room(limits: Mapping[str, Limit], flavors: Iterable[Flavor]) -> str:
    """Say what still fits, in flavors: "enough for one more m1.medium", of the largest flavor that fits."""
    vcpus, ram, servers = (left(limits.get(m)) for m in (Measure.VCPUS, Measure.RAM_MB, Measure.SERVERS))
    fitting = [
        flavor
        for flavor in flavors
        if flavor.vcpus and flavor.ram_mb and flavor.vcpus <= vcpus and flavor.ram_mb <= ram and servers >= 1
    ]
    if not fitting:
        return _("not enough for another server")
    best = max(fitting, key=lambda flavor: (flavor.vcpus, flavor.ram_mb))
    # One of the three is a finite limit, or nothing would run short.
    many = int(min(vcpus // best.vcpus, ram // best.ram_mb, servers))
    return ngettext("enough for one more %(flavor)s", "enough for %(n)s more %(flavor)s", many) % {
        "n": number(many),
        "flavor": best.name,
    }


def hint(tenant: Tenant, limits: Mapping[str, Limit]) -> str:
    """Say what still fits, by the tenant's flavors."""
    return room(limits, Flavor.objects.filter(tenant=tenant))


REMARK = Remark("flavors", hinted=(Measure.VCPUS, Measure.RAM_MB), hint=hint)
