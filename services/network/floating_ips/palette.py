"""What the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way
from services.network.models import FloatingIP

WAYS = (
    Way("allocate-floating-ip", _("Allocate a floating IP…"), "allocate-floating-ip"),
    Way("associate-floating-ip", _("Associate %(name)s with a server…"), "associate-floating-ip", FloatingIP),
    Way("release-floating-ip", _("Release %(name)s…"), "release-floating-ip", FloatingIP),
)
