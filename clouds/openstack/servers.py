"""Nova: one server and what can be done with it. Source: docs.openstack.org/api-ref/compute.

Every function makes one request, and raises Conflict when the server is not in a state for it. Most changes are only
begun by it: they return the cloud's id of the request, under which `action_of` tells later how it went. Works from
Ocata (2.42) on; what needs a newer cloud says so.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from clouds import errors
from clouds.openstack import answers
from clouds.openstack.inventory.compute import Server
from clouds.openstack.inventory.network import Port
from clouds.openstack.inventory.values import Many, Text, Time
from clouds.openstack.marks import MARK
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import ID, created_id, path
from clouds.openstack.services import Microversion, Service
from clouds.openstack.session import Connection

BOOT_VOLUME_TYPE: Microversion = (2, 67)  # a volume made together with its server may have a type
_IMAGE_ID_IN_BODY: Microversion = (2, 45)
_EVENTS_FOR_MEMBERS: Microversion = (2, 51)
_PAGED_ACTIONS: Microversion = (2, 58)


class Reboot(StrEnum):
    """SOFT asks the operating system, HARD pulls the plug."""

    SOFT = "SOFT"
    HARD = "HARD"


class Console(StrEnum):
    """The kinds of console. Which of them a cloud has shows only when it is asked: Invalid where it has not."""

    NOVNC = "novnc"
    SPICE = "spice-html5"
    SERIAL = "serial"
    MKS = "webmks"


_PROTOCOLS = {Console.NOVNC: "vnc", Console.SPICE: "spice", Console.SERIAL: "serial", Console.MKS: "mks"}
# A console's address is opened by a browser: never anything that it would run.
_CONSOLE_SCHEMES = ("http", "https", "ws", "wss")


class Source(StrEnum):
    """What a boot volume is made from; VOLUME: an existing one becomes it."""

    IMAGE = "image"
    VOLUME = "volume"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class BootVolume:
    """The volume that a server boots from.

    `size_gb` None: as large as the snapshot; from an image it has to be said. `volume_type` is a name or an id, empty
    for the cloud's default. An existing volume has both already.
    """

    source: Source
    source_id: str
    size_gb: int | None = None
    volume_type: str = ""
    delete_on_termination: bool = False


class ActionEvent(BaseModel):
    """A step of an action. `result` is "Success" or "Error", empty while it is under way."""

    model_config = ConfigDict(frozen=True)

    event: str
    started_at: Time | None = Field(None, validation_alias="start_time")
    finished_at: Time | None = Field(None, validation_alias="finish_time")
    result: Text = ""


class Action(BaseModel):
    """What was once done to a server: `external_id` is the id of the request that did it.

    `action` is nova's word: create, start, stop, reboot, resize, confirmResize, createImage, attach_volume, delete …
    `message` is "Error" when it failed; why is the server's `fault`. `updated_at` is known since 2.58.
    """

    model_config = ConfigDict(frozen=True)

    external_id: str = Field(validation_alias="request_id", min_length=1)
    action: str
    user_id: Text = ""
    message: Text = ""
    started_at: Time | None = Field(None, validation_alias="start_time")
    updated_at: Time | None = None
    events: Many[ActionEvent] = []

    @property
    def failed(self) -> bool:
        """Whether the cloud gave it up."""
        return self.message == "Error" or any(event.result == "Error" for event in self.events)


class _Attachment(BaseModel):
    device: Text = ""


_SERVER = TypeAdapter(Server)
_SERVERS = TypeAdapter(list[Server])
_PORT = TypeAdapter(Port)
_PORTS = TypeAdapter(list[Port])
_ACTION = TypeAdapter(Action)
_ACTIONS = TypeAdapter(list[Action])
_ATTACHMENT = TypeAdapter(_Attachment)
_TEXT = TypeAdapter(str)


def get(connection: Connection, server_id: str) -> Server:
    """The server as it is now (GET /servers/{id}). NotFound when it is gone.

    What only other services know is not in it: ports, volumes' devices, before 2.47 the flavor's name and size.
    """
    return get_part(connection, Service.COMPUTE, path("servers", server_id), ("server",), _SERVER)


def ports_of(connection: Connection, server_id: str) -> list[Port]:
    """The server's ports (GET /ports). Empty when there is no such server."""
    # tenant_id: in a shared network another project may give a port of its own any device id.
    params = {"device_id": server_id, "tenant_id": connection.project_id}
    return read_all(connection, Service.NETWORK, "/ports", "ports", _PORTS, params)


def find_marked(connection: Connection, name: str, mark: str) -> list[Server]:
    """The servers of this name that the operation `mark` has created: one, or none (GET /servers/detail).

    Nova looks for names and not for metadata. A name that was changed in the meantime is not found.
    """
    params = {"name": f"^{re.escape(name)}$"}
    rows = read_all(connection, Service.COMPUTE, "/servers/detail", "servers", _SERVERS, params)
    return [row for row in rows if row.metadata.get(MARK) == mark]


def create(
    connection: Connection,
    *,
    name: str,
    flavor_id: str,
    mark: str,
    image_id: str = "",
    boot_volume: BootVolume | None = None,
    network_ids: Iterable[str] = (),
    port_ids: Iterable[str] = (),
    security_groups: Iterable[str] = (),
    key_name: str = "",
    user_data: str | bytes = b"",
    zone: str = "",
) -> str:
    """Begins a server, and returns its id (POST /servers). It boots from `image_id` or from `boot_volume`.

    `mark` is the operation's id. `security_groups` are ids, or names; they hold for the ports that nova makes in
    `network_ids`, not for `port_ids`, which have their own. With neither it has no network. `user_data` is as it should
    arrive, 49,149 bytes at most. QuotaExceeded, Invalid. A boot volume's type needs 2.67: Invalid on older clouds.
    """
    networks = [{"uuid": one} for one in network_ids] + [{"port": one} for one in port_ids]
    wanted: dict[str, Any] = {
        "name": name,
        "flavorRef": flavor_id,
        "metadata": {MARK: mark},
        "networks": networks or "none",
    }
    if image_id:
        wanted["imageRef"] = image_id
    if boot_volume:
        wanted["block_device_mapping_v2"] = [_boot_device(connection, boot_volume)]
    if groups := [{"name": one} for one in security_groups]:
        wanted["security_groups"] = groups
    if key_name:
        wanted["key_name"] = key_name
    if user_data:
        raw = user_data.encode() if isinstance(user_data, str) else user_data
        wanted["user_data"] = base64.b64encode(raw).decode()
    if zone:
        wanted["availability_zone"] = zone
    response = connection.send(Service.COMPUTE, "POST", "/servers", {"server": wanted}, expect=(202,))
    return created_id(Service.COMPUTE, response, "server")


def _boot_device(connection: Connection, volume: BootVolume) -> dict[str, Any]:
    device: dict[str, Any] = {
        "boot_index": 0,
        "source_type": volume.source.value,
        "uuid": volume.source_id,
        "destination_type": "volume",
        "delete_on_termination": volume.delete_on_termination,
    }
    if volume.source is Source.VOLUME:
        return device
    if volume.size_gb is not None:
        device["volume_size"] = volume.size_gb
    if volume.volume_type:
        if not _speaks(connection, BOOT_VOLUME_TYPE):
            raise errors.Invalid(
                "Compute is too old to give a boot volume a type: create the volume first.", service=Service.COMPUTE
            )
        device["volume_type"] = volume.volume_type
    return device


def start(connection: Connection, server_id: str) -> str:
    """Begins to start a stopped server."""
    return _act(connection, server_id, "os-start")


def stop(connection: Connection, server_id: str) -> str:
    """Begins to stop a running server; its operating system has a minute to shut down."""
    return _act(connection, server_id, "os-stop")


def reboot(connection: Connection, server_id: str, kind: Reboot) -> str:
    """Begins to reboot. SOFT needs a running server; HARD also starts one that is stopped or in error."""
    return _act(connection, server_id, "reboot", {"type": kind.value})


def resize(connection: Connection, server_id: str, flavor_id: str) -> str:
    """Begins to give the server another flavor; it ends in VERIFY_RESIZE and waits. QuotaExceeded, Invalid."""
    return _act(connection, server_id, "resize", {"flavorRef": flavor_id})


def confirm_resize(connection: Connection, server_id: str) -> str:
    """Keeps the new flavor, of a server in VERIFY_RESIZE."""
    return _act(connection, server_id, "confirmResize", expect=204)


def revert_resize(connection: Connection, server_id: str) -> str:
    """Begins to go back to the old flavor, of a server in VERIFY_RESIZE."""
    return _act(connection, server_id, "revertResize")


def lock(connection: Connection, server_id: str) -> str:
    """Locks the server, at once: until it is unlocked its own people can't change or delete it."""
    return _act(connection, server_id, "lock")


def unlock(connection: Connection, server_id: str) -> str:
    """Unlocks the server, at once. Forbidden when an administrator of the cloud has locked it."""
    return _act(connection, server_id, "unlock")


def rename(connection: Connection, server_id: str, name: str) -> None:
    """Gives the server another name, at once (PUT /servers/{id}). Its host name inside stays."""
    body = {"server": {"name": name}}
    response = connection.send(Service.COMPUTE, "PUT", path("servers", server_id), body, expect=(200,))
    part_of(Service.COMPUTE, response, ("server", "id"), ID)


def delete(connection: Connection, server_id: str) -> str:
    """Begins to delete the server (DELETE /servers/{id}). NotFound when it is gone already."""
    response = connection.send(Service.COMPUTE, "DELETE", path("servers", server_id), expect=(204,))
    return answers.request_id_of(response)


def create_image(connection: Connection, server_id: str, name: str, mark: str) -> str:
    """Begins an image of the server's disk, and returns its id. `mark` is the operation's id.

    Of a server that boots from a volume it has no content, but names a snapshot of each of its volumes.
    """
    body = {"createImage": {"name": name, "metadata": {MARK: mark}}}
    response = connection.send(Service.COMPUTE, "POST", path("servers", server_id, "action"), body, expect=(202,))
    if _speaks(connection, _IMAGE_ID_IN_BODY):
        return part_of(Service.COMPUTE, response, ("image_id",), ID)
    # Older clouds tell only the image's address, .../images/<id>.
    image_id = urlsplit(response.headers.get("location", "")).path.rpartition("/images/")[2]
    if not image_id:
        raise answers.garbled(Service.COMPUTE, response, "does not name the image")
    return image_id


def attach_volume(connection: Connection, server_id: str, volume_id: str) -> str:
    """Begins to attach the volume, and returns the device as the cloud calls it, such as "/dev/vdb".

    The operating system may call it otherwise. Conflict when the volume is not available.
    """
    where, body = path("servers", server_id, "os-volume_attachments"), {"volumeAttachment": {"volumeId": volume_id}}
    response = connection.send(Service.COMPUTE, "POST", where, body, expect=(200,))
    return part_of(Service.COMPUTE, response, ("volumeAttachment",), _ATTACHMENT).device


def detach_volume(connection: Connection, server_id: str, volume_id: str) -> str:
    """Begins to detach the volume. NotFound when it is not attached to the server."""
    where = path("servers", server_id, "os-volume_attachments", volume_id)
    return answers.request_id_of(connection.send(Service.COMPUTE, "DELETE", where, expect=(202,)))


def console_url(connection: Connection, server_id: str, kind: Console) -> str:
    """An address of the server's screen or serial line. It is a secret: it lets in whoever has it, for some minutes.

    Invalid when the cloud has no such console.
    """
    body = {"remote_console": {"protocol": _PROTOCOLS[kind], "type": kind.value}}
    response = connection.send(
        Service.COMPUTE, "POST", path("servers", server_id, "remote-consoles"), body, expect=(200,)
    )
    url = part_of(Service.COMPUTE, response, ("remote_console", "url"), _TEXT)
    if urlsplit(url).scheme not in _CONSOLE_SCHEMES:
        raise answers.garbled(Service.COMPUTE, response, "holds no address of a console")
    return url


def console_log(connection: Connection, server_id: str, lines: int) -> str:
    """The last lines that the server has written to its console; empty when there are none."""
    body = {"os-getConsoleOutput": {"length": lines}}
    response = connection.send(Service.COMPUTE, "POST", path("servers", server_id, "action"), body, expect=(200,))
    return part_of(Service.COMPUTE, response, ("output",), _TEXT)


def actions_of(connection: Connection, server_id: str) -> list[Action]:
    """What was done to the server, the latest first, without events; also of one that is deleted.

    (GET /servers/{id}/os-instance-actions.)
    """
    return read_all(
        connection,
        Service.COMPUTE,
        path("servers", server_id, "os-instance-actions"),
        "instanceActions",
        _ACTIONS,
        limited=_speaks(connection, _PAGED_ACTIONS),
    )


def action_of(connection: Connection, server_id: str, request_id: str) -> Action:
    """One of them, with its events where the cloud shows them (`tells_how_it_went`). NotFound: not yet begun."""
    where = path("servers", server_id, "os-instance-actions", request_id)
    return get_part(connection, Service.COMPUTE, where, ("instanceAction",), _ACTION)


def tells_how_it_went(connection: Connection) -> bool:
    """Whether the user may see an action's events, and by them that it has ended well. Older clouds: administrators."""
    return _speaks(connection, _EVENTS_FOR_MEMBERS)


def set_port_security_groups(
    connection: Connection, port_id: str, group_ids: Iterable[str], *, revision: int | None
) -> Port:
    """Gives the port exactly these security groups, and returns it as it is then (PUT /ports/{id}).

    Conflict when the port is no longer at `revision`, which is that of the Port that was looked at: so nobody's change
    is undone unseen. With None, as a Port has it where there are no revisions, they are set whatever was there; Ocata's
    neutron sets them always.
    """
    response = connection.send(
        Service.NETWORK,
        "PUT",
        path("ports", port_id),
        {"port": {"security_groups": list(group_ids)}},
        expect=(200,),
        headers=None if revision is None else {"If-Match": f"revision_number={revision}"},
    )
    return part_of(Service.NETWORK, response, ("port",), _PORT)


def _speaks(connection: Connection, microversion: Microversion) -> bool:
    spoken = connection.endpoint(Service.COMPUTE).microversion
    return spoken is not None and spoken >= microversion


def _act(connection: Connection, server_id: str, action: str, argument: Any = None, *, expect: int = 202) -> str:
    """Posts an action; the cloud's id of the request."""
    response = connection.send(
        Service.COMPUTE, "POST", path("servers", server_id, "action"), {action: argument}, expect=(expect,)
    )
    return answers.request_id_of(response)
