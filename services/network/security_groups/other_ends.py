"""Whom rules may name as their other end besides networks: security groups and address groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from portal.ui.formats import number
from projects.models import Tenant
from projects.prepared import Prepared
from services.network.models import AddressGroup, SecurityGroup

# So many addresses stand in a line.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class OtherEnds:
    """The names of groups and address groups by their ids, and the addresses of address groups by theirs.

    One that another project does not share has neither.
    """

    groups: Mapping[str, str] = field(default_factory=dict)
    address_groups: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def names(self) -> Mapping[str, str]:
        """The names of both."""
        return {**self.groups, **self.address_groups}

    def addresses_of(self, address_group_id: str) -> str:
        """Write its addresses: "203.0.113.0/24, 198.51.100.7/32"; empty where the cloud does not show them."""
        every = self.addresses.get(address_group_id, ())
        shown = list(every[:_SHOWN])
        if len(every) > _SHOWN:
            shown.append(_("and %(n)s more") % {"n": number(len(every) - _SHOWN)})
        return ", ".join(shown)


_GROUPS = Prepared(
    lambda tenant: SecurityGroup.objects.filter(tenant=tenant).values_list("external_id", "name"), tenant=-1
)
_ADDRESS_GROUPS = Prepared(
    lambda tenant: AddressGroup.objects.filter(tenant=tenant).values_list("external_id", "name", "addresses"), tenant=-1
)


def other_ends(tenant: Tenant | int) -> OtherEnds:
    """Read those that a tenant sees. What has no name is called by its id."""
    key = tenant.pk if isinstance(tenant, Tenant) else tenant
    address_groups = _ADDRESS_GROUPS.rows(tenant=key)
    return OtherEnds(
        groups={id_: name or id_ for id_, name in _GROUPS.rows(tenant=key)},
        address_groups={id_: name or id_ for id_, name, _addresses in address_groups},
        addresses={id_: addresses for id_, _name, addresses in address_groups},
    )
