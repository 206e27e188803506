"""Who I am here, and what the locations have said of me."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from projects import freshness
from projects.api.base import caller
from projects.api.shapes import Shape
from projects.models import Discovery, Location

router = Router(tags=["me"])


class Answer(Shape):
    """A location's last word about my projects there."""

    location: str
    discovered_at: datetime | None = Field(description="When it was last asked for my projects; null: not yet.")
    found: int = Field(description="How many it named at the last good try.")
    reason: str = Field(description="Why it could not tell; empty when all is well.")
    request_id: str


class Me(Shape):
    """A person as the identity provider named them."""

    username: str
    name: str
    email: str
    issuer: str
    subject: str
    locations: list[Answer]


@router.get("/me", response=Me, operation_id="get_me", url_name="get_me", summary="Who I am")
def show(request: HttpRequest) -> Me:
    """Who I am, and whether each location was asked for my projects.

    Who calls with an access token for the first time is looked up at every location now: until `discovered_at` is
    there, that location's projects are not.
    """
    who = caller(request)
    freshness.discover_soon(who.grant)
    asked = {one.location_id: one for one in Discovery.objects.filter(user=who.user)}
    locations = [_said(location, asked.get(location.pk)) for location in Location.objects.filter(enabled=True)]
    user = who.user
    return Me(
        username=user.username,
        name=user.name,
        email=user.email,
        issuer=user.issuer,
        subject=user.subject,
        locations=locations,
    )


def _said(location: Location, asked: Discovery | None) -> Answer:
    if asked is None:
        return Answer(location=location.name, discovered_at=None, found=0, reason="", request_id="")
    return Answer(
        location=location.name,
        discovered_at=asked.tried_at,
        found=asked.found,
        reason=asked.reason,
        request_id=asked.request_id,
    )
