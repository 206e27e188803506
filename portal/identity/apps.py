"""Identity: logins, and the vault that keeps their tokens."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class IdentityConfig(AppConfig):
    name = "portal.identity"
    label = "identity"
    default = True

    def ready(self) -> None:
        from portal.identity import checks, crypto

        checks.register()
        # A malformed key stops the start, under gunicorn too, which does not run the system checks.
        crypto.keys()


class OperatorAdminConfig(admin_apps.AdminConfig):
    """Django's admin, with the portal's own login."""

    default = False
    default_site = "portal.identity.operators.OperatorSite"
