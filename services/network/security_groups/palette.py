"""What the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way
from services.network.models import SecurityGroup

WAYS = (
    Way("create-security-group", _("Create a security group…"), "create-security-group"),
    Way("add-security-group-rules", _("Add rules to %(name)s…"), "security-group", SecurityGroup, fragment="add"),
    Way("edit-security-group", _("Rename %(name)s…"), "edit-security-group", SecurityGroup),
    Way(
        "delete-security-group",
        _("Delete %(name)s…"),
        "delete-security-group",
        SecurityGroup,
        lambda group: group.name != "default",
    ),
)
