"""What the tests of the pages of security groups share: addresses, filled forms, and what was asked for."""

from html import unescape
from typing import Any

from projects.models import Operation
from services.network.models import SecurityGroup

HERE = "/atlas@north/"
LOOK = {"X-Meshdeck-Preview": "1"}


def group(name: str = "web-public") -> SecurityGroup:
    return SecurityGroup.objects.get(name=name, tenant__project__slug="atlas", tenant__location__name="north")


def at(name: str = "web-public", verb: str = "") -> str:
    return f"{HERE}security-groups/{group(name).external_id}/{verb}"


def text(response: Any) -> str:
    """Return the page as it is read: plain spaces, no escapes."""
    return unescape(response.content.decode()).replace("\xa0", " ")


def rule(**values: Any) -> dict[str, Any]:
    """Return a filled form of rules, of which no warning is due."""
    return {"what": ["http"], "end": "anywhere", "direction": "ingress", "family": "both", "key": "k1", **values}


def other(**values: Any) -> dict[str, Any]:
    """Do the same for what has no preset."""
    return rule(**{"what": ["other"], "protocol": "tcp", "ports": "8080", **values})


def asked() -> dict[str, Any]:
    """Return the params of the one operation that was asked for."""
    params: dict[str, Any] = Operation.objects.get().params
    return params


def made() -> list[tuple[str, str, int | None, int | None, str]]:
    """Its rules, short."""
    return [
        (one["ethertype"], one["protocol"], one["port_min"], one["port_max"], one["remote_cidr"])
        for one in asked()["rules"]
    ]
