from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        """Have the locations among the metrics."""
        from portal import metrics as site
        from projects import metrics

        site.OTHERS.append(metrics.locations)
