"""Import a key pair: what is refused, one effect and no undo, and its page; of a private key nothing is shown."""

import logging
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from services.compute.key_pairs.import_key_pair import why_no_key
from services.compute.models import KeyPair
from tests import factories
from tests.unit.deaths import at_each_change
from tests.unit.key_pairs_cast import PUBLIC, Keys, ask, everything_stored, go, taken_over

pytestmark = pytest.mark.django_db


IMPORT = "/atlas@north/key-pairs/import/"


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


def test_another_key_of_the_name_is_not_taken_for_ours(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = "ssh-ed25519 ANOTHER"
    operation = go(ask(visit, "import-key-pair", name="desk", public_key=PUBLIC))
    assert (operation.state, operation.code) == (Operation.State.FAILED, "taken")
    assert keys.done == []


def test_the_comment_makes_no_other_key(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = f"{PUBLIC.rsplit(' ', 1)[0]} zoe@elsewhere"
    assert go(ask(visit, "import-key-pair", name="desk", public_key=PUBLIC)).state == Operation.State.DONE


def test_there_is_no_undo(keys: Keys, visit: Visit) -> None:
    operation = go(ask(visit, "import-key-pair", name="desk", public_key=PUBLIC))
    assert operation.state == Operation.State.DONE, operation.reason
    action = ACTIONS[operation.action]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None
