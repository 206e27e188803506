from django.apps import AppConfig


class ServiceUsersConfig(AppConfig):
    name = "services.service_users"
    label = "service_users"

    def ready(self) -> None:
        """Its actions are operations like those of projects."""
        from projects.actions import register
        from services.service_users import actions

        register(list(actions.__path__), actions.__name__)
