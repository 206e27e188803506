"""The pages of volumes and snapshots: what lists and troubles offer, to whom, and that names are text."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from projects.models import Location, Operation, OperationTarget, Tenant
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server
from tests import factories
from tests.unit.volume_pages import CREATE, HERE, at, fill, text, volume

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>"


class TestStuck:
    """A passing state that does not pass, and errors."""

    def hang(self, status: str, name: str = "logs-01", minutes: int = 12) -> Volume:
        Volume.objects.filter(name=name).update(status=status, changed_at=timezone.now() - timedelta(minutes=minutes))
        return volume(name)

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
    assert f'href="{volume("logs-01").external_id}/menu/"' in said
    assert at(volume(), "attach/") in text(member.get(at(volume(), "menu/")))
    attached = text(member.get(at(volume("logs-01"), "menu/")))
    assert at(volume("logs-01"), "detach/") in attached
    assert "It is attached. Detach it first." in attached
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
