"""Servers."""

from django.utils.translation import gettext_lazy as _

from projects.api.shapes import Shape, shape_of
from projects.kinds import Kind, News, as_is, ids
from projects.searching import by_name_or_address
from services.compute.models import Server
from services.compute.servers import figures, states
from services.openstack.words import Service


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
    name=_("Server"),
    names=_("Servers"),
    noun=_("servers"),
    icon="server",
    states="server",
    group="compute",
    position=10,
    hint=lambda server: " ".join(one["address"] for one in server.addresses[:2]),
    figures=figures.measure,
    passing=figures.any_working,
    news=News(
        {
            "name": as_is,
            "status": as_is,
            "flavor_name": as_is,
            "volumes": ids("id"),
            "security_groups": ids("name"),
        },
        phrases={
            "flavor_name": states.resized,
            "volumes": states.volumes_changed,
            "security_groups": states.groups_changed,
        },
        happened=states.happened,
    ),
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
