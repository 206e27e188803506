"""One thing done with several rows: the page says what happens to each, and asks once."""

import pytest
from django.test import Client

from projects.models import Operation
from services.block_storage.models import Snapshot, Volume
from tests import factories

pytestmark = pytest.mark.django_db

DETACH, DELETE = "/atlas@north/volumes/bulk/detach/", "/atlas@north/volumes/bulk/delete/"


def ids(*names: str) -> list[str]:
    return [Volume.objects.get(name=name).external_id for name in names]


def sure(client: Client, address: str, names: tuple[str, ...], **fields: str):
    """Return the page as it is sent when the button is pressed."""
    page = client.get(address, {"ids": ids(*names)})
    shown, key = page.context["shown"], page.context["key"]
    return client.post(
        page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"shown": shown, "key": key, **fields}
    )


def asked() -> list[tuple[str, str]]:
    names = {one.external_id: one.name for one in Volume.objects.all()}
    return sorted((one.action, names[one.params["volume_id"]]) for one in Operation.objects.all())


def test_the_bar_above_the_list_leads_to_a_page_that_can_be_loaded_again(member: Client) -> None:
    listed = member.get("/atlas@north/volumes/").content.decode()
    assert f'formaction="{DETACH}"' in listed
    picked = ids("logs-01", "web-assets")
    response = member.post(DETACH, {"ids": picked})
    assert response.status_code == 302
    assert response["Location"] == "?" + "&".join(f"ids={one}" for one in picked)
    assert member.post(DETACH, {}).headers["Location"] == "/atlas@north/volumes/"
    assert Operation.objects.count() == 0


def test_the_page_names_what_happens_to_each_and_which_can_not(member: Client) -> None:
    page = member.get(DETACH, {"ids": [*ids("logs-01", "web-assets", "logs-archive", "web-01-root"), "gone"]})
    assert page.status_code == 200
    text = page.content.decode()
    assert "Detach 2 volumes" in text
    assert "80\N{NO-BREAK SPACE}GB, from web-02" in text
    assert "It is not attached to anything." in text
    assert "web-01 boots from web-01-root" in text
    assert "1 of them is not there any more." in text
    assert "--os-cloud=atlas-north" in text
    assert [row.thing.name for row in page.context["plan"].will] == ["logs-01", "web-assets"]


def test_one_press_begins_one_operation_for_each_thing_and_a_second_press_none(member: Client) -> None:
    response = sure(member, DETACH, ("logs-01", "web-assets", "logs-archive"))
    assert response.status_code == 302
    assert response["Location"] == "/atlas@north/volumes/"
    assert asked() == [("detach-volume", "logs-01"), ("detach-volume", "web-assets")]
    assert {one.user.username for one in Operation.objects.all()} == {"member"}


def test_a_double_click_begins_each_once(member: Client) -> None:
    address = f"{DETACH}?ids={ids('logs-01')[0]}"
    page = member.get(address)
    sent = {"shown": page.context["shown"], "key": page.context["key"]}
    member.post(address, sent)
    member.post(address, sent)
    assert asked() == [("detach-volume", "logs-01")]


def test_a_volume_of_several_servers_is_detached_from_each(member: Client) -> None:
    volume = Volume.objects.get(name="logs-01")
    other = factories.ident("atlas@north/server/web-01")
    volume.attachments = [*volume.attachments, {**volume.attachments[0], "server_id": other}]
    volume.multiattach = True
    volume.save()
    assert sure(member, DETACH, ("logs-01",)).status_code == 302
    assert [action for action, _name in asked()] == ["detach-volume", "detach-volume"]


def test_what_has_no_way_back_is_typed(member: Client) -> None:
    names = ("logs-archive", "scratch-01")
    refused = sure(member, DELETE, names, typed="yes")
    assert refused.status_code == 422
    assert "2 volumes" in refused.content.decode()
    assert Operation.objects.count() == 0
    assert sure(member, DELETE, names, typed="2 volumes").status_code == 302
    assert asked() == [("delete-volume", "logs-archive"), ("delete-volume", "scratch-01")]


def test_what_can_not_be_deleted_is_left_and_says_why(member: Client) -> None:
    text = member.get(DELETE, {"ids": ids("logs-01", "pg-data-01", "scratch-01")}).content.decode()
    assert "logs-01 is attached to web-02. Detach it first." in text
    assert "the snapshots pg-data-01-monday, pg-data-01-sunday" in text
    assert "Type scratch-01 to confirm" in text


def test_nothing_begins_when_the_page_showed_something_else(member: Client) -> None:
    address = f"{DETACH}?ids={ids('logs-01')[0]}&ids={ids('web-assets')[0]}"
    page = member.get(address)
    Volume.objects.filter(name="logs-01").update(status="detaching", attachments=[])
    response = member.post(address, {"shown": page.context["shown"], "key": page.context["key"]})
    assert response.status_code == 422
    assert "This is not what the page showed before." in response.content.decode()
    assert Operation.objects.count() == 0


def test_where_none_can_be_there_is_no_button(member: Client) -> None:
    page = member.get(DETACH, {"ids": ids("logs-archive")})
    assert b"None of them can be now" in page.content
    assert b'type="submit" aria' not in page.content
    assert b"Back to Volumes" in page.content


def test_hostile_names_are_text(member: Client) -> None:
    Volume.objects.filter(name="scratch-01").update(name="<script>alert(1)</script>")
    text = member.get(DELETE, {"ids": ids("<script>alert(1)</script>")}).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_snapshots_too(member: Client) -> None:
    found = [one.external_id for one in Snapshot.objects.all()]
    text = member.get("/atlas@north/snapshots/bulk/delete/", {"ids": found}).content.decode()
    assert "Delete 3 snapshots" in text
    assert member.get("/atlas@north/snapshots/bulk/nothing/").status_code == 404


def test_rows_of_another_tenant_are_not_there(member: Client, cast: factories.Cast) -> None:
    other = Volume.objects.filter(tenant=cast.borealis).first()
    page = member.get(DETACH, {"ids": [other.external_id]})
    assert b"1 of them is not there any more." in page.content
    assert (page.context["plan"].will, page.context["plan"].wont) == ([], [])
