"""A volume is created, and attached where wanted."""

from typing import Any

import pytest
import requests_mock
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Location, Operation, Tenant
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server
from services.openstack.models import Zone
from services.openstack.words import Measure, Service
from tests import factories
from tests.unit.cinder_fake import Cinder
from tests.unit.running import ask, refusals
from tests.unit.servers_cast import go
from tests.unit.volume_pages import CREATE, HERE, fill, text, the_operation, volume
from tests.unit.volumes_cast import command_lines, done_once, refused, undo_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"size_gb": 480}, "size_gb", "480 GB is 40 GB more than atlas has left in north (440 of"),
        ({"image_id": "image-1", "size_gb": 2}, "size_gb", "Debian 13 needs at least 5 GB."),
        ({"snapshot_id": "snapshot-1", "size_gb": 10}, "size_gb", "data-1-1 needs at least 20 GB."),
        ({"source_volume_id": "volume-1", "size_gb": 10}, "size_gb", "data-1 needs at least 20 GB."),
        ({"image_id": "none"}, "image_id", "no such image"),
        ({"snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
        ({"source_volume_id": "none"}, "source_volume_id", "no such volume"),
        ({"image_id": "image-1", "snapshot_id": "snapshot-1"}, "", "made from one thing"),
        ({"volume_type": "nvme"}, "volume_type", "There is no volume type “nvme” here."),
        ({"zone": "moon"}, "zone", "There is no zone “moon” for volumes here. There is zone-a."),
        ({"server_id": "none"}, "server_id", "no such server"),
        ({"server_id": "server-2"}, "server_id", "The new volume would be in zone zone-a, and web-02 in"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "create-volume", params, field, words)


def test_in_a_wrong_state_it_is_refused(visit: Visit) -> None:
    Volume.objects.update(status="uploading")
    said = refusals(visit, "create-volume", name="copy", size_gb=20, source_volume_id="volume-1")
    assert any("in the state “uploading”" in reason for _field, reason in said)


@pytest.mark.parametrize("verb", ["create-volume", "create-volume and attach"])
def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit, verb: str) -> None:
    done_once(cinder, visit, verb)


def test_there_is_no_undo(cinder: Cinder, visit: Visit) -> None:
    assert undo_of(done_once(cinder, visit, "create-volume")) is None


def test_the_same_by_the_command_line() -> None:
    assert command_lines(
        "create-volume", {"name": "pg", "size_gb": 30, "snapshot_id": "snapshot-1", "server_id": "server-1"}
    ) == ["volume create --size=30 --snapshot=data-1-1 pg", "server add volume web-01 pg"]


def test_a_new_volume_as_terraform(tenant: Tenant) -> None:
    action = ACTIONS["create-volume"]
    wanted = action.params.model_validate({"name": "pg ${x}", "size_gb": 30, "server_id": "server-1"})
    assert action.terraform(tenant, wanted, {}) == (
        'resource "openstack_blockstorage_volume_v3" "pg_x" {\n'
        '  name = "pg $${x}"\n'
        "  size = 30\n"
        "}\n\n"
        'resource "openstack_compute_volume_attach_v2" "pg_x" {\n'
        '  instance_id = "server-1"\n'
        "  volume_id   = openstack_blockstorage_volume_v3.pg_x.id\n"
        "}"
    )


def test_a_new_volume_has_all_that_was_asked_for(cinder: Cinder, visit: Visit) -> None:
    wanted = {"name": "pg", "description": "for us", "size_gb": 30, "volume_type": "ssd", "zone": "zone-a"}
    go(ask(visit, "create-volume", **wanted, image_id="image-1"))
    assert cinder.bodies == [
        {
            "name": "pg",
            "description": "for us",
            "size": 30,
            "volume_type": "ssd",
            "availability_zone": "zone-a",
            "imageRef": "image-1",
            "metadata": {"meshdeck-operation": Operation.objects.get().pk},
        }
    ]


def test_it_begins_empty_and_offers_what_there_is(member: Client) -> None:
    page = member.get(CREATE)
    said = text(page)
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    for words in ("Format it yourself", "A bootable disk", "3 in this project", "A copy of another", "Debian 13"):
        assert words in said
    assert "db-01, running, zone nova" in said
    assert "worker-07, error, zone nova (worker-07 is in the state “ERROR”" in said
    assert "Zone</label>" not in said


def test_it_becomes_an_operation_and_leads_to_the_list_with_the_drawer_open(member: Client) -> None:
    server = Server.objects.get(name="db-01", tenant__location__name="north")
    response = member.post(CREATE, fill(description="Data", server_id=server.external_id))
    operation = the_operation()
    assert response.status_code == 302
    assert response["Location"] == f"{HERE}volumes/?op={operation.pk}"
    assert operation.params == {
        "name": "pg-data",
        "description": "Data",
        "size_gb": 20,
        "volume_type": "ssd",
        "zone": "",
        "image_id": "",
        "snapshot_id": "",
        "source_volume_id": "",
        "server_id": server.external_id,
    }


def test_a_double_click_is_one_operation(member: Client) -> None:
    assert member.post(CREATE, fill())["Location"] == member.post(CREATE, fill())["Location"]
    assert Operation.objects.count() == 1


def test_a_preview_looks_and_does_nothing(member: Client) -> None:
    response = member.post(CREATE, fill(size_gb="100"), headers={"X-Meshdeck-Preview": "1"})
    assert response.status_code == 200
    assert "volume create --size=100" in text(response)
    assert 'resource "openstack_blockstorage_volume_v3" "pg-data"' in text(response)
    assert not Operation.objects.exists()


def test_too_much_is_refused_at_the_field_with_a_way_on_and_what_was_typed_kept(member: Client) -> None:
    Limit.objects.filter(tenant__location__name="north", measure=Measure.VOLUME_GB).update(used=560)
    response = member.post(CREATE, fill(size_gb="480", name="pg-data-02", description="Mine"))
    said = text(response)
    assert response.status_code == 422
    assert "480 GB is 40 GB more than atlas has left in north (440 of 1,000 GB)." in said
    assert 'data-fill="size_gb" data-value="440">Use 440 GB</button>' in said
    assert f'<a href="{HERE}volumes/">find volumes to delete</a>' in said
    assert "With this volume: 1,040 GB, 40 GB over the limit" in said
    for kept in ('value="480"', 'value="pg-data-02"', 'value="Mine"'):
        assert kept in said
    assert "1 field has an error" in said
    assert not Operation.objects.exists()


@pytest.mark.parametrize("size", ["", "0", "-1", "ten", "1.5", "9999999999"])
def test_a_size_that_is_none_is_refused_and_kept(member: Client, size: str) -> None:
    response = member.post(CREATE, fill(size_gb=size))
    assert response.status_code == 422
    assert response.context["form"].errors["size_gb"]
    assert f'value="{size}"' in text(response) or not size
    assert not Operation.objects.exists()


def test_what_it_starts_from_has_to_be_chosen(member: Client) -> None:
    response = member.post(CREATE, fill(start="image"))
    assert response.status_code == 422
    assert "Image is required." in text(response)
    assert "Still needed: Image" in text(response)


def test_a_source_that_is_not_shown_is_not_used(member: Client) -> None:
    snapshot = Snapshot.objects.first()
    assert snapshot
    response = member.post(CREATE, fill(snapshot_id=snapshot.external_id, image_id="rubbish"))
    assert response.status_code == 302
    assert (the_operation().params["snapshot_id"], the_operation().params["image_id"]) == ("", "")


def test_a_copy_has_the_type_of_what_it_is_made_from(member: Client) -> None:
    member.post(CREATE, fill(start="volume", source_volume_id=volume().external_id, size_gb="60"))
    assert the_operation().params["volume_type"] == ""
    assert the_operation().names == {volume().external_id: "logs-archive"}


def test_from_a_snapshot_it_is_as_large(member: Client) -> None:
    snapshot = Snapshot.objects.get(name="pg-data-01-monday")
    page = member.get(CREATE, {"snapshot_id": snapshot.external_id})
    assert page.context["form"]["start"].value() == "snapshot"
    assert page.context["form"]["size_gb"].value() == 200
    assert "--snapshot=pg-data-01-monday" in text(page)
    too_small = member.post(CREATE, fill(start="snapshot", snapshot_id=snapshot.external_id))
    assert "pg-data-01-monday needs at least 200 GB." in text(too_small)
    assert 'data-value="200">Use 200 GB' in text(too_small)


def test_for_a_server_it_says_where_it_will_be_seen(member: Client) -> None:
    server = Server.objects.get(name="db-01", tenant__location__name="north")
    page = member.get(CREATE, {"server_id": server.external_id})
    assert "Create and attach" in text(page)
    assert "db-01 will most likely see it as /dev/vdc." in text(page)


def test_only_servers_in_the_zone_of_the_volume_are_listed(member: Client, atlas: Tenant) -> None:
    now = timezone.now()
    for zone, service in (("far", Service.COMPUTE), ("far", Service.BLOCK_STORAGE)):
        Zone.objects.create(
            tenant=atlas, external_id=zone, name=zone, service=service, first_seen_at=now, changed_at=now
        )
    Server.objects.filter(name="db-01").update(zone="far")
    headers = {"X-Meshdeck-Preview": "1"}
    near = text(member.post(CREATE, fill(zone="nova"), headers=headers))
    assert "db-02, running, zone nova" in near
    assert "db-01, running" not in near
    assert "Only servers in the same zone are listed." in near
    far = text(member.post(CREATE, fill(zone="far"), headers=headers))
    assert "db-01, running, zone far" in far
    assert "--availability-zone=far" in far
    assert "db-02, running" not in far


def test_it_is_refused_while_the_location_is_away(member: Client, cast: factories.Cast) -> None:
    Location.objects.filter(pk=cast.north.pk).update(health=Location.Health.DOWN)
    response = member.post(CREATE, fill())
    assert response.status_code == 422
    assert "north is not answering, so nothing can be changed there now." in text(response)


def test_its_queries_do_not_grow_with_the_servers(member: Client, atlas: Tenant) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert member.get(CREATE).status_code == 200
        return len(captured)

    cost()
    before = cost()
    factories.many_servers(atlas, 60)
    assert cost() == before
