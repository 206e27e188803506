"""Words of platforms in templates."""

from django import template
from django_stubs_ext import StrOrPromise

from projects import platforms

register = template.Library()


@register.filter
def service_label(key: str) -> StrOrPromise:
    """Return how a service is called, by its key."""
    return platforms.label_of(key)


@register.filter
def platform_label(key: str) -> StrOrPromise:
    """Return how a platform is called, by its key."""
    return platforms.PLATFORMS[key].label
