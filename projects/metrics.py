"""What projects add to the metrics: whether the locations answer."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from projects.models import Location


def locations() -> Iterator[Metric]:
    """Yield how each location answers."""
    family = GaugeMetricFamily("meshdeck_location_answers", "1: up, 0.5: degraded, 0: down.", labels=["location"])
    worth = {Location.Health.ANSWERS: 1.0, Location.Health.DEGRADED: 0.5, Location.Health.DOWN: 0.0}
    for location in Location.objects.filter(enabled=True):
        if location.health in worth:
            family.add_metric([location.name], worth[Location.Health(location.health)])
    yield family
