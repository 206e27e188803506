"""Servers."""

from projects.api.kinds import Kind
from projects.api.shapes import Shape, shape_of
from projects.models import Service
from projects.pages.searching import by_name_or_address
from services.compute.models import Server


class Address(Shape):
    """An address; `port_id` is empty where only compute could be asked."""

    network: str
    address: str
    version: int
    type: str
    mac: str = ""
    port_id: str = ""


class Disk(Shape):
    """A volume at the server; `device` is empty where the cloud does not say."""

    id: str
    device: str = ""
    delete_on_termination: bool = False


class Group(Shape):
    """A security group on one of its ports; `id` is empty where only compute could be asked."""

    id: str = ""
    name: str


SERVERS = Kind(
    key="servers",
    one="server",
    model=Server,
    service=Service.COMPUTE,
    shape=shape_of(
        "Server",
        Server,
        addresses=list[Address],
        volumes=list[Disk],
        security_groups=list[Group],
        metadata=dict[str, str],
        tags=list[str],
    ),
    search=lambda q: by_name_or_address(q, "addresses", "image_name"),
)
