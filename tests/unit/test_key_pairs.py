"""Key pairs: the private key goes to its owner and nowhere else; the public one is imported once, and deleted once."""

import logging
from typing import Any
from uuid import UUID

import pytest
import requests_mock
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Role
from projects.operations import asking, claims, turn
from services.compute.key_pairs.import_key_pair import why_no_key
from services.compute.models import KeyPair
from tests import factories
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import NOVA, FakeCloud
from tests.unit.deaths import Mortal, at_each_change

pytestmark = pytest.mark.django_db

CREATE, IMPORT = "/atlas@north/key-pairs/create/", "/atlas@north/key-pairs/import/"
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7n7YpV0FvWq0nqgQ1hS0Q2f3o6e0o0Zt5mYy3h0a1b zoe@laptop"


@pytest.fixture
def grant(cast: factories.Cast, client: Client) -> UUID:
    return factories.log_in(client, cast.member)


def everything_stored(redis: Any) -> bytes:
    """All rows of all tables, and all of Redis."""
    found = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            found += repr(cursor.fetchall()).encode()
    for session in Session.objects.all():  # packed, in its table
        found += repr(session.get_decoded()).encode()
    for key in redis.scan_iter():
        found += redis.dump(key)
    return found


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


# Importing ----------------------------------------------------------------------------------------------------------


def private_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def test_a_public_key_is_imported(cast: factories.Cast, grant: UUID, client: Client) -> None:
    response = client.post(IMPORT, {"name": "desk", "public_key": f" {PUBLIC} \n", "key": "k"})
    assert response.status_code == 302, response.content.decode()
    assert Operation.objects.get().params == {"name": "desk", "public_key": PUBLIC}


def test_a_private_key_is_refused_and_not_even_shown_again(
    cast: factories.Cast, grant: UUID, client: Client, redis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = private_key()
    line = secret.splitlines()[1]
    response = client.post(IMPORT, {"name": "desk", "public_key": secret, "key": "k"})
    assert response.status_code == 422
    assert b"This is a private key. Keep it to yourself" in response.content
    assert line.encode() not in response.content
    assert line.encode() not in everything_stored(redis)
    assert line not in caplog.text


def test_what_is_no_public_key_is_refused_in_words() -> None:
    weak = generate_private_key(65537, 1024)  # noqa: S505 - to be refused
    small = weak.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    assert why_no_key(PUBLIC) == ""
    assert "private key" in why_no_key(private_key())
    assert "one line" in why_no_key(f"{PUBLIC}\n{PUBLIC}")
    assert "no public key" in why_no_key("ssh-ed25519 AAAA")
    assert "no public key" in why_no_key("hello")
    assert "1024 bits" in why_no_key(small.decode())


# In the cloud -------------------------------------------------------------------------------------------------------


class Keys(Mortal):
    """Nova's key pairs; `done` lists what was done to them."""

    def __init__(self, mock: requests_mock.Mocker) -> None:
        self.there: dict[str, str] = {}
        self.done: list[str] = []
        cloud = FakeCloud(mock)
        self.cloud = cloud
        for name in ("desk",):
            mock.get(f"{NOVA}/os-keypairs/{name}", json=self._get)
            mock.delete(f"{NOVA}/os-keypairs/{name}", text=self._delete)
        mock.post(f"{NOVA}/os-keypairs", json=self._import)
        mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=self._sent)

    def _sent(self, request: Any) -> bool:
        if request.url.startswith(NOVA):
            self._comes(request)
        return False

    def _pair(self, name: str) -> dict[str, Any]:
        pair = {"name": name, "public_key": self.there[name], "fingerprint": f"of {self.there[name][-4:]}"}
        return {"keypair": {**pair, "type": "ssh", "user_id": "user-1"}}

    def _get(self, request: Any, context: Any) -> Any:
        name = request.path.rpartition("/")[2]
        if name in self.there:
            return self._goes(self._pair(name))
        context.status_code = 404
        return self._goes({"itemNotFound": {"code": 404, "message": "Keypair not found"}})

    def _import(self, request: Any, context: Any) -> Any:
        wanted = request.json()["keypair"]
        if wanted["name"] in self.there:
            context.status_code = 409
            return self._goes({"conflictingRequest": {"code": 409, "message": "Key pair already exists."}})
        self.there[wanted["name"]] = wanted["public_key"]
        self.done.append("import")
        context.status_code = 201
        return self._goes(self._pair(wanted["name"]))

    def _delete(self, request: Any, context: Any) -> str:
        name = request.path.rpartition("/")[2]
        context.status_code = 204 if self.there.pop(name, "") else 404
        if context.status_code == 204:
            self.done.append("delete")
        return str(self._goes(""))


@pytest.fixture
def keys(requests_mock: requests_mock.Mocker) -> Keys:
    return Keys(requests_mock)


@pytest.fixture
def visit(keys: Keys) -> Visit:
    tenant = rows.make_tenant(rows.make_location(cloud=keys.cloud))
    user = rows.make_user()
    rows.make_member(user, tenant, cloud_user_id="user-1")
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


def ask(visit: Visit, verb: str, /, **params: Any) -> Operation:
    action = ACTIONS[verb]
    return asking.ask(visit, visit.user.grants.get().pk, action, action.params.model_validate(params))


def go(operation: Operation) -> Operation:
    """What workers do, without the waiting; one that dies is followed by another."""
    for _ in range(20):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        if turn.turn(operation.pk) is None:
            break
    operation.refresh_from_db()
    return operation


def taken_over(operation: Operation) -> Operation:
    """The same for a worker that comes when the claim of one that died has ended."""
    Operation.objects.filter(pk=operation.pk).update(claimed_at=timezone.now() - claims.LEASE * 2)
    return Operation.objects.get(pk=operation.pk)


def test_it_is_imported_once_wherever_the_worker_dies(keys: Keys, visit: Visit) -> None:
    operation = ask(visit, "import-key-pair", name="desk", public_key=PUBLIC)

    def judge(operation: Operation) -> None:
        assert operation.state == Operation.State.DONE, operation.reason
        assert keys.done == ["import"]
        assert KeyPair.objects.get(name="desk").user_id == "user-1"

    with at_each_change(keys, lambda: judge(go(taken_over(operation)))) as deaths:
        go(operation)
    judge(operation)
    assert len(deaths) >= 2


def test_it_is_deleted_once_wherever_the_worker_dies(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = PUBLIC
    operation = ask(visit, "delete-key-pair", name="desk")

    def judge(operation: Operation) -> None:
        assert operation.state == Operation.State.DONE, operation.reason
        assert keys.done == ["delete"]
        assert not KeyPair.objects.filter(name="desk").exists()

    with at_each_change(keys, lambda: judge(go(taken_over(operation)))) as deaths:
        go(operation)
    judge(operation)
    assert len(deaths) >= 2


def test_another_key_of_the_name_is_not_taken_for_ours(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = "ssh-ed25519 ANOTHER"
    operation = go(ask(visit, "import-key-pair", name="desk", public_key=PUBLIC))
    assert (operation.state, operation.code) == (Operation.State.FAILED, "taken")
    assert keys.done == []


def test_the_comment_makes_no_other_key(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = f"{PUBLIC.rsplit(' ', 1)[0]} zoe@elsewhere"
    assert go(ask(visit, "import-key-pair", name="desk", public_key=PUBLIC)).state == Operation.State.DONE


def test_one_that_was_made_since_under_the_name_is_not_deleted(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = "ssh-ed25519 NEWER"
    operation = go(ask(visit, "delete-key-pair", name="desk", fingerprint="of OLDR"))
    assert operation.state == Operation.State.DONE
    assert "is kept" in operation.note
    assert keys.done == []


def test_deleting_says_what_stays_and_only_the_owner_can(cast: factories.Cast, grant: UUID, client: Client) -> None:
    pair = factories.key_pair(cast.atlas, "admin", "ops")
    url = "/atlas@north/key-pairs/ops/delete/"
    assert client.get(url).status_code == 404
    assert client.post(url, {"key": "k"}).status_code == 404
    mine = "/atlas@north/key-pairs/member-laptop/delete/"
    page = client.get(mine).content.decode()
    assert "servers here were made with it" in page
    assert client.post(mine, {"key": "k"}).status_code == 302
    operation = Operation.objects.get()
    assert operation.params["name"] == "member-laptop"
    assert operation.params["fingerprint"]
    assert KeyPair.objects.filter(pk=pair.pk).exists()
