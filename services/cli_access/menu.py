"""Where CLI access stands in the menu, and its line in the palette."""

from django.utils.translation import gettext_lazy as _

from projects.pages.menu import Entry
from projects.pages.palette import Way

ENTRY = Entry("cli", _("CLI access"), "terminal", "access", 10, inventory=False)
# The passcode is the one page here whose name people type without knowing where it is.
PASSCODE = Way("", _("Get passcode for Cloud Foundry"), "cli", platform="cloudfoundry", icon="key-round")
