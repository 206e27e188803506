"""Nova: operations on one server. Source: docs.openstack.org/api-ref/compute.

Every function makes one request, and raises Conflict if the server's state does not allow it. Most only begin the
change and return the cloud's id of the request; `action_of` reports the outcome under that id. Works with Ocata (2.42)
and later; functions that need a newer cloud say so.
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

BOOT_VOLUME_TYPE: Microversion = (2, 67)  # a volume created together with its server may have a type
_IMAGE_ID_IN_BODY: Microversion = (2, 45)
_EVENTS_FOR_MEMBERS: Microversion = (2, 51)
_PAGED_ACTIONS: Microversion = (2, 58)


class Reboot(StrEnum):
    """SOFT asks the operating system to restart, HARD power-cycles the server."""

    SOFT = "SOFT"
    HARD = "HARD"


class Console(StrEnum):
    """The kinds of console. A cloud shows which ones it has only when asked: Invalid for the others."""

    NOVNC = "novnc"
    SPICE = "spice-html5"
    SERIAL = "serial"
    MKS = "webmks"


_PROTOCOLS = {Console.NOVNC: "vnc", Console.SPICE: "spice", Console.SERIAL: "serial", Console.MKS: "mks"}
# A browser opens the console's address, so never allow a scheme that it would execute.
_CONSOLE_SCHEMES = ("http", "https", "ws", "wss")


class Source(StrEnum):
    """What a boot volume is made from. VOLUME: an existing volume is used."""

    IMAGE = "image"
    VOLUME = "volume"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class BootVolume:
    """The volume that a server boots from.

    `size_gb` None: as large as the snapshot; required for an image. `volume_type` is a name or an id, empty for the
    cloud's default. An existing volume has both already.
    """

    source: Source
    source_id: str
    size_gb: int | None = None
    volume_type: str = ""
    delete_on_termination: bool = False


class ActionEvent(BaseModel):
    """A step of an action. `result` is "Success" or "Error", empty while it is in progress."""

    model_config = ConfigDict(frozen=True)

    event: str
    started_at: Time | None = Field(None, validation_alias="start_time")
    finished_at: Time | None = Field(None, validation_alias="finish_time")
    result: Text = ""


class Action(BaseModel):
    """An action on a server: `external_id` is the id of the request that started it.

    `action` is nova's name: create, start, stop, reboot, resize, confirmResize, createImage, attach_volume, delete …
    `message` is "Error" if it failed; the reason is in the server's `fault`. `updated_at` is available since 2.58.
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
        """Whether the action failed."""
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
    """Return the server (GET /servers/{id}). NotFound if it is gone.

    Leaves out what only other services know: ports, volumes' devices, and before 2.47 the flavor's name and size.
    """
    return get_part(connection, Service.COMPUTE, path("servers", server_id), ("server",), _SERVER)


def ports_of(connection: Connection, server_id: str) -> list[Port]:
    """Return the server's ports (GET /ports). Empty if there is no such server."""
    # tenant_id: in a shared network another project may give a port of its own any device id.
    params = {"device_id": server_id, "tenant_id": connection.project_id}
    return read_all(connection, Service.NETWORK, "/ports", "ports", _PORTS, params)


def find_marked(connection: Connection, name: str, mark: str) -> list[Server]:
    """Return the servers of this name that the operation `mark` has created: one or none (GET /servers/detail).

    Nova filters by name but not by metadata. A server that was renamed in the meantime is not found.
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
    """Begin to create a server and return its id (POST /servers). It boots from `image_id` or from `boot_volume`.

    `mark` is the operation's id. `security_groups` are ids or names; they apply to the ports that nova creates in
    `network_ids`, not to `port_ids`, which have their own. Without both the server has no network. `user_data` is
    passed unencoded, 49,149 bytes at most. QuotaExceeded, Invalid. A boot volume's type needs 2.67: Invalid on older
    clouds.
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
                "Compute is too old to set a boot volume's type: create the volume first.", service=Service.COMPUTE
            )
        device["volume_type"] = volume.volume_type
    return device


def start(connection: Connection, server_id: str) -> str:
    """Begin to start a stopped server."""
    return _act(connection, server_id, "os-start")


def stop(connection: Connection, server_id: str) -> str:
    """Begin to stop a running server; its operating system has a minute to shut down."""
    return _act(connection, server_id, "os-stop")


def reboot(connection: Connection, server_id: str, kind: Reboot) -> str:
    """Begin to reboot the server. SOFT requires a running server; HARD also starts one that is stopped or in error."""
    return _act(connection, server_id, "reboot", {"type": kind.value})


def pause(connection: Connection, server_id: str) -> str:
    """Begin to freeze a running server in its host's memory."""
    return _act(connection, server_id, "pause")


def unpause(connection: Connection, server_id: str) -> str:
    """Begin to let a paused server go on."""
    return _act(connection, server_id, "unpause")


def suspend(connection: Connection, server_id: str) -> str:
    """Begin to write a running server's memory to its host's disk and stop it."""
    return _act(connection, server_id, "suspend")


def resume(connection: Connection, server_id: str) -> str:
    """Begin to let a suspended server go on."""
    return _act(connection, server_id, "resume")


def shelve(connection: Connection, server_id: str) -> str:
    """Begin to stop the server and save its disk as an image; clouds then offload it from its host, now or later."""
    return _act(connection, server_id, "shelve")


def unshelve(connection: Connection, server_id: str) -> str:
    """Begin to start a shelved server again, on any host with room."""
    return _act(connection, server_id, "unshelve")


def rescue(connection: Connection, server_id: str, image_id: str = "") -> str:
    """Begin to boot the server from an image, with its own disk as second one. Empty: the image that it was made from.

    The cloud makes a password for the rescue system, which is left out. Invalid for a server that boots from a volume,
    except on clouds and with images that can (2.87).
    """
    argument = {"rescue_image_ref": image_id} if image_id else None
    return _act(connection, server_id, "rescue", argument, expect=200)


def unrescue(connection: Connection, server_id: str) -> str:
    """Begin to boot a server in rescue mode from its own disk again."""
    return _act(connection, server_id, "unrescue")


def rebuild(connection: Connection, server_id: str, image_id: str) -> str:
    """Begin to write the image over the server's disk. Id, addresses, volumes, key pair and user data stay."""
    return _act(connection, server_id, "rebuild", {"imageRef": image_id})


def resize(connection: Connection, server_id: str, flavor_id: str) -> str:
    """Begin to resize the server to another flavor; it ends in VERIFY_RESIZE and waits. QuotaExceeded, Invalid."""
    return _act(connection, server_id, "resize", {"flavorRef": flavor_id})


def confirm_resize(connection: Connection, server_id: str) -> str:
    """Confirm the new flavor of a server in VERIFY_RESIZE."""
    return _act(connection, server_id, "confirmResize", expect=204)


def revert_resize(connection: Connection, server_id: str) -> str:
    """Begin to revert a server in VERIFY_RESIZE to the old flavor."""
    return _act(connection, server_id, "revertResize")


def lock(connection: Connection, server_id: str) -> str:
    """Lock the server at once: until it is unlocked, the project's members can't change or delete it."""
    return _act(connection, server_id, "lock")


def unlock(connection: Connection, server_id: str) -> str:
    """Unlock the server at once. Forbidden if an administrator of the cloud has locked it."""
    return _act(connection, server_id, "unlock")


def rename(connection: Connection, server_id: str, name: str) -> None:
    """Rename the server at once (PUT /servers/{id}). Its host name in the operating system stays."""
    body = {"server": {"name": name}}
    response = connection.send(Service.COMPUTE, "PUT", path("servers", server_id), body, expect=(200,))
    part_of(Service.COMPUTE, response, ("server", "id"), ID)


def delete(connection: Connection, server_id: str) -> str:
    """Begin to delete the server (DELETE /servers/{id}). NotFound if it is already gone."""
    response = connection.send(Service.COMPUTE, "DELETE", path("servers", server_id), expect=(204,))
    return answers.request_id_of(response)


def create_image(connection: Connection, server_id: str, name: str, mark: str) -> str:
    """Begin to create an image of the server's disk and return the image's id. `mark` is the operation's id.

    For a server that boots from a volume the image is empty, but names a snapshot of each of its volumes.
    """
    body = {"createImage": {"name": name, "metadata": {MARK: mark}}}
    response = connection.send(Service.COMPUTE, "POST", path("servers", server_id, "action"), body, expect=(202,))
    if _speaks(connection, _IMAGE_ID_IN_BODY):
        return part_of(Service.COMPUTE, response, ("image_id",), ID)
    # Older clouds give only the image's address, .../images/<id>.
    image_id = urlsplit(response.headers.get("location", "")).path.rpartition("/images/")[2]
    if not image_id:
        raise answers.garbled(Service.COMPUTE, response, "does not name the image")
    return image_id


def attach_volume(connection: Connection, server_id: str, volume_id: str) -> str:
    """Begin to attach the volume and return the device as the cloud calls it, such as "/dev/vdb".

    The operating system may use another name. Conflict if the volume is not available.
    """
    where, body = path("servers", server_id, "os-volume_attachments"), {"volumeAttachment": {"volumeId": volume_id}}
    response = connection.send(Service.COMPUTE, "POST", where, body, expect=(200,))
    return part_of(Service.COMPUTE, response, ("volumeAttachment",), _ATTACHMENT).device


def detach_volume(connection: Connection, server_id: str, volume_id: str) -> str:
    """Begin to detach the volume. NotFound if it is not attached to the server."""
    where = path("servers", server_id, "os-volume_attachments", volume_id)
    return answers.request_id_of(connection.send(Service.COMPUTE, "DELETE", where, expect=(202,)))


def console_url(connection: Connection, server_id: str, kind: Console) -> str:
    """Return the address of the server's screen or serial console.

    The address is a secret: for some minutes, anyone who has it can use the console. Invalid if the cloud has no
    console of this kind.
    """
    body = {"remote_console": {"protocol": _PROTOCOLS[kind], "type": kind.value}}
    response = connection.send(
        Service.COMPUTE, "POST", path("servers", server_id, "remote-consoles"), body, expect=(200,)
    )
    url = part_of(Service.COMPUTE, response, ("remote_console", "url"), _TEXT)
    if urlsplit(url).scheme not in _CONSOLE_SCHEMES:
        raise answers.garbled(Service.COMPUTE, response, "has no console address")
    return url


def console_log(connection: Connection, server_id: str, lines: int) -> str:
    """Return the last lines of the server's console output; empty if there are none."""
    body = {"os-getConsoleOutput": {"length": lines}}
    response = connection.send(Service.COMPUTE, "POST", path("servers", server_id, "action"), body, expect=(200,))
    return part_of(Service.COMPUTE, response, ("output",), _TEXT)


def actions_of(connection: Connection, server_id: str) -> list[Action]:
    """List the server's actions, latest first and without events. Works for a deleted server too.

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
    """Return one action, with its events where the cloud shows them (`tells_how_it_went`). NotFound: not yet begun."""
    where = path("servers", server_id, "os-instance-actions", request_id)
    return get_part(connection, Service.COMPUTE, where, ("instanceAction",), _ACTION)


def tells_how_it_went(connection: Connection) -> bool:
    """Return whether the user may see an action's events, which show its success. Older clouds: only administrators."""
    return _speaks(connection, _EVENTS_FOR_MEMBERS)


def set_port_security_groups(
    connection: Connection, port_id: str, group_ids: Iterable[str], *, revision: int | None
) -> Port:
    """Set exactly these security groups on the port and return the updated port (PUT /ports/{id}).

    Conflict if the port has changed since `revision`, the revision of the Port that was read, so that nobody's change
    is overwritten unseen. With None, as on clouds without revisions, the groups are always set; Ocata's neutron always
    sets them too.
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
    """Post an action and return the cloud's id of the request."""
    response = connection.send(
        Service.COMPUTE, "POST", path("servers", server_id, "action"), {action: argument}, expect=(expect,)
    )
    return answers.request_id_of(response)
