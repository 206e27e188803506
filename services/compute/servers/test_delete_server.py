"""Delete a server: what it refuses, what goes with it, what is kept, and its page."""

from typing import Any
from uuid import UUID

import pytest
import requests_mock
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from projects.operations import turn
from services.block_storage.models import Volume
from services.compute.models import Server
from services.network.models import FloatingIP
from tests import factories
from tests.unit.clouds_fake import CINDER, NEUTRON
from tests.unit.nova_fake import TASK, Nova
from tests.unit.server_pages import HERE, one, text
from tests.unit.servers_cast import ask, go, make, refused, undone

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.fixture
def rich(nova: Nova, visit: Visit) -> Nova:
    """server-1 has a volume and a floating IP."""
    nova.cloud.volumes[0].update(status="in-use", attachments=[{"server_id": "server-1", "device": "/dev/vdb"}])
    nova.row()["os-extended-volumes:volumes_attached"] = [{"id": "volume-1", "delete_on_termination": False}]
    address = {
        "id": "address-1",
        "floating_ip_address": "198.51.100.7",
        "floating_network_id": "network-3",
        "port_id": "port-1",
        "status": "ACTIVE",
    }
    nova.cloud.floating_ips.append(address)
    make(visit.tenant, FloatingIP, "address-1", address="198.51.100.7", status="ACTIVE", server_id="server-1")
    make(visit.tenant, Volume, "volume-1", name="data-1", status="in-use", size_gb=20)

    def show(request: Any, context: Any) -> Any:
        if address not in nova.cloud.floating_ips:
            context.status_code = 404
        return nova._answer({"floatingip": address})

    def release(request: Any, context: Any) -> str:
        if address not in nova.cloud.floating_ips:
            context.status_code = 404
            return ""
        nova.cloud.floating_ips.remove(address)
        nova.done.append(("release", "address-1"))
        return str(nova._answer(""))

    nova.cloud.mock.get(f"{CINDER}/volumes/volume-1", json=lambda *_: nova._answer({"volume": nova.cloud.volumes[0]}))
    nova.cloud.mock.get(f"{NEUTRON}/v2.0/floatingips/address-1", json=show)
    nova.cloud.mock.delete(f"{NEUTRON}/v2.0/floatingips/address-1", text=release, status_code=204)
    nova.cloud.mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=nova._sent)
    nova.requests = 0
    return nova


def test_a_deleted_server_leaves_its_volume_and_its_address(rich: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "delete-server", server_id="server-1"))
    assert operation.state == State.DONE
    assert Volume.objects.get(external_id="volume-1").status == "available"
    assert rich.did("release") == 0
    assert FloatingIP.objects.filter(external_id="address-1").exists()


def test_its_address_is_released_with_it_where_that_was_asked_for(rich: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-1", floating_ip_ids=["address-1"])
    assert operation.names["address-1"] == "198.51.100.7"
    go(operation)
    assert operation.state == State.DONE
    assert rich.did("release") == 1
    assert not FloatingIP.objects.filter(external_id="address-1").exists()


def test_an_address_that_leads_elsewhere_by_now_is_kept(rich: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-1", floating_ip_ids=["address-1"])
    turn.turn(operation.pk)
    rich._gone(rich.row())
    rich.cloud.floating_ips[0]["port_id"] = "port-of-another"
    go(operation)
    assert operation.state == State.DONE
    assert "198.51.100.7 leads elsewhere" in operation.note
    assert rich.did("release") == 0


def test_what_is_gone_already_is_deleted(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-1")
    nova.cloud.servers.remove(nova.row())
    assert go(operation).state == State.DONE
    assert nova.did("delete") == 0


def test_a_server_that_the_cloud_does_not_delete_fails(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-1")
    turn.turn(operation.pk)
    nova.ends.clear()
    nova.row().update(status="ERROR", fault={"code": 500, "message": "it hangs"}, **{TASK: None})
    nova.record["server-1"][0] |= {"message": "Error"}
    go(operation)
    assert (operation.state, operation.detail) == (State.FAILED, "it hangs")
    assert nova.did("delete") == 1


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"locked": True}, "locked"),
    ],
)
def test_it_is_refused_with_the_reason(nova: Nova, visit: Visit, server: dict[str, Any], words: str) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    assert words in refused(visit, "delete-server", server_id="server-1")["server_id"]
    assert "no such server" in refused(visit, "delete-server", server_id="nope")["server_id"]
    assert nova.done == []


def test_it_is_done_and_there_is_no_undo(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "delete-server", server_id="server-1"))
    assert operation.state == State.DONE, operation.reason
    assert nova.did("delete") == 1
    assert undone(operation) is None


def test_deleting_names_what_is_lost_and_kept_and_wants_the_name(
    cast: factories.Cast, grant: UUID, client: Client
) -> None:
    server = one(cast)
    volume = Volume.objects.filter(tenant=cast.atlas, attachments__icontains=server.external_id).first()
    assert volume is not None
    server.volumes = [{"id": volume.external_id, "device": "/dev/vdb", "delete_on_termination": False}]
    server.save()
    url = f"{HERE}{server.external_id}/delete/"
    page = text(client, url)
    lost, kept = page.split("This will be kept")
    assert "Its own disk" in lost
    assert f"Volume {volume.name}" in kept
    assert "Floating IP 198.51.100.24" in kept
    assert "Release with it" in page
    wrong = client.post(url, {"typed": "web-1", "key": "k"})
    assert wrong.status_code == 422
    address = cast.atlas.floatingips.get(address="198.51.100.24")
    client.post(url, {"typed": "web-01", "floating_ip_ids": [address.external_id], "key": "k"})
    operation = Operation.objects.get()
    assert operation.params == {"server_id": server.external_id, "floating_ip_ids": [address.external_id]}
