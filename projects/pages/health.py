"""How well a location and the data from it are: roles, stamps and the note above a page."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from portal.ui.shell import Stamp
from portal.ui.status import Role
from projects import platforms
from projects.models import Location, LocationService, Reading, Tenant
from projects.prepared import Prepared, columns, instance

ROLES: dict[str, Role] = {
    Location.Health.ANSWERS: "ok",
    Location.Health.DEGRADED: "warn",
    Location.Health.DOWN: "warn",
    Location.Health.UNKNOWN: "un",
}


def role_of(health: str) -> Role:
    """Shape and colour of a location's health."""
    return ROLES.get(health, "un")


def word_of(health: str) -> str:
    """Return the health as a word: "Not answering"."""
    return capfirst(str(Location.Health(health).label))


@dataclass(frozen=True, slots=True)
class Freshness:
    """What is known of one tenant, and how well: the location's health and the last word of each service."""

    tenant: Tenant
    readings: dict[str, Reading]

    @property
    def down(self) -> bool:
        """The location as a whole does not answer."""
        return self.tenant.location.health == Location.Health.DOWN

    @property
    def failed(self) -> list[Reading]:
        """The services whose last try went wrong."""
        return [reading for reading in self.readings.values() if reading.reason]

    @property
    def never(self) -> bool:
        """Nothing was ever read."""
        return not any(reading.as_of for reading in self.readings.values())

    @property
    def old(self) -> bool:
        """Not everything that the page shows is current."""
        return self.down or bool(self.failed)

    @property
    def as_of(self) -> datetime | None:
        """Since when the page as a whole is true: the oldest part of it."""
        times = [reading.as_of for reading in self.readings.values() if reading.as_of]
        return min(times) if self.old and times else self.tenant.as_of

    def offers(self, service: str) -> bool:
        """Whether the location has the service, as far as is known: a refresh asks all that the catalogue names."""
        return service in self.readings or self.never

    def dated(self, service: str, at: datetime | None) -> "Freshness":
        """Do the same for a page that shows what was read of the service at another time: a person's own things."""
        if service not in self.readings:
            return self
        reading = copy(self.readings[service])
        reading.as_of = at
        return Freshness(self.tenant, {**self.readings, service: reading})

    def stamp(self) -> Stamp:
        """Return the stamp of a page about the whole tenant."""
        return Stamp(self.as_of, self.old)

    def stamp_of(self, service: str) -> Stamp:
        """Return the stamp of what one service said."""
        reading = self.readings.get(service)
        if reading is None:
            return Stamp(None, self.down)
        return Stamp(reading.as_of, self.down or bool(reading.reason))

    def old_since(self, service: str) -> datetime | None:
        """Return the time of a service's data when it is old, else None: for greyed and dated figures."""
        stamp = self.stamp_of(service)
        return stamp.at if stamp.old else None


def freshness_of(tenant: Tenant) -> Freshness:
    """Read the last word of each service about a tenant (one query)."""
    rows = [instance(Reading, row) for row in _READINGS.rows(tenant=tenant.pk)]
    return Freshness(tenant, {reading.service: reading for reading in rows})


_READINGS = Prepared(lambda tenant: Reading.objects.filter(tenant=tenant).values_list(*columns(Reading)), tenant=-1)


@dataclass(frozen=True, slots=True)
class Note:
    """The message above a page whose data is old."""

    title: str
    text: str
    detail: str
    request_id: str


def note_for(fresh: Freshness, others: Sequence[str], service: str | None = None) -> Note | None:
    """Return what to say above a page, or None when all is well.

    `others` are the names of the tenant's other locations that answer; `service` narrows to what a list shows.
    """
    location = fresh.tenant.location
    failed = [reading for reading in fresh.failed if service is None or reading.service == service]
    if fresh.down:
        at = fresh.stamp_of(service).at if service else fresh.as_of
        title = _("%(place)s is not answering.") % {"place": capfirst(location.name)}
        return Note(title, _known(at, others), _tries(location), location.request_id)
    if not failed:
        return None
    names = listed([str(platforms.label_of(reading.service)) for reading in failed])
    title = ngettext(
        "%(services)s of %(place)s could not be read.", "%(services)s of %(place)s could not be read.", len(failed)
    ) % {"services": names, "place": location.name}
    at = min((reading.as_of for reading in failed if reading.as_of), default=None)
    detail = " ".join(dict.fromkeys(_sentence(reading.reason) for reading in failed))
    return Note(title, _known(at, []), detail, failed[0].request_id)


def _known(at: datetime | None, others: Sequence[str]) -> str:
    """Return what the figures on the page are worth."""
    if at is None:
        said = _("Meshdeck has not seen it before, so there is nothing to show yet.")
    else:
        said = _("What you see was true at %(time)s, %(ago)s ago.") % {
            "time": formats.moment(at),
            "ago": formats.ago(at),
        }
    if others:
        works = ngettext("%(names)s works as usual.", "%(names)s work as usual.", len(others))
        said += " " + capfirst(works % {"names": listed(others)})
    return said


def _tries(location: Location) -> str:
    """Why a location is away, how often it was tried, and when it is tried next."""
    said = [_sentence(location.reason)] if location.reason else []
    if location.failures:
        tries = ngettext("%(n)s try so far", "%(n)s tries so far", location.failures) % {
            "n": formats.number(location.failures)
        }
        if location.next_try_at and location.next_try_at > timezone.now():
            tries += _(", the next at %(time)s") % {"time": formats.moment(location.next_try_at)}
        said.append(tries + ".")
    return " ".join(said)


@dataclass(frozen=True, slots=True)
class Wire:
    """A line from one thing to another, whole or cut (components/wire.html)."""

    role: str
    from_text: str
    from_small: str
    to_text: str
    to_small: str
    mono: bool = False


def wire_of(service: LocationService) -> Wire:
    """Return what one service of a location answered when it was last asked."""
    version = service.max_microversion or service.version
    words = platforms.service_of(service.service)
    small, name = f"{words.product} {version}".strip(), str(words.label)
    if service.answers is None:
        return Wire("same", name, small, _("not asked yet"), "")
    took = formats.milliseconds(service.latency_ms) if service.latency_ms is not None else ""
    if service.answers:
        return Wire("ok", name, small, _("answers"), took)
    return Wire("bad", name, small, _("no answer"), service.reason or took)


def _sentence(text: str) -> str:
    text = capfirst(text.strip())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def listed(names: Sequence[str]) -> str:
    """Say "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
