"""What rows look like in the API: made from the models, so that their fields have the same names and words.

What is JSON in a model says its shape here, as the refresh writes it (clouds/openstack/inventory).
"""

from datetime import datetime
from typing import Any

from django.db import models
from pydantic import BaseModel, ConfigDict, Field, create_model

# No id and no key of ours: a row is known by its tenant and its external_id.
_LEFT_OUT = frozenset({"id", "tenant"})
_TYPES: tuple[tuple[type[models.Field], type[Any]], ...] = (
    (models.DateTimeField, datetime),
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.UUIDField, str),
    (models.GenericIPAddressField, str),
    (models.CharField, str),
    (models.TextField, str),
)


class Shape(BaseModel):
    """Something that is given; read from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


class Dated(Shape):
    """A row with when it was true, as far as its service told."""

    as_of: datetime | None = Field(None, description="When this was read from the cloud; null: not read yet.")
    old: bool = Field(False, description="The service could not be read since: this was true at as_of.")


def shape_of(
    name: str,
    model: type[models.Model],
    *,
    base: type[Shape] = Dated,
    leave_out: frozenset[str] = frozenset(),
    **json: Any,
) -> Any:
    """Return the shape of a model's rows. `json` gives the type of each JSON field.

    TypeError for a field whose type nobody knows: a new one is then given or left out on purpose.
    """
    fields: dict[str, Any] = {}
    for field in model._meta.get_fields():
        if not isinstance(field, models.Field) or field.name in _LEFT_OUT | leave_out or field.is_relation:
            continue
        found = json.get(field.name) or next((kind for cls, kind in _TYPES if isinstance(field, cls)), None)
        if found is None:
            raise TypeError(f"{model.__name__}.{field.name}: say what it looks like in the API.")
        told = Field(description=str(field.help_text)) if field.help_text else Field()
        fields[field.name] = (found | None if field.null else found, told)
    doc = (model.__doc__ or "").strip()
    return create_model(name, __base__=base, __doc__=doc, __module__=__name__, **fields)
