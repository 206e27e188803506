"""The page that makes a key pair: the private key goes to its owner once, and nowhere else."""

import logging
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)
from django.test import Client

from projects.models import Operation
from tests import factories
from tests.unit.key_pairs_cast import everything_stored

pytestmark = pytest.mark.django_db

CREATE = "/atlas@north/key-pairs/create/"


# Creating -----------------------------------------------------------------------------------------------------------


def test_the_private_key_goes_to_the_browser_once_and_nowhere_else(
    cast: factories.Cast, grant: UUID, client: Client, redis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    response = client.post(f"{CREATE}?key=k1", {"name": "zoe laptop", "key": "k1"})
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="zoe-laptop.pem"'
    assert "no-store" in response["Cache-Control"]
    private = load_ssh_private_key(response.content, None)
    assert isinstance(private, Ed25519PrivateKey)

    operation = Operation.objects.get()
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert operation.params == {"name": "zoe laptop", "public_key": f"{public} zoe laptop"}

    lines = response.content.decode().splitlines()
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    secrets = [*(line.encode() for line in lines), raw, raw.hex().encode()]
    stored, logged = everything_stored(redis), caplog.text.encode()
    assert lines
    for secret in secrets:
        assert secret not in stored
        assert secret not in logged
    assert b"PRIVATE KEY" not in client.get(f"{CREATE}?key=k1").content


def test_a_second_click_makes_no_second_pair_and_says_where_the_first_key_is(
    cast: factories.Cast, grant: UUID, client: Client
) -> None:
    client.post(f"{CREATE}?key=k1", {"name": "laptop-2"})
    again = client.post(f"{CREATE}?key=k1", {"name": "laptop-2"})
    assert again.status_code == 422
    assert b"went with the first answer" in again.content
    assert b"PRIVATE" not in again.content
    assert Operation.objects.count() == 1


def test_the_page_goes_on_by_itself_when_the_file_was_made(cast: factories.Cast, grant: UUID, client: Client) -> None:
    assert client.get(CREATE)["Location"].startswith("?key=")
    url = f"{CREATE}?key=k1&next=/atlas@north/servers/create/?draft=form-1"
    first = client.get(url)
    assert b"Create and download" in first.content
    version = {"X-Meshdeck-Version": first["X-Meshdeck-Version"]}
    assert client.get(url, headers=version).status_code == 204
    client.post(url, {"name": "fresh"})
    page = client.get(url, headers=version).content.decode()
    operation = Operation.objects.get()
    assert "chmod 600 ~/Downloads/fresh.pem" in page
    assert "ssh -i ~/Downloads/fresh.pem" in page
    assert f'href="/atlas@north/servers/create/?draft=form-1&amp;op={operation.pk}"' in page


def test_it_leads_nowhere_but_to_our_own_pages(cast: factories.Cast, grant: UUID, client: Client) -> None:
    client.post(f"{CREATE}?key=k1", {"name": "fresh"})
    page = client.get(f"{CREATE}?key=k1&next=https://thief.test/").content.decode()
    assert "thief.test/?op" not in page
    assert "/servers/create/?key_name=fresh" in page


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is required"),
        ("member-laptop", "You have a key pair called member-laptop here already."),
        ("zoë", "It has: ë"),
        ("../etc", "It has: ./"),
    ],
)
def test_a_name_that_the_cloud_would_not_take_is_refused(
    cast: factories.Cast, grant: UUID, client: Client, name: str, words: str
) -> None:
    response = client.post(f"{CREATE}?key=k1", {"name": name})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Operation.objects.exists()


def test_another_persons_name_is_no_taken_name(cast: factories.Cast, grant: UUID, client: Client) -> None:
    factories.key_pair(cast.atlas, "admin", "ops")
    assert client.post(f"{CREATE}?key=k1", {"name": "ops"}).status_code == 200


# In the cloud -------------------------------------------------------------------------------------------------------
