"""The page of one security group: who gets in, who gets out, who uses it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.ui import formats
from projects.models import Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups import buttons, rule_rows, rules
from services.network.security_groups.add_security_group_rules_page import empty_sheet
from services.network.security_groups.kind import SECURITY_GROUPS
from services.network.security_groups.members import members, servers_of
from services.network.security_groups.other_ends import other_ends

# So many servers are listed.
SHOWN = 20


def context(request: HttpRequest, tenant: Tenant, group: SecurityGroup) -> dict[str, Any]:
    """Collect the rules in words, and the servers and groups that the group concerns."""
    own = list(SecurityGroupRule.objects.filter(tenant=tenant, group_id=group.external_id))
    ends = other_ends(tenant)
    counts = members(tenant)
    users = servers_of(tenant, group.external_id)
    source_of = (
        SecurityGroupRule.objects.filter(tenant=tenant, remote_group_id=group.external_id)
        .exclude(group_id=group.external_id)
        .order_by("group_id")
        .values_list("group_id", flat=True)
        .distinct()
    )
    here = SECURITY_GROUPS.url_of(tenant.handle, group.external_id)
    return {
        "facts": [
            Fact(_("Servers"), formats.number(counts.get(group.external_id, 0))),
            Fact(_("Rules"), formats.number(len(own))),
            Fact(
                _("Replies"),
                _("allowed automatically (stateful)") if group.stateful else _("need their own rule (stateless)"),
            ),
            *([] if group.owned else [Fact(_("From"), _("another project"), soft=_("only that one can change it"))]),
            detail.when(_("Created"), group.created_at),
            Fact(_("Id"), chip=group.external_id),
        ],
        "rows": [
            {
                "id": rule.external_id,
                "pk": rule.pk,
                "what": rules.what(rule),
                "ingress": rule.direction == "ingress",
                "ethertype": rule.ethertype,
                "description": rule.description,
                "peer": rule_rows.peer(rule, ends, counts),
                "open": rules.is_open(rule),
                "unread": bool(rule.unread),
                "remove": buttons.remove_rule(tenant, group, rule, here) if group.owned else None,
            }
            for rule in sorted(own, key=lambda rule: (rule.direction != "ingress", rule.port_min or 0, rule.ethertype))
        ],
        "ingress": rule_rows.wires(own, "ingress", ends, counts),
        "open": any(rules.is_open(rule) for rule in own),
        "unread": any(rule.unread for rule in own if rule.direction == "ingress"),
        "servers": list(users[:SHOWN]),
        "servers_total": counts.get(group.external_id, 0),
        "source_of": [(id_, ends.names.get(id_, id_)) for id_ in source_of],
        "adding": empty_sheet(request, tenant, group, own) if group.owned else None,
    }


DETAIL = Detail(
    kind=SECURITY_GROUPS,
    template="network/security_group.html",
    command="security group show",
    context=context,
    buttons=buttons.head,
    more=buttons.more,
)
