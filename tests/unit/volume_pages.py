"""What the tests of the pages of volumes share: addresses, and a page as it is read."""

from html import unescape
from typing import Any

from projects.models import Operation
from services.block_storage.models import Volume

HERE = "/atlas@north/"
CREATE = f"{HERE}volumes/create/"


def volume(name: str = "logs-archive") -> Volume:
    return Volume.objects.get(name=name)


def at(thing: Any, verb: str = "") -> str:
    """Return the address of a volume's, snapshot's or server's page, or of a form about it."""
    return f"{HERE}{thing._meta.model_name}s/{thing.external_id}/{verb}"


def text(response: Any) -> str:
    """Return the page as it is read: plain spaces, no escapes."""
    return unescape(response.content.decode()).replace("\xa0", " ")


def the_operation() -> Operation:
    """Return the one that was asked for."""
    return Operation.objects.get()


def fill(**values: str) -> dict[str, str]:
    """Return a filled form of a new volume."""
    return {"name": "pg-data", "start": "empty", "size_gb": "20", "volume_type": "ssd", "key": "k1", **values}
