"""What the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way

CREATE = Way("create-service-user", _("Create a service user…"), "create-service-user")
