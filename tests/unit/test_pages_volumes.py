"""The pages that change volumes and snapshots: what they offer, refuse and ask for."""

import json
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.models import (
    Limit,
    Location,
    Measure,
    Operation,
    OperationTarget,
    Server,
    Service,
    Snapshot,
    Tenant,
    Volume,
    Zone,
)
from tests import factories

pytestmark = pytest.mark.django_db

HERE = "/atlas@north/"
CREATE = f"{HERE}volumes/create/"
HOSTILE = "<img src=x onerror=alert(1)>"


def volume(name: str = "logs-archive") -> Volume:
    return Volume.objects.get(name=name)


def at(thing: Any, verb: str = "") -> str:
    """The address of a volume's, snapshot's or server's page, or of a form about it."""
    return f"{HERE}{thing._meta.model_name}s/{thing.external_id}/{verb}"


def text(response: Any) -> str:
    """The page as it is read: plain spaces, no escapes."""
    return unescape(response.content.decode()).replace("\xa0", " ")


def the_operation() -> Operation:
    """The one that was asked for."""
    return Operation.objects.get()


def fill(**values: str) -> dict[str, str]:
    """A filled form of a new volume."""
    return {"name": "pg-data", "start": "empty", "size_gb": "20", "volume_type": "ssd", "key": "k1", **values}


class TestCreate:
    def test_it_begins_empty_and_offers_what_there_is(self, member: Client) -> None:
        page = member.get(CREATE)
        said = text(page)
        assert page.status_code == 200
        assert page["Cache-Control"] == "private, no-store"
        for words in ("Format it yourself", "A bootable disk", "3 in this project", "A copy of another", "Debian 13"):
            assert words in said
        assert "db-01, running, zone nova" in said
        assert "worker-07, error, zone nova (worker-07 is in the state “ERROR”" in said
        assert "Zone</label>" not in said

    def test_it_becomes_an_operation_and_leads_to_the_list_with_the_drawer_open(self, member: Client) -> None:
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

    def test_a_double_click_is_one_operation(self, member: Client) -> None:
        assert member.post(CREATE, fill())["Location"] == member.post(CREATE, fill())["Location"]
        assert Operation.objects.count() == 1

    def test_a_preview_looks_and_does_nothing(self, member: Client) -> None:
        response = member.post(CREATE, fill(size_gb="100"), headers={"X-Meshdeck-Preview": "1"})
        assert response.status_code == 200
        assert "volume create --size 100" in text(response)
        assert 'resource "openstack_blockstorage_volume_v3" "pg-data"' in text(response)
        assert not Operation.objects.exists()

    def test_too_much_is_refused_at_the_field_with_a_way_on_and_what_was_typed_kept(self, member: Client) -> None:
        Limit.objects.filter(tenant__location__name="north", measure=Measure.VOLUME_GB).update(used=560)
        response = member.post(CREATE, fill(size_gb="480", name="pg-data-02", description="Mine"))
        said = text(response)
        assert response.status_code == 422
        assert "480 GB is 40 GB more than atlas has left in north (440 of 1,000 GB)." in said
        assert 'data-fill="size_gb" data-value="440">Use 440 GB</button>' in said
        assert f'<a href="{HERE}volumes/">find volumes to delete</a>' in said
        assert "With this volume: 1,040 GB, 40 GB too much" in said
        for kept in ('value="480"', 'value="pg-data-02"', 'value="Mine"'):
            assert kept in said
        assert "1 field needs a look" in said
        assert not Operation.objects.exists()

    @pytest.mark.parametrize("size", ["", "0", "-1", "ten", "1.5", "9999999999"])
    def test_a_size_that_is_none_is_refused_and_kept(self, member: Client, size: str) -> None:
        response = member.post(CREATE, fill(size_gb=size))
        assert response.status_code == 422
        assert response.context["form"].errors["size_gb"]
        assert f'value="{size}"' in text(response) or not size
        assert not Operation.objects.exists()

    def test_what_it_starts_from_has_to_be_chosen(self, member: Client) -> None:
        response = member.post(CREATE, fill(start="image"))
        assert response.status_code == 422
        assert "Image is still needed." in text(response)
        assert "Still needed: Image" in text(response)

    def test_a_source_that_is_not_shown_is_not_used(self, member: Client) -> None:
        snapshot = Snapshot.objects.first()
        assert snapshot
        response = member.post(CREATE, fill(snapshot_id=snapshot.external_id, image_id="rubbish"))
        assert response.status_code == 302
        assert (the_operation().params["snapshot_id"], the_operation().params["image_id"]) == ("", "")

    def test_a_copy_has_the_type_of_what_it_is_made_from(self, member: Client) -> None:
        member.post(CREATE, fill(start="volume", source_volume_id=volume().external_id, size_gb="60"))
        assert the_operation().params["volume_type"] == ""
        assert the_operation().names == {volume().external_id: "logs-archive"}

    def test_from_a_snapshot_it_is_as_large(self, member: Client) -> None:
        snapshot = Snapshot.objects.get(name="pg-data-01-monday")
        page = member.get(CREATE, {"snapshot_id": snapshot.external_id})
        assert page.context["form"]["start"].value() == "snapshot"
        assert page.context["form"]["size_gb"].value() == 200
        assert "--snapshot pg-data-01-monday" in text(page)
        too_small = member.post(CREATE, fill(start="snapshot", snapshot_id=snapshot.external_id))
        assert "pg-data-01-monday needs at least 200 GB." in text(too_small)
        assert 'data-value="200">Use 200 GB' in text(too_small)

    def test_for_a_server_it_says_where_it_will_be_seen(self, member: Client) -> None:
        server = Server.objects.get(name="db-01", tenant__location__name="north")
        page = member.get(CREATE, {"server_id": server.external_id})
        assert "Create and attach" in text(page)
        assert "db-01 will most likely see it as /dev/vdc." in text(page)

    def test_only_servers_in_the_zone_of_the_volume_are_listed(self, member: Client, atlas: Tenant) -> None:
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
        assert "--availability-zone far" in far
        assert "db-02, running" not in far

    def test_it_is_refused_while_the_location_is_away(self, member: Client, cast: factories.Cast) -> None:
        Location.objects.filter(pk=cast.north.pk).update(health=Location.Health.DOWN)
        response = member.post(CREATE, fill())
        assert response.status_code == 422
        assert "north is not answering, so nothing can be changed there now." in text(response)

    def test_its_queries_do_not_grow_with_the_servers(self, member: Client, atlas: Tenant) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert member.get(CREATE).status_code == 200
            return len(captured)

        cost()
        before = cost()
        factories.many_servers(atlas, 60)
        assert cost() == before


class TestAttachAndDetach:
    def test_the_servers_page_attaches_what_is_free(self, member: Client) -> None:
        server = Server.objects.get(name="web-01")
        page = member.get(at(server))
        said = text(page)
        assert "2 of 9 volumes are free." in said
        assert "logs-archive, 60 GB, ssd" in said
        assert f'href="{CREATE}?server_id={server.external_id}"' in said
        url = page.context["volumes"]["attach"]["url"]
        response = member.post(url, {"volume_id": volume().external_id})
        assert response["Location"] == f"{at(server)}?op={the_operation().pk}"
        assert (the_operation().action, the_operation().params) == (
            "attach-volume",
            {"volume_id": volume().external_id, "server_id": server.external_id},
        )

    def test_so_does_the_volumes_page(self, member: Client) -> None:
        page = member.get(at(volume()))
        server = Server.objects.get(name="db-02")
        response = member.post(page.context["attach"]["url"], {"server_id": server.external_id})
        assert response["Location"] == f"{at(volume())}?op={the_operation().pk}"
        assert the_operation().params == {"volume_id": volume().external_id, "server_id": server.external_id}

    def test_and_a_form_of_its_own(self, member: Client) -> None:
        page = member.get(at(volume(), "attach/"))
        assert page.status_code == 200
        server = Server.objects.get(name="db-02")
        response = member.post(at(volume(), "attach/"), {"server_id": server.external_id})
        assert response["Location"] == f"{at(volume())}?op={the_operation().pk}"

    def test_a_server_that_is_gone_is_refused_in_words(self, member: Client) -> None:
        response = member.post(at(volume(), "attach/"), {"server_id": "gone"})
        assert response.status_code == 422
        assert not Operation.objects.exists()

    def test_a_button_that_comes_too_late_is_told_why(self, member: Client) -> None:
        url = member.get(at(Server.objects.get(name="web-01"))).context["volumes"]["attach"]["url"]
        Volume.objects.filter(name="logs-archive").update(status="uploading")
        response = member.post(url, {"volume_id": volume().external_id})
        assert response.status_code == 422
        assert "logs-archive is in the state “uploading”." in text(response)

    def test_a_running_server_is_warned_of_before_it_loses_a_disk(self, member: Client) -> None:
        server = Server.objects.get(name="web-01")
        page = at(volume("web-assets"), f"detach/?server_id={server.external_id}&from=server")
        assert page in text(member.get(at(server)))
        said = text(member.get(page))
        assert "web-01 is running. What it has not written to the disk yet is lost" in said
        assert "100 GB, with all that is on it" in said
        assert "server remove volume" in said
        response = member.post(page)
        assert response["Location"] == f"{at(server)}?op={the_operation().pk}"
        assert the_operation().action == "detach-volume"

    def test_a_stopped_one_loses_it_by_one_click(self, member: Client) -> None:
        server = Server.objects.get(name="web-01")
        Server.objects.filter(pk=server.pk).update(status="SHUTOFF")
        row = next(one for one in member.get(at(server)).context["volumes"]["rows"] if one["detach"])
        assert row["detach"].post
        response = member.post(row["detach"].url)
        assert response["Location"] == f"{at(server)}?op={the_operation().pk}"

    def test_the_boot_volume_has_no_button(self, member: Client) -> None:
        rows = member.get(at(Server.objects.get(name="web-01"))).context["volumes"]["rows"]
        assert [(row["volume"].name, bool(row["detach"])) for row in rows] == [
            ("web-01-root", False),
            ("web-assets", True),
        ]

    def test_a_locked_server_says_so_instead(self, member: Client) -> None:
        Server.objects.filter(name="web-01").update(locked=True)
        said = text(member.get(at(Server.objects.get(name="web-01"))))
        assert "web-01 is locked. Unlock it first." in said
        assert 'name="volume_id"' not in said

    def test_what_is_not_attached_can_not_be_detached(self, member: Client) -> None:
        page = member.get(at(volume(), "detach/"))
        assert "Not possible now" in text(page)
        assert member.post(at(volume(), "detach/")).status_code == 422


class TestExtend:
    def test_it_counts_what_is_added(self, member: Client) -> None:
        Limit.objects.filter(measure=Measure.VOLUME_GB).update(used=980)
        page = at(volume(), "extend/")
        assert member.get(page).context["form"]["size_gb"].value() == 70
        response = member.post(page, {"size_gb": "100"})
        assert "40 GB is 20 GB more than atlas has left in north (20 of 1,000 GB)." in text(response)
        assert 'data-value="80">Use 80 GB' in text(response)
        assert member.post(page, {"size_gb": "80"})["Location"] == f"{at(volume())}?op={the_operation().pk}"
        assert the_operation().params["size_gb"] == 80

    def test_an_attached_one_grows_where_the_cloud_can(self, member: Client, cast: factories.Cast) -> None:
        page = at(volume("web-assets"), "extend/")
        assert "It stays attached, and its server sees the new size." in text(member.get(page))
        cast.north.services.filter(service=Service.BLOCK_STORAGE).update(max_microversion="3.27")
        response = member.post(page, {"size_gb": "120"})
        assert response.status_code == 422
        assert "It is attached to web-01. north is too old to extend a volume that is attached" in text(response)


class TestSnapshots:
    def test_one_is_taken(self, member: Client) -> None:
        page = at(volume("web-assets"), "snapshot/")
        assert "The volume is in use" in text(member.get(page))
        response = member.post(page, {"name": "before", "description": ""})
        assert response["Location"] == f"{at(volume('web-assets'))}?op={the_operation().pk}"
        assert the_operation().params == {
            "volume_id": volume("web-assets").external_id,
            "name": "before",
            "description": "",
        }

    def test_going_back_says_what_is_lost_and_has_the_volumes_name_typed(self, member: Client) -> None:
        Volume.objects.filter(name="pg-data-01").update(status="available", attachments=[])
        latest = max(Snapshot.objects.filter(name__startswith="pg-data"), key=lambda one: one.external_id)
        said = text(member.get(at(latest, "revert/")))
        assert f"What was written to pg-data-01 since {latest.name} was taken" in said
        assert "Type pg-data-01 to confirm" in said
        assert member.post(at(latest, "revert/"), {"typed": latest.name}).status_code == 422
        assert not Operation.objects.exists()
        member.post(at(latest, "revert/"), {"typed": "pg-data-01"})
        assert the_operation().action == "revert-volume"

    def test_where_it_can_not_go_back_there_is_another_way(self, member: Client) -> None:
        snapshot = Snapshot.objects.get(name="web-assets-1")
        page = member.get(at(snapshot, "revert/"))
        assert page.status_code == 200
        assert "Not possible now" in text(page)
        monday, sunday = sorted(Snapshot.objects.filter(name__startswith="pg-data"), key=lambda one: one.external_id)
        said = text(member.get(at(monday, "revert/")))
        assert f"A volume goes back to its latest snapshot only, which is {sunday.name}." in said
        assert f'href="{CREATE}?snapshot_id={monday.external_id}"' in said

    def test_the_volumes_page_offers_it_for_the_latest_only(self, member: Client) -> None:
        rows = member.get(at(volume("pg-data-01"))).context["snapshots"]
        assert [bool(row["back"]) for row in rows] == [True, False]
        assert "Detach it first." in str(rows[0]["back"].blocked)


class TestEdit:
    def test_both_words_are_changed(self, member: Client) -> None:
        page = at(volume(), "edit/")
        form = member.get(page).context["form"]
        was = form["was"].value()
        response = member.post(page, {"name": "old-logs", "description": "2025", "was": was})
        assert response["Location"] == f"{at(volume())}?op={the_operation().pk}"
        assert the_operation().params == {
            "volume_id": volume().external_id,
            "name": "old-logs",
            "description": "2025",
            "was_name": "logs-archive",
            "was_description": "",
        }

    def test_who_is_second_sees_what_changed_and_may_put_theirs_in_its_place(self, member: Client) -> None:
        page = at(volume(), "edit/")
        was = member.get(page).context["form"]["was"].value()
        row = volume()
        Volume.objects.filter(pk=row.pk).update(name="hers")
        response = member.post(page, {"name": "mine", "description": "", "was": was})
        said = text(response)
        assert response.status_code == 422
        assert "It was changed meanwhile: its name is now “hers”, without a description." in said
        assert 'value="mine"' in said
        (way,) = response.context["form"]["name"].told[0].ways
        assert (way.field, way.value) == ("was", json.dumps(["hers", ""]))
        assert not Operation.objects.exists()
        member.post(page, {"name": "mine", "description": "", "was": way.value})
        assert the_operation().params["was_name"] == "hers"

    @pytest.mark.parametrize("was", ["", "rubbish", "{}", '["one"]', "7", '[1, {"a": 2}]', "[" * 5000])
    def test_rubbish_instead_of_what_was_is_refused(self, member: Client, was: str) -> None:
        response = member.post(at(volume(), "edit/"), {"name": "mine", "description": "", "was": was})
        assert response.status_code == 422
        assert not Operation.objects.exists()
        assert not was or "Open the form again." in text(response)

    def test_a_snapshot_too(self, member: Client) -> None:
        snapshot = Snapshot.objects.get(name="web-assets-1")
        was = member.get(at(snapshot, "edit/")).context["form"]["was"].value()
        member.post(at(snapshot, "edit/"), {"name": "kept", "description": "", "was": was})
        assert the_operation().action == "edit-snapshot"


class TestDelete:
    def test_its_name_is_typed(self, member: Client) -> None:
        page = at(volume("scratch-01"), "delete/")
        said = text(member.get(page))
        assert "This is lost" in said
        assert "40 GB, hdd, made" in said
        assert "There is no undo." in said
        refused = member.post(page, {"typed": "scratch"})
        assert refused.status_code == 422
        assert "“scratch” is not the name. It is “scratch-01”." in text(refused)
        assert member.post(page, {"typed": "scratch-01"})["Location"] == f"{HERE}volumes/?op={the_operation().pk}"
        assert the_operation().action == "delete-volume"

    def test_what_stands_in_the_way_is_named_instead(self, member: Client) -> None:
        page = at(volume("pg-data-01"), "delete/")
        said = text(member.get(page))
        assert "pg-data-01 is attached to db-01. Detach it first." in said
        assert "pg-data-01 has the snapshots pg-data-01-monday, pg-data-01-sunday" in said
        assert f"{HERE}snapshots/?q={volume('pg-data-01').external_id}" in said
        assert "to confirm" not in said
        assert member.post(page, {"typed": "pg-data-01"}).status_code == 422
        assert not Operation.objects.exists()

    def test_a_snapshot_leaves_its_volume(self, member: Client) -> None:
        snapshot = Snapshot.objects.get(name="pg-data-01-monday")
        said = text(member.get(at(snapshot, "delete/")))
        assert "The volume that it is of" in said
        response = member.post(at(snapshot, "delete/"), {"typed": snapshot.name})
        assert response["Location"] == f"{HERE}snapshots/?op={the_operation().pk}"


class TestStuck:
    """A passing state that does not pass, and errors."""

    def hang(self, status: str, name: str = "logs-01", minutes: int = 12) -> Volume:
        Volume.objects.filter(name=name).update(status=status, changed_at=timezone.now() - timedelta(minutes=minutes))
        return volume(name)

    def test_detaching_is_said_with_its_time_and_begun_again_by_one_click(self, member: Client) -> None:
        row = self.hang("detaching")
        page = member.get(at(row))
        assert "Detaching for 12 min, since " in text(page)
        response = member.post(page.context["trouble"].action.url)
        assert response["Location"] == f"{at(row)}?op={the_operation().pk}"
        assert the_operation().action == "detach-again"

    def test_attaching_is_taken_back(self, member: Client) -> None:
        row = self.hang("attaching", "logs-archive")
        member.post(member.get(at(row)).context["trouble"].action.url)
        assert the_operation().action == "release-volume"

    def test_what_is_young_is_let_be(self, member: Client) -> None:
        assert member.get(at(self.hang("detaching", minutes=1))).context["trouble"] is None
        assert member.get(at(self.hang("creating", "logs-archive", 12))).context["trouble"] is None

    @pytest.mark.parametrize("status", ["error_deleting", "deleting", "reserved", "error_extending"])
    def test_what_only_the_operator_ends_says_whom_to_ask_with_the_request(
        self, member: Client, cast: factories.Cast, status: str
    ) -> None:
        Location.objects.update(support="help@north.example")
        row = self.hang(status, "logs-archive")
        now = timezone.now()
        operation = Operation.objects.create(
            tenant=cast.atlas, user=cast.member, grant=factories.ident("g"), action="delete-volume",
            params={"volume_id": row.external_id}, asked_at=now, next_at=now, sent_at=now, state="failed",
        )  # fmt: skip
        OperationTarget.objects.create(operation=operation, kind="volume", external_id=row.external_id)
        said = text(member.get(at(row)))
        assert operation.request_id in said
        if status != "error_extending":  # which can be deleted
            assert "Ask help@north.example." in said

    def test_an_error_offers_what_there_is_to_do(self, member: Client) -> None:
        page = member.get(at(self.hang("error", "logs-archive")))
        assert "Error, since " in text(page)
        assert page.context["trouble"].action.url == at(volume(), "delete/")

    def test_a_reader_sees_the_trouble_without_the_button(self, reader: Client) -> None:
        page = reader.get(at(self.hang("detaching")))
        assert "Detaching for 12 min" in text(page)
        assert "Detach again" not in text(page)


def test_a_reader_sees_all_and_no_button(reader: Client) -> None:
    snapshot = Snapshot.objects.first()
    for address in (
        f"{HERE}volumes/",
        f"{HERE}snapshots/",
        at(volume()),
        at(volume("pg-data-01")),
        at(snapshot),
        at(Server.objects.get(name="web-01")),
    ):
        said = text(reader.get(address))
        for word in ("/do/", "/create/", "/bulk/", "/detach/", "/extend/", "/delete/", "data-pick", "Actions for"):
            assert word not in said, (address, word)


def test_a_reader_is_told_whom_to_ask(reader: Client) -> None:
    response = reader.get(CREATE)
    assert response.status_code == 403
    assert "You are a reader in atlas. Ask one of its admins to make you a member." in text(response)
    assert reader.post(CREATE, fill()).status_code == 403
    url = f"{HERE}do/attach-volume/?volume_id={volume().external_id}"
    assert reader.post(url, {"server_id": "x"}).status_code == 403
    assert not Operation.objects.exists()


def test_what_is_not_there_is_404(member: Client, cast: factories.Cast) -> None:
    other = Volume.objects.filter(tenant=cast.borealis).first()
    assert other
    for verb in ("attach/", "detach/", "extend/", "snapshot/", "edit/", "delete/"):
        assert member.get(f"{HERE}volumes/nothing/{verb}").status_code == 404
        assert member.get(at(other, verb)).status_code == 404, "of another tenant"
    for verb in ("revert/", "edit/", "delete/"):
        assert member.get(f"{HERE}snapshots/nothing/{verb}").status_code == 404


def test_a_list_offers_what_its_rows_can_do(member: Client) -> None:
    said = text(member.get(f"{HERE}volumes/"))
    assert f'<a href="{CREATE}"' in said
    assert 'aria-label="Actions for logs-01"' in said
    assert at(volume("logs-01"), "detach/") in said
    assert at(volume(), "attach/") in said
    assert "It is attached. Detach it first." in said
    assert 'data-pick="in use"' in said


def test_an_empty_list_leads_to_the_form(member: Client) -> None:
    Volume.objects.filter(tenant__project__slug="borealis").delete()
    said = text(member.get("/borealis@north/volumes/"))
    assert "No volumes yet" in said
    assert said.count('href="/borealis@north/volumes/create/"') == 2  # in the head, and where there is nothing


def test_hostile_names_are_text_everywhere(member: Client, atlas: Tenant) -> None:
    for model in (Volume, Snapshot, Server):
        model.objects.filter(tenant=atlas).update(name=HOSTILE)
    Volume.objects.filter(tenant=atlas).update(volume_type=HOSTILE, description=HOSTILE, zone=HOSTILE)
    row = Volume.objects.filter(tenant=atlas, status="available").first()
    used = Volume.objects.filter(tenant=atlas, status="in-use").first()
    snapshot = Snapshot.objects.filter(tenant=atlas).first()
    addresses = [
        f"{HERE}volumes/",
        f"{HERE}snapshots/",
        CREATE,
        at(row),
        at(used),
        at(snapshot),
        at(Server.objects.filter(tenant=atlas).first()),
        *(at(row, verb) for verb in ("attach/", "extend/", "snapshot/", "edit/", "delete/")),
        at(used, "detach/"),
        *(at(snapshot, verb) for verb in ("revert/", "edit/", "delete/")),
    ]
    for address in addresses:
        page = member.get(address)
        assert page.status_code == 200, address
        assert HOSTILE not in page.content.decode(), address
    refused = member.post(at(row, "delete/"), {"typed": HOSTILE + "x"})
    assert HOSTILE not in refused.content.decode()


def test_buttons_lead_nowhere_else(member: Client) -> None:
    url = f"{HERE}do/attach-volume/?next=https://thief.test/&volume_id={volume().external_id}"
    server = Server.objects.get(name="db-02")
    response = member.post(url, {"server_id": server.external_id})
    assert response["Location"].startswith(f"{HERE}?op=")
