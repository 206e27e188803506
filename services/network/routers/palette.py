"""What the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way
from services.network.models import Router

WAYS = (
    Way("create-router", _("Create a router…"), "create-router"),
    Way("connect-subnet", _("Connect a subnet to %(name)s…"), "connect-subnet", Router),
    Way("set-router-gateway", _("Set the external gateway of %(name)s…"), "set-router-gateway", Router),
    Way("delete-router", _("Delete %(name)s…"), "delete-router", Router),
)
