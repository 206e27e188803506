from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServiceUsersConfig(AppConfig):
    name = "services.service_users"
    label = "service_users"

    def ready(self) -> None:
        """Its actions are operations like those of projects; the palette and CLI access lead to its pages."""
        from projects.actions import register
        from projects.pages import doing
        from services.cli_access.pages import chooser
        from services.service_users import actions
        from services.service_users.pages import beside

        register(list(actions.__path__), actions.__name__)
        doing.register(doing.Doing("create-service-user", _("Create a service user…"), "service-users/create/"))
        chooser.BESIDE.append(beside.choice)
