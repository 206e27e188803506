"""The page that creates servers: how it begins, what it follows, what it refuses, and what it never keeps."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from projects.actions import private_text as user_data
from projects.models import Operation
from services.images.models import Image
from tests import factories
from tests.unit.server_pages import HERE, NBSP, one, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(cast: factories.Cast) -> Image:
    row = Image.objects.filter(tenant=cast.atlas, name="Debian 13").get()
    row.min_disk_gb, row.min_ram_mb, row.size_bytes, row.os_distro, row.status = 8, 0, 2**30, "debian", "active"
    row.save()
    return row


def body(flavors: dict[str, str], image: Image, **changes: Any) -> dict[str, Any]:
    """Return the form of a new server, filled in."""
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


def test_the_form_begins_with_what_most_people_want(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    factories.key_pair(cast.atlas, "member", "a-laptop")
    page = text(client, f"{HERE}create/")
    assert f'value="{factories.ident("atlas@north/network/backup-net")}" checked' not in page  # few servers stand there
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
    assert "--user-data=user-data.txt" in page


def test_without_a_name_the_command_is_there_and_the_button_says_what_is_missing(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str], image: Image
) -> None:
    response = client.post(f"{HERE}create/", body(flavors, image, name=""))
    page = response.content.decode()
    assert "Still needed: Name" in page
    assert "--flavor=m1.small" in page


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
