"""What speaks against a request, each beside its field, with ways on."""

from pydantic import BaseModel

from projects.outcomes import Refusal


class WayOn(BaseModel):
    """A way on from a refusal: `value` fits into `field`, or `url` is a page of the panel to go to."""

    label: str
    value: str = ""
    url: str = ""
    field: str = ""


class Fault(BaseModel):
    """One thing that is wrong: the field of the request, or empty for the whole of it, and why."""

    field: str = ""
    reason: str
    ways: list[WayOn] = []


def told(refusal: Refusal) -> Fault:
    """Return a refusal as it goes out."""
    ways = [
        WayOn(
            label=str(way.label), value=way.value, url=way.url, field=way.field or (refusal.field if way.value else "")
        )
        for way in refusal.ways
    ]
    return Fault(field=refusal.field, reason=str(refusal.reason), ways=ways)
