"""The buttons and menus of security groups, from what a row itself says. They ask no database."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages.acting import button_url
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups.kind import SECURITY_GROUPS


def create_security_group(tenant: Tenant) -> Action:
    """Lead to the form of a new one."""
    url = reverse("create-security-group", kwargs={"handle": tenant.handle})
    return Action(_("Create security group"), url, "plus")


def head(tenant: Tenant, group: SecurityGroup) -> list[Action]:
    """List what stands in the head of its page; nothing for a group of another project."""
    if not group.owned:
        return []
    page = SECURITY_GROUPS.url_of(tenant.handle, group.external_id)
    return [
        Action(_("Add rules"), f"{page}#add", "plus"),
        Action(_("Edit"), _url("edit-security-group", tenant, group), "file-text"),
    ]


def menu(tenant: Tenant, group: SecurityGroup) -> list[Action]:
    """List everything that can be done with a group."""
    return [*head(tenant, group), *more(tenant, group)]


def more(tenant: Tenant, group: SecurityGroup) -> list[Action]:
    """List what stands behind the dots of its page."""
    if not group.owned:
        return []
    why = _("It belongs to the project and stays.") if group.name == "default" else ""
    return [Action(_("Delete"), _url("delete-security-group", tenant, group), "trash-2", danger=True, blocked=why)]


def remove_rule(tenant: Tenant, group: SecurityGroup, rule: SecurityGroupRule, back: str) -> Action:
    """Take a rule away, at once: Undo brings it back, where all of it is known."""
    params = {"group_id": group.external_id, "rule_ids": rule.external_id}
    return Action(_("Remove"), button_url(tenant, "remove-security-group-rules", back, **params), "trash-2", post=True)


def _url(page: str, tenant: Tenant, group: SecurityGroup) -> str:
    return reverse(page, kwargs={"handle": tenant.handle, "external_id": group.external_id})
