"""Where service users stand in the menu, and what the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.menu import Entry
from projects.pages.palette import Way

ENTRY = Entry("service-users", _("Service users"), "bot", "access", 20)
CREATE = Way("create-service-user", _("Create a service user…"), "create-service-user")
