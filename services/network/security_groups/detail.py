"""The page of one security group: who gets in, who gets out, who uses it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages import detail
from projects.pages.acting import button_url
from projects.pages.detail import Detail, Fact
from services.images.detail import SHOWN
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups import rule_rows as rules
from services.network.security_groups import rules as meaning
from services.network.security_groups import security_group_pages as security_group_forms
from services.network.security_groups.kind import SECURITY_GROUPS
from services.network.security_groups.listing import members


def context(request: HttpRequest, tenant: Tenant, group: SecurityGroup) -> dict[str, Any]:
    """The rules in words, and the servers and groups that the group concerns."""
    own = list(SecurityGroupRule.objects.filter(tenant=tenant, group_id=group.external_id))
    names = dict(SecurityGroup.objects.filter(tenant=tenant).values_list("external_id", "name"))
    counts = members(tenant)
    users = security_group_forms.servers_of(tenant, group.external_id)
    source_of = (
        SecurityGroupRule.objects.filter(tenant=tenant, remote_group_id=group.external_id)
        .exclude(group_id=group.external_id)
        .order_by("group_id")
        .values_list("group_id", flat=True)
        .distinct()
    )
    page = f"/{tenant.handle}/security-groups/{group.external_id}/"
    return {
        "facts": [
            Fact(_("Servers"), formats.number(counts.get(group.external_id, 0))),
            Fact(_("Rules"), formats.number(len(own))),
            Fact(_("Answers"), _("let through by themselves") if group.stateful else _("need a rule of their own")),
            detail.when(_("Created"), group.created_at),
            Fact(_("Id"), chip=group.external_id),
        ],
        "rows": [
            {
                "rule": rule,
                "what": meaning.what(rule),
                "peer": rules.peer(rule, names, counts),
                "open": meaning.is_open(rule),
                "remove": remove(tenant, group, rule, page),
            }
            for rule in sorted(own, key=lambda rule: (rule.direction != "ingress", rule.port_min or 0, rule.ethertype))
        ],
        "ingress": rules.wires(own, "ingress", names, counts),
        "open": any(meaning.is_open(rule) for rule in own),
        "servers": list(users[:SHOWN]),
        "servers_total": counts.get(group.external_id, 0),
        "source_of": [(id_, names.get(id_, id_)) for id_ in source_of],
        "adding": security_group_forms.opened(request, tenant, group, own),
    }


def remove(tenant: Tenant, group: SecurityGroup, rule: SecurityGroupRule, page: str) -> Action:
    """The button that takes a rule away, at once: one click brings it back."""
    params = {"group_id": group.external_id, "rule_ids": rule.external_id}
    return Action(_("Remove"), button_url(tenant, "remove-security-group-rules", page, **params), "trash-2", post=True)


DETAIL = Detail(
    kind=SECURITY_GROUPS,
    template="projects/security_group.html",
    command="security group show",
    context=context,
    buttons=security_group_forms.buttons,
    more=security_group_forms.more,
)
