"""The pages of servers as people see them: what they offer, what they refuse and why, what they ask for."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from portal.identity import vault
from projects.actions import private_text as user_data
from projects.fetching import asking as fetching
from projects.fetching.asking import Note, Wanted
from projects.models import Operation
from services.block_storage.models import Volume
from services.compute.models import Server
from services.images.models import Image
from tests import factories
from tests.unit.server_pages import HERE, flavors_of, one, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(cast: factories.Cast, client: Client) -> UUID:
    return factories.log_in(client, cast.member)


@pytest.fixture
def flavors(cast: factories.Cast) -> dict[str, str]:
    return flavors_of(cast)


# The list and the page ----------------------------------------------------------------------------------------------


def test_the_list_offers_a_new_server_rows_menus_and_bulk_actions(
    cast: factories.Cast, grant: UUID, client: Client
) -> None:
    page = text(client, HERE)
    assert 'href="/atlas@north/servers/create/"' in page
    for key in ("start", "stop", "reboot", "delete"):
        assert f'formaction="/atlas@north/servers/bulk/{key}/"' in page
    server = one(cast)
    row = page.split(f'id="s{server.pk}"')[1].split("</tr>")[0]
    assert f'value="{server.external_id}" form="bulk"' in row
    assert 'aria-label="Actions for web-01"' in row
    assert f'href="{server.external_id}/menu/"' in row
    assert "/do/" not in row, "the menu is made when it is opened"
    menu = text(client, f"{HERE}{server.external_id}/menu/")
    assert f"/do/stop-server/?server_id={server.external_id}&amp;next=%2Fatlas%40north%2Fservers%2F" in menu
    assert f'href="/atlas@north/servers/{server.external_id}/delete/"' in menu
    assert "ROW-" not in page


def test_a_script_gets_the_menu_alone(cast: factories.Cast, grant: UUID, client: Client) -> None:
    url = f"{HERE}{one(cast).external_id}/menu/"
    alone = client.get(url, headers={"HX-Request": "true"})
    assert alone.content.decode().startswith("<ul><li>")
    assert alone["Cache-Control"] == "private, no-store"
    assert alone.content in client.get(url).content, "the page without scripts has the same"


def test_a_list_of_servers_stays_small(client: Client) -> None:
    cast = factories.cast()
    factories.log_in(client, cast.member)
    factories.many_servers(cast.borealis, 60)
    assert len(client.get("/borealis@north/servers/").content) < 80_000


def test_names_in_menus_are_text(cast: factories.Cast, grant: UUID, client: Client) -> None:
    Server.objects.filter(pk=one(cast).pk).update(name='<b>ROW-ID"')
    page = text(client, HERE)
    assert "<b>ROW" not in page
    assert "Actions for &lt;b&gt;ROW-ID&quot;" in page


def test_a_reader_sees_no_button(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.reader)
    for url in (HERE, f"{HERE}{one(cast).external_id}/"):
        page = text(client, url)
        assert "/do/" not in page
        assert "create/" not in page
        assert 'form="bulk"' not in page


def test_a_reader_is_not_led_to_a_page_that_changes_something(cast: factories.Cast, client: Client) -> None:
    server = next(one for one in cast.atlas.servers.all() if all(ip["type"] != "floating" for ip in one.addresses))
    factories.log_in(client, cast.member)
    assert "Connect to the internet" in text(client, f"{HERE}{server.external_id}/")
    factories.log_in(client, cast.reader)
    assert "Connect to the internet" not in text(client, f"{HERE}{server.external_id}/")


@pytest.mark.parametrize(
    ("state", "offered", "blocked"),
    [
        ({}, ["stop-server", "reboot-server", "lock-server"], []),
        ({"status": "SHUTOFF"}, ["start-server"], ["Only a running server can be rebooted"]),
        ({"locked": True}, ["unlock-server"], ["It is locked. Unlock it first."]),
        ({"task_state": "resize_prep"}, ["lock-server"], ["It is at work (resize prep)"]),
        ({"status": "VERIFY_RESIZE"}, ["confirm-resize", "revert-resize"], ["confirm or revert its resize first"]),
    ],
)
def test_the_page_offers_what_the_state_allows_and_says_why_not_the_rest(
    cast: factories.Cast, grant: UUID, client: Client, state: dict[str, Any], offered: list[str], blocked: list[str]
) -> None:
    Server.objects.filter(pk=one(cast).pk).update(**state)
    page = text(client, f"{HERE}{one(cast).external_id}/")
    for action in offered:
        assert f"/do/{action}/" in page
    for reason in blocked:
        assert reason in page
    if "confirm-resize" in offered:
        assert "what it wrote since is lost" in page


def test_a_button_of_the_page_asks_for_the_action_and_comes_back(
    cast: factories.Cast, grant: UUID, client: Client
) -> None:
    server = one(cast)
    url = f"{HERE}{server.external_id}/"
    response = client.post(f"/atlas@north/do/stop-server/?server_id={server.external_id}&next={url}")
    operation = Operation.objects.get()
    assert response["Location"] == f"{url}?op={operation.pk}"
    assert (operation.action, operation.params) == ("stop-server", {"server_id": server.external_id})


def test_a_server_in_an_error_has_remedies(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast, "worker-07")
    page = text(client, f"{HERE}{server.external_id}/")
    assert "Error: no host free" in page
    assert f"servers/create/?like={server.external_id}" in page
    assert f"servers/{server.external_id}/delete/" in page


def test_the_tabs_count_what_is_behind_them(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    Image.objects.filter(tenant=cast.atlas, name="Debian 13").update(server_id=server.external_id)
    page = text(client, f"{HERE}{server.external_id}/snapshots/")
    assert 'snapshots/" aria-current="page">Snapshots<span class="n">1</span>' in page
    assert "New server from it" in page
    metadata = text(client, f"{HERE}{server.external_id}/metadata/")
    assert 'aria-current="page">Metadata' in metadata


# The log and the console --------------------------------------------------------------------------------------------


def wanted(cast: factories.Cast, grant: UUID, what: str, lines: int = 0) -> Wanted:
    return Wanted(cast.atlas.pk, grant, what, one(cast).external_id, lines)


def tasks(redis: Any) -> list[dict[str, Any]]:
    """Return the messages that workers would get, with what they carry."""
    return [json.loads(message)["headers"] for message in redis.lrange("celery", 0, -1)]


def test_the_log_is_fetched_by_a_worker_and_then_shown_to_this_person_only(
    cast: factories.Cast, grant: UUID, client: Client, redis: Any
) -> None:
    url = f"{HERE}{one(cast).external_id}/log/"
    first = client.get(url)
    assert b"Being fetched" in first.content
    (task,) = [one for one in tasks(redis) if one["task"] == "projects.fetch"]
    assert str(grant) in task["argsrepr"]
    # The page asks again, and keeps what it has until the worker has answered.
    version = first["X-Meshdeck-Version"]
    assert client.get(url, headers={"X-Meshdeck-Version": version}).status_code == 204
    assert len([one for one in tasks(redis) if one["task"] == "projects.fetch"]) == 1

    note = Note(datetime.now(UTC), "\x1b[0;32mStarted\x1b[0m <nginx>\r\nlogin: ")
    fetching.keep(wanted(cast, grant, "console-log", 200), note)
    page = text(client, url)
    assert "Started &lt;nginx&gt;\nlogin:" in page
    other = Client()
    factories.log_in(other, cast.admin)
    assert "nginx" not in text(other, url)


def test_a_log_that_the_cloud_refuses_says_why(cast: factories.Cast, grant: UUID, client: Client) -> None:
    note = Note(datetime.now(UTC), reason="north does not allow this to your role.", request_id="req-7")
    fetching.keep(wanted(cast, grant, "console-log", 200), note)
    page = text(client, f"{HERE}{one(cast).external_id}/log/")
    assert "does not allow this to your role" in page
    assert "req-7" in page


def test_a_console_is_opened_once_and_its_address_is_in_no_page(
    cast: factories.Cast, grant: UUID, client: Client, redis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "https://console.north.test/vnc.html?token=5ecret-token"
    url = f"{HERE}{one(cast).external_id}/console/"
    assert b"Being fetched" in client.get(url).content
    fetching.keep(wanted(cast, grant, "console"), Note(datetime.now(UTC), secret))
    assert not any(b"5ecret" in redis.dump(key) for key in redis.scan_iter())
    page = text(client, url)
    assert "Open the console" in page
    assert "5ecret" not in page
    opened = client.get(f"{url}open/")
    assert opened["Location"] == secret
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "no-store" in opened["Cache-Control"]
    again = client.get(f"{url}open/")
    assert again["Location"] == url
    assert "5ecret" not in caplog.text


def test_a_cloud_without_consoles_says_so(cast: factories.Cast, grant: UUID, client: Client) -> None:
    note = Note(datetime.now(UTC), reason="The cloud has no console that a browser opens.", detail="Unavailable type")
    fetching.keep(wanted(cast, grant, "console"), note)
    page = text(client, f"{HERE}{one(cast).external_id}/console/")
    assert "No console" in page
    assert "Unavailable type" in page
    assert "Read its log" in page


def test_what_is_fetched_is_kept_for_a_minute_at_most(cast: factories.Cast, grant: UUID, redis: Any) -> None:
    fetching.keep(wanted(cast, grant, "console"), Note(datetime.now(UTC), "x"))
    (key,) = [key for key in redis.scan_iter("vault:*") if redis.type(key) == b"string"]
    assert 0 < redis.pttl(key) <= 60_000


def test_several_are_stopped_with_one_confirmation(cast: factories.Cast, grant: UUID, client: Client) -> None:
    running, stopped = one(cast), one(cast, "worker-01")
    Server.objects.filter(pk=stopped.pk).update(status="SHUTOFF")
    ids = [running.external_id, stopped.external_id]
    picked = client.post(f"{HERE}bulk/stop/", {"ids": ids})
    page = text(client, f"{HERE}bulk/stop/{picked['Location']}")
    assert "Stop 1 server" in page
    assert "Only a running server can be stopped." in page
    shown = {"shown": running.external_id, "key": "k"}
    client.post(f"{HERE}bulk/stop/{picked['Location']}", shown)
    assert [one.params["server_id"] for one in Operation.objects.all()] == [running.external_id]


def test_a_secret_of_a_login_that_ended_is_gone(cast: factories.Cast, grant: UUID) -> None:
    name = user_data.name_of(cast.member.pk, "k", "x")
    user_data.keep(grant, name, "x")
    vault.forget_all(grant)
    assert user_data.recall(name) is None
    assert timedelta(minutes=30) >= user_data.LASTS


def test_what_a_thing_was_made_from_is_a_link_only_while_it_is_there(client: Client) -> None:
    cast = factories.cast()
    factories.log_in(client, cast.member)
    server = Server.objects.filter(tenant=cast.atlas).exclude(image_id="").first()
    volume = Volume.objects.filter(tenant=cast.atlas).first()
    assert server is not None
    assert volume is not None
    image = Image.objects.filter(tenant=cast.atlas).first()
    assert image is not None
    Server.objects.filter(pk=server.pk).update(image_id=image.external_id, image_name="Debian")
    Volume.objects.filter(pk=volume.pk).update(image_id="", snapshot_id="", source_volume_id=volume.external_id)
    pages = {
        f"/atlas@north/servers/{server.external_id}/": f'href="/atlas@north/images/{image.external_id}/"',
        f"/atlas@north/volumes/{volume.external_id}/": f'href="/atlas@north/volumes/{volume.external_id}/">another',
    }
    for page, link in pages.items():
        assert link in client.get(page).content.decode()
    image.delete()
    Volume.objects.filter(pk=volume.pk).update(source_volume_id="gone")
    for page, link in pages.items():
        said = client.get(page).content.decode()
        assert link not in said
        assert "gone/" not in said
