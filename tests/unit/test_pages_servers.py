"""The pages of servers as people see them: what they offer, what they refuse and why, what they ask for."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from portal.identity import vault
from projects.actions import user_data
from projects.fetching import asking as fetching
from projects.fetching.asking import Note, Wanted
from projects.models import Flavor, Image, Network, Operation, Server, Volume
from tests import factories

pytestmark = pytest.mark.django_db

HERE = "/atlas@north/servers/"
NBSP = "\xa0"


@pytest.fixture
def cast() -> factories.Cast:
    return factories.cast()


@pytest.fixture
def grant(cast: factories.Cast, client: Client) -> UUID:
    return factories.log_in(client, cast.member)


def text(client: Client, url: str, **kwargs: Any) -> str:
    """A page that is there."""
    response = client.get(url, **kwargs)
    assert response.status_code == 200, response.status_code
    return str(response.content.decode().replace(NBSP, " "))


def one(cast: factories.Cast, name: str = "web-01") -> Server:
    return Server.objects.get(tenant=cast.atlas, name=name)


@pytest.fixture
def flavors(cast: factories.Cast) -> dict[str, str]:
    """What the cloud offers; by name."""
    Flavor.objects.filter(tenant=cast.atlas).delete()
    for name, (vcpus, ram, disk) in {
        **factories.FLAVORS,
        "v1.diskless": (1, 2048, 0),
        "x1.huge": (99, 4096, 80),
    }.items():
        ident = factories.ident(f"flavor/{name}")
        Flavor.objects.create(
            **factories.seen(timezone.now(), cast.atlas, ident, name), vcpus=vcpus, ram_mb=ram, disk_gb=disk
        )
    return {flavor.name: flavor.external_id for flavor in Flavor.objects.filter(tenant=cast.atlas)}


@pytest.fixture
def image(cast: factories.Cast) -> Image:
    row = Image.objects.filter(tenant=cast.atlas, name="Debian 13").get()
    row.min_disk_gb, row.min_ram_mb, row.size_bytes, row.os_distro, row.status = 8, 0, 2**30, "debian", "active"
    row.save()
    return row


def body(flavors: dict[str, str], image: Image, **changes: Any) -> dict[str, Any]:
    """The form of a new server, filled in."""
    network = factories.ident("atlas@north/network/app-net")
    wanted = {
        "name": "api-01",
        "count": "1",
        "boot": "image",
        "image_id": image.external_id,
        "flavor_id": flavors["m1.small"],
        "network_ids": [network],
        "key": "form-1",
    }
    return {key: value for key, value in {**wanted, **changes}.items() if value is not None}


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
    assert f"/do/stop-server/?server_id={server.external_id}&amp;next=%2Fatlas%40north%2Fservers%2F" in row
    assert f'href="/atlas@north/servers/{server.external_id}/delete/"' in row
    assert "ROW-" not in page


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
    """The messages that workers would get, with what they carry."""
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


# Creating -----------------------------------------------------------------------------------------------------------


def test_the_form_begins_with_what_most_people_want(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    factories.key_pair(cast.atlas, "member", "a-laptop")
    Network.objects.filter(tenant=cast.atlas, name="backup-net").delete()
    page = text(client, f"{HERE}create/")
    assert f'value="{flavors["m1.small"]}" checked' in page  # the smallest in which the image has room
    assert f'value="{factories.ident("atlas@north/network/app-net")}" checked' in page
    assert f'value="{factories.ident("atlas@north/group/default")}" checked' in page
    assert '<optgroup label="Debian">' in page
    assert 'value="a-laptop" selected' in page
    assert "public" not in page.split('id="networks"')[1].split("</fieldset>")[0]


def test_a_flavor_says_what_it_takes_and_what_is_left_then(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    factories.limits(cast.atlas, vcpus=(28, 40), ram_mb=(56 * 1024, 100 * 1024))
    page = text(client, f"{HERE}create/")
    large = page.split(f'value="{flavors["m1.large"]}"')[1].split("</label>")[0]
    assert "16&nbsp;%" in large  # of memory; of vCPUs it would be 10
    assert "8 vCPU, 28 GB" in large
    tiny = page.split(f'value="{flavors["m1.tiny"]}"')[1].split("</label>")[0]
    assert "Debian 13 needs a disk of 8 GB, m1.tiny has 5 GB." in tiny
    assert "disabled" in tiny
    huge = page.split(f'value="{flavors["x1.huge"]}"')[1].split("</label>")[0]
    assert "−87 vCPU" in huge


def test_it_asks_for_a_server(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    response = client.post(f"{HERE}create/", body(flavors, image, key_name="member-laptop"))
    operation = Operation.objects.get()
    assert response["Location"] == f"{HERE}?op={operation.pk}"
    assert operation.action == "create-server"
    assert operation.params["name"] == "api-01"
    assert operation.params["key_name"] == "member-laptop"
    assert operation.params["volume_gb"] == 0
    # A second click finds the same.
    client.post(f"{HERE}create/", body(flavors, image, key_name="member-laptop"))
    assert Operation.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "names"), [("web", ["web-01", "web-02", "web-03"]), ("web-09", ["web-09", "web-10", "web-11"])]
)
def test_several_are_one_operation_each(
    cast: factories.Cast,
    grant: UUID,
    client: Client,
    flavors: dict[str, str],
    image: Image,
    name: str,
    names: list[str],
) -> None:
    factories.limits(cast.atlas, vcpus=(10, 40), servers=(14, 20))
    assert client.post(f"{HERE}create/", body(flavors, image, name=name, count="3")).status_code == 302
    assert sorted(one.params["name"] for one in Operation.objects.all()) == names
    client.post(f"{HERE}create/", body(flavors, image, name=name, count="3"))
    assert Operation.objects.count() == 3


def test_more_than_fit_are_refused_with_how_many_do_and_none_is_begun(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    factories.limits(cast.atlas, vcpus=(38, 40), servers=(14, 20))
    response = client.post(f"{HERE}create/", body(flavors, image, count="5"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "atlas has 2 of 40 left in north" in page.replace(NBSP, " ")
    assert 'data-fill="count" data-value="2"' in page
    assert not Operation.objects.exists()


def test_when_one_of_several_can_not_be_asked_for_none_is(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    factories.limits(cast.atlas, vcpus=(10, 40), servers=(10, 20))
    now = timezone.now()
    who = {"tenant": cast.atlas, "user": cast.member, "grant": grant, "key": "form-1/2"}
    Operation.objects.create(**who, action="stop-server", asked_at=now, next_at=now, sent_at=now)
    response = client.post(f"{HERE}create/", body(flavors, image, name="web", count="3"))
    assert response.status_code == 422
    assert b"sent before with other values" in response.content
    assert Operation.objects.count() == 1


def test_too_many_at_once_are_refused(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    response = client.post(f"{HERE}create/", body(flavors, image, count="21"))
    assert b"At most 20." in response.content


@pytest.mark.parametrize(
    ("boot", "fields", "params"),
    [
        ("image", {"volume_gb": "30", "volume_id": "volume"}, {"volume_gb": 0, "volume_id": ""}),
        ("new", {"volume_gb": "30", "keep_volume": "on"}, {"volume_gb": 30, "keep_volume": True}),
        ("new", {"volume_gb": "30"}, {"volume_gb": 30, "keep_volume": False}),
        ("volume", {"volume_id": "volume", "keep_volume": "on"}, {"image_id": "", "volume_gb": 0}),
    ],
)
def test_what_belongs_to_another_way_to_boot_is_left_out(
    cast: factories.Cast,
    grant: UUID,
    client: Client,
    flavors: dict[str, str],
    image: Image,
    boot: str,
    fields: dict[str, str],
    params: dict[str, Any],
) -> None:
    volume = factories.volume(cast.atlas, "boot-me", 20, bootable=True)
    fields = {key: volume.external_id if value == "volume" else value for key, value in fields.items()}
    response = client.post(f"{HERE}create/", body(flavors, image, boot=boot, **fields))
    assert response.status_code == 302, response.content.decode()
    operation = Operation.objects.get()
    assert {key: operation.params[key] for key in params} == params
    if boot == "volume":
        assert operation.params["volume_id"] == volume.external_id


def test_user_data_is_in_the_vault_and_nowhere_else(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image, redis: Any
) -> None:
    secret = "#cloud-config\r\npassword: hunter2\r\n"
    client.post(f"{HERE}create/", body(flavors, image, count="2", user_data=secret))
    operations = Operation.objects.order_by("params__name")
    assert len(operations) == 2
    assert "hunter2" not in str(list(operations.values()))
    kept = {operation.params["user_data"] for operation in operations}
    assert len(kept) == 2
    assert {user_data.recall(name) for name in kept} == {b"#cloud-config\npassword: hunter2\n"}
    assert not any(b"hunter2" in redis.dump(key) for key in redis.scan_iter())
    assert "hunter2" not in str(client.session.items())


def test_user_data_that_is_too_long_is_refused(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    response = client.post(f"{HERE}create/", body(flavors, image, user_data="ä" * 30_000))
    assert "It has 60,000 bytes, and the cloud takes 49,149 at most." in response.content.decode()


def test_a_preview_keeps_nothing_and_asks_for_nothing(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image, redis: Any
) -> None:
    sent = body(flavors, image, name="web", count="2", user_data="#!/bin/sh\nhunter2")
    response = client.post(f"{HERE}create/", sent, headers={"X-Meshdeck-Preview": "1"})
    page = response.content.decode().replace(NBSP, " ")
    assert response.status_code == 200
    assert not Operation.objects.exists()
    assert not list(redis.scan_iter("vault:*"))
    assert "web-01 to web-02, one operation each." in page
    assert '<span class="dim">+ 2</span>' in page  # servers
    assert page.count("server create") >= 2
    assert "--user-data user-data.txt" in page


def test_without_a_name_the_command_is_there_and_the_button_says_what_is_missing(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    response = client.post(f"{HERE}create/", body(flavors, image, name=""))
    page = response.content.decode()
    assert "Still needed: Name" in page
    assert "--flavor m1.small" in page


def test_what_is_missing_is_made_on_the_way_and_nothing_typed_is_lost(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image, redis: Any
) -> None:
    sent = body(flavors, image, name="api", count="2", make="key-pair", user_data="echo hunter2", keep_volume=None)
    response = client.post(f"{HERE}create/", sent)
    back = f"{HERE}create/?draft=form-1"
    assert response["Location"].startswith("/atlas@north/key-pairs/create/?next=")
    assert "hunter2" not in str(client.session.items())
    assert not any(b"hunter2" in redis.dump(key) for key in redis.scan_iter())
    page = text(client, back)
    assert 'value="api"' in page
    assert 'name="key" value="form-1"' in page
    assert "echo hunter2" in page
    assert f'value="{flavors["m1.small"]}" checked' in page
    assert not Operation.objects.exists()


def test_a_key_pair_that_was_made_on_the_way_is_chosen(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    client.post(f"{HERE}create/", body(flavors, image, make="import-key-pair"))
    now = timezone.now()
    operation = Operation.objects.create(
        tenant=cast.atlas,
        user=cast.member,
        grant=grant,
        action="import-key-pair",
        params={"name": "fresh", "public_key": "ssh-ed25519 AAAA"},
        asked_at=now,
        next_at=now,
        sent_at=now,
    )
    page = text(client, f"{HERE}create/?draft=form-1&op={operation.pk}")
    assert 'value="fresh" selected' in page


@pytest.mark.parametrize("thief", ["https://thief.test/", "//thief.test/", "/\\thief.test/", "javascript:alert(1)"])
def test_a_form_leads_back_to_our_own_pages_only(cast: factories.Cast, grant: UUID, client: Client, thief: str) -> None:
    url = f"{HERE}{one(cast).external_id}/rename/"
    page = text(client, url, query_params={"next": thief})
    assert f'href="{HERE}{one(cast).external_id}/"' in page
    response = client.post(url, {"name": "db-01", "key": "k"}, query_params={"next": thief})
    assert response["Location"].startswith(f"{HERE}{one(cast).external_id}/?op=")
    back = client.post(url, {"name": "db-02", "key": "k2"}, query_params={"next": "/atlas@north/?x=1"})
    assert back["Location"].startswith("/atlas@north/?x=1&op=")


def test_a_draft_of_another_person_is_not_there(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    client.post(f"{HERE}create/", body(flavors, image, name="mine", make="network"))
    other = Client()
    factories.log_in(other, cast.admin)
    assert 'value="mine"' not in text(other, f"{HERE}create/?draft=form-1")


def test_one_is_built_again_with_the_same_values(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    server = one(cast)
    page = text(client, f"{HERE}create/?like={server.external_id}")
    assert 'name="name" value="web-01"' in page
    assert f'value="{flavors[server.flavor_name]}" checked' in page
    assert f'value="{factories.ident("atlas@north/network/app-net")}" checked' in page


def test_another_persons_key_pair_is_not_offered(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    factories.key_pair(cast.atlas, "admin", "admins-own")
    assert "admins-own" not in text(client, f"{HERE}create/")
    response = client.post(f"{HERE}create/", body(flavors, image, key_name="admins-own"))
    assert response.status_code == 422


# Other forms --------------------------------------------------------------------------------------------------------


def test_a_rename_that_somebody_else_was_faster_with_is_told(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    url = f"{HERE}{server.external_id}/rename/"
    Server.objects.filter(pk=server.pk).update(name="cache-01")
    response = client.post(url, {"name": "db-01", "was_name": "web-01", "key": "k"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "it is called “cache-01” now" in page
    assert 'data-fill="was_name" data-value="cache-01"' in page
    assert client.post(url, {"name": "db-01", "was_name": "cache-01", "key": "k"}).status_code == 302
    assert Operation.objects.get().params["name"] == "db-01"


def test_a_resize_blocks_what_does_not_fit(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str]
) -> None:
    page = text(client, f"{HERE}{one(cast).external_id}/resize/")
    assert "It has this one now." in page
    assert "A disk can&#x27;t shrink." in page
    response = client.post(f"{HERE}{one(cast).external_id}/resize/", {"flavor_id": flavors["m1.large"], "key": "k"})
    assert response["Location"].startswith(f"{HERE}{one(cast).external_id}/?op=")


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
    lost, kept = page.split("This is kept")
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


def test_a_form_that_makes_no_sense_now_says_so_at_once(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    Server.objects.filter(pk=server.pk).update(locked=True)
    response = client.get(f"{HERE}{server.external_id}/resize/")
    assert response.status_code == 422
    assert b"It is locked. Unlock it first." in response.content


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
