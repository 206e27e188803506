"""A cloud becomes a location: what its operator gave is looked at, and refused with the reason where it can't work.

The same for `manage.py add_location` and for the form in Django's admin.
"""

from collections.abc import Mapping

from projects.models import Location
from projects.platforms import Examined, Platform


def save(name: str, platform: Platform[object], examined: Examined, **fields: object) -> Location:
    """Make the location, or brings the one of that name up to date. What is None stays as it is."""
    given: Mapping[str, object] = {"kind": platform.key, **examined.fields, **fields}
    known = {field: value for field, value in given.items() if value is not None}
    location, _ = Location.objects.update_or_create(name=name, defaults=known)
    examined.keep(location)
    return location
