"""What a project has left, and the words for asking too much."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.forms import Way
from projects.actions.base import Refusal
from projects.models import Limit, Measure, Tenant

# Where to find what can be freed.
_LISTS = {
    Measure.VCPUS: "servers",
    Measure.RAM_MB: "servers",
    Measure.SERVERS: "servers",
    Measure.VOLUME_GB: "volumes",
    Measure.VOLUMES: "volumes",
    Measure.SNAPSHOTS: "snapshots",
    Measure.FLOATING_IPS: "floating-ips",
    Measure.NETWORKS: "networks",
    Measure.SECURITY_GROUPS: "security-groups",
    Measure.SECURITY_GROUP_RULES: "security-groups",
}


def too_much(
    tenant: Tenant, wanted: Mapping[Measure, int], fields: Mapping[Measure, str], *, fits: bool = False, has: int = 0
) -> Iterator[Refusal]:
    """A refusal for each limit that `wanted` goes beyond. `fields` names the params' field for each measure.

    With `fits` the way on offers the largest number that fits, where one does; for a thing that grows it is counted
    from what it `has` already.
    """
    limits = {limit.measure: limit for limit in Limit.objects.filter(tenant=tenant, measure__in=wanted)}
    for measure, amount in wanted.items():
        limit = limits.get(measure)
        if limit is None or limit.allowed is None or limit.used is None or limit.used + amount <= limit.allowed:
            continue
        left = max(0, limit.allowed - limit.used)
        field, ways = fields.get(measure, ""), []
        if fits and left and field:
            most = has + left
            ways.append(Way(_("Use %(n)s") % {"n": said(measure, most)}, value=str(most), field=field))
        if measure in _LISTS:
            ways.append(Way(_("find some to delete"), url=f"/{tenant.handle}/{_LISTS[measure]}/"))
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
        "allowed": said(measure, allowed),
        "project": tenant.project.name,
        "location": tenant.location.name,
        "what": str(measure.label).lower() if measure is not Measure.VCPUS else str(measure.label),
    }
    if measure in (Measure.VOLUME_GB, Measure.RAM_MB):
        return (
            _("%(amount)s is %(over)s more than %(project)s has left in %(location)s (%(left)s of %(allowed)s).")
            % values
        )
    if left == 0:
        return _("%(project)s has no %(what)s left in %(location)s: all %(allowed)s are in use.") % values
    return (
        _("%(amount)s more %(what)s are wanted, and %(project)s has %(left)s of %(allowed)s left in %(location)s.")
        % values
    )
