"""What a project has left, and the words for asking too much."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui import formats
from portal.ui.forms import Way
from projects.models import Limit, Measure, Tenant
from projects.outcomes import Refusal

_SERVERS = "servers", gettext_lazy("find servers to delete")
_VOLUMES = "volumes", gettext_lazy("find volumes to delete")
_GROUPS = "security-groups", gettext_lazy("find security groups to delete")
# Where to find what can be freed.
_LISTS = {
    Measure.VCPUS: _SERVERS,
    Measure.RAM_MB: _SERVERS,
    Measure.SERVERS: _SERVERS,
    Measure.VOLUME_GB: _VOLUMES,
    Measure.VOLUMES: _VOLUMES,
    Measure.SNAPSHOTS: ("snapshots", gettext_lazy("find snapshots to delete")),
    Measure.FLOATING_IPS: ("floating-ips", gettext_lazy("find floating IPs to release")),
    Measure.NETWORKS: ("networks", gettext_lazy("find networks to delete")),
    Measure.SUBNETS: ("networks", gettext_lazy("find networks to delete")),
    Measure.ROUTERS: ("routers", gettext_lazy("find routers to delete")),
    Measure.SECURITY_GROUPS: _GROUPS,
    Measure.SECURITY_GROUP_RULES: _GROUPS,
}


def too_much(
    tenant: Tenant,
    wanted: Mapping[Measure, int],
    fields: Mapping[Measure, str],
    *,
    fits: Measure | None = None,
    has: int = 0,
) -> Iterator[Refusal]:
    """A refusal for each limit that `wanted` goes beyond. `fields` names the params' field for each measure.

    For the measure `fits` the way on offers the largest number that does, where one does; for a thing that grows it is
    counted from what it `has` already.
    """
    limits = {limit.measure: limit for limit in Limit.objects.filter(tenant=tenant, measure__in=wanted)}
    for measure, amount in wanted.items():
        limit = limits.get(measure)
        if limit is None or limit.allowed is None or limit.used is None or limit.used + amount <= limit.allowed:
            continue
        left = max(0, limit.allowed - limit.used)
        field, ways = fields.get(measure, ""), []
        if measure is fits and left and field:
            most = has + left
            ways.append(Way(_("Use %(n)s") % {"n": said(measure, most)}, value=str(most), field=field))
        if measure in _LISTS:
            key, label = _LISTS[measure]
            ways.append(Way(label, url=f"/{tenant.handle}/{key}/"))
        yield Refusal(field, _words(tenant, measure, amount, left, limit.allowed), ways)


def said(measure: Measure, amount: int) -> str:
    """An amount with its unit: "80 GB", "16 GB", "3"."""
    if measure in (Measure.VOLUME_GB, Measure.BACKUP_GB):
        return f"{formats.number(amount)} GB"
    if measure is Measure.RAM_MB:
        return str(formats.mebibytes(amount))
    return formats.number(amount)


def _words(tenant: Tenant, measure: Measure, amount: int, left: int, allowed: int) -> str:
    values = {
        "amount": said(measure, amount),
        "over": said(measure, amount - left),
        "left": said(measure, left),
        "part": _part(said(measure, left), said(measure, allowed)),
        "allowed": said(measure, allowed),
        "project": tenant.project.name,
        "location": tenant.location.name,
        "what": str(measure.label)[0].lower() + str(measure.label)[1:],  # floating IPs, vCPUs
    }
    if measure in (Measure.VOLUME_GB, Measure.RAM_MB):
        return _("%(amount)s is %(over)s more than %(project)s has left in %(location)s (%(part)s).") % values
    if left == 0:
        return _("%(project)s has no %(what)s left in %(location)s: all %(allowed)s are in use.") % values
    return (
        _("%(amount)s more %(what)s are wanted, and %(project)s has %(left)s of %(allowed)s left in %(location)s.")
        % values
    )


def _part(left: str, whole: str) -> str:
    """ "440 of 1,000 GB", with the unit once where both have the same."""
    (number, *unit), (_number, *same) = left.split(), whole.split()
    return _("%(left)s of %(whole)s") % {"left": number if unit == same else left, "whole": whole}
