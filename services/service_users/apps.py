from django.utils.translation import gettext_lazy as _

from projects.wings import Wing


class ServiceUsersConfig(Wing):
    name = "services.service_users"
    label = "service_users"

    def ready(self) -> None:
        """Its actions are operations like those of projects; the palette and CLI access lead to its pages."""
        super().ready()
        from projects.pages import palette as doing
        from services.cli_access.pages import chooser
        from services.service_users.pages import cli_choice as beside

        doing.register(doing.Doing("create-service-user", _("Create a service user…"), "service-users/create/"))
        chooser.BESIDE.append(beside.choice)
