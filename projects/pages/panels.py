"""What wings bring to a tenant's overview besides their headline figures."""

from collections.abc import Callable
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from projects.models import Tenant
from projects.pages.health import Freshness
from projects.registry import Registry


@dataclass(frozen=True, slots=True)
class Panel:
    """A sheet of the overview: its template, and what that needs. None: there is nothing to show."""

    key: str
    position: int
    template: str
    context: Callable[[Tenant, Freshness], dict[str, object] | None]


PANELS: Registry[Panel] = Registry(Panel, lambda panel: panel.key, order=lambda panel: panel.position)


def panels(tenant: Tenant, fresh: Freshness) -> list[SafeString]:
    """Return the sheets of a tenant's overview, drawn."""
    found = []
    for panel in PANELS.values():
        context = panel.context(tenant, fresh)
        if context is not None:
            found.append(render_to_string(panel.template, {"tenant": tenant, "fresh": fresh, **context}))
    return found
