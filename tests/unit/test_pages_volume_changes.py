"""The pages that change a volume or a snapshot: what they offer, refuse and ask for."""

import json

import pytest
from django.test import Client

from projects.models import Limit, Operation
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server
from services.openstack.words import Measure, Service
from tests import factories
from tests.unit.volume_pages import CREATE, HERE, at, text, the_operation, volume

pytestmark = pytest.mark.django_db


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
        assert "This will be lost" in said
        assert "40 GB, hdd, made" in said
        assert "There is no undo." in said
        refused = member.post(page, {"typed": "scratch"})
        assert refused.status_code == 422
        assert "“scratch” does not match. The name is “scratch-01”." in text(refused)
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
