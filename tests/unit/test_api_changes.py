"""Asking for changes by the API: once for each key, refused in words, tried without doing anything."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.identity.models import Grant
from projects.actions import ACTIONS
from projects.actions import private_text as user_data
from projects.models import Limit, Operation, Role, Tenant
from services.block_storage.models import Volume
from services.openstack.words import Measure
from tests import factories
from tests.operations_factory import State, attaching, operation
from tests.unit.api_calls import ATLAS, PROBLEM, ROOT, get, post, problem

pytestmark = pytest.mark.django_db

CREATE = f"{ATLAS}/actions/create-volume"
VOLUME = {"name": "data", "size_gb": 10}


@pytest.fixture
def member(cast: factories.Cast, client: Client) -> Client:
    factories.log_in(client, cast.member)
    return client


def test_a_change_is_an_operation_to_poll(cast: factories.Cast, member: Client) -> None:
    response = post(member, CREATE, VOLUME)
    said = response.json()
    assert response.status_code == 202
    assert response["Location"] == f"{ATLAS}/operations/{said['id']}"
    assert (said["state"], said["title"], said["via"], said["asked_by"]) == (
        "queued",
        "Create volume data",
        "api",
        "member",
    )
    assert get(member, response["Location"]).json() == said
    assert get(member, ATLAS).json()["running"] == 1


def test_the_same_key_is_the_same_operation(member: Client) -> None:
    first, again = post(member, CREATE, VOLUME, key="one"), post(member, CREATE, VOLUME, key="one")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert first["Location"] == again["Location"]
    assert Operation.objects.count() == 1
    post(member, CREATE, VOLUME, key="two")
    post(member, CREATE, VOLUME)
    post(member, CREATE, VOLUME)
    assert Operation.objects.count() == 4


def test_the_same_key_with_something_else_is_refused(cast: factories.Cast, member: Client) -> None:
    post(member, CREATE, VOLUME, key="one")
    for path, body in (
        (CREATE, VOLUME | {"size_gb": 11}),
        (CREATE.replace("north", "south"), VOLUME),
        (f"{ATLAS}/actions/create-security-group", {"name": "data"}),
    ):
        said = problem(post(member, path, body, key="one"), 422, "key_reused")
        assert said["errors"][0]["field"] == "Idempotency-Key"
    assert Operation.objects.count() == 1


def test_another_persons_key_is_no_key_of_mine(cast: factories.Cast, member: Client) -> None:
    mine = post(member, CREATE, VOLUME, key="one").json()["id"]
    cast.reader.memberships.update(role=Role.MEMBER)
    other = Client()
    factories.log_in(other, cast.reader)
    assert post(other, CREATE, VOLUME, key="one").json()["id"] != mine


def test_a_key_has_at_most_100_characters(member: Client) -> None:
    assert post(member, CREATE, VOLUME, key="k" * 100).status_code == 202
    said = problem(post(member, CREATE, VOLUME, key="k" * 101), 422, "invalid")
    assert said["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_are_one_operation() -> None:
    cast = factories.cast()
    client = Client()
    factories.log_in(client, cast.member)
    both, answers = threading.Barrier(4), []

    def call() -> None:
        mine = Client()
        mine.cookies = client.cookies
        both.wait()
        answers.append(post(mine, CREATE, VOLUME, key="at once"))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [202] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Operation.objects.count() == 1


def test_what_can_not_be_is_refused_beside_its_field_with_ways_on(cast: factories.Cast, member: Client) -> None:
    Limit.objects.filter(tenant=cast.atlas, measure=Measure.VOLUME_GB).update(used=640, allowed=1000)
    said = problem(post(member, CREATE, {"name": "data", "size_gb": 500}), 422, "refused")
    (fault,) = said["errors"]
    assert fault["field"] == "size_gb"
    assert "360 of 1,000 GB" in fault["reason"]
    assert {"label": "Use 360 GB", "value": "360", "url": "", "field": "size_gb"} in fault["ways"]
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "data"}, "size_gb"),
        ({"name": "data", "size_gb": 0}, "size_gb"),
        ({"name": "data", "size_gb": "ten"}, "size_gb"),
        ({"name": "data", "size_gb": 1.5}, "size_gb"),
        ({"name": "data", "size_gb": 10**30}, "size_gb"),
        ({"name": "", "size_gb": 1}, "name"),
        ({"name": "x" * 256, "size_gb": 1}, "name"),
        ({"name": ["data"], "size_gb": 1}, "name"),
        ({"name": "data", "size_gb": 1, "tenant": "borealis"}, "tenant"),
        ([], ""),
        ("null", ""),
        ("3", ""),
    ],
)
def test_what_is_not_as_it_has_to_be_is_told_by_field(member: Client, body: Any, field: str) -> None:
    said = problem(post(member, CREATE, body), 422, "invalid")
    assert field in [one["field"] for one in said["errors"]]
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"name": "\\ud800", "size_gb": 1}',
        b'{"name": "\\u0000", "size_gb": 1}',
        b'{"\\u0000": 1}',
        b'{"name": "data", "size_gb": NaN}',
        b"[" * 100_000,
        b'{"size_gb": ' + b"9" * 5000 + b"}",
        b"<xml/>",
        b"name=data&size_gb=1",
    ],
    ids=["cut", "no UTF-8", "half a pair", "NUL", "NUL key", "NaN", "deep", "long number", "XML", "form"],
)
def test_what_is_no_json_is_400(member: Client, body: bytes) -> None:
    response = post(member, CREATE, body)
    assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)
    assert not Operation.objects.exists()


def test_a_body_of_megabytes_is_413(member: Client) -> None:
    problem(post(member, CREATE, {"name": "x" * 3_000_000, "size_gb": 1}), 413, "request_entity_too_large")


@pytest.mark.parametrize(
    "hostile",
    ["' OR 1=1 --", "%", "_", "../..", "<script>", "{{7*7}}", "\\", "'\"", "💥", "a\tb", "x" * 200, "%00", "\u202e"],
)
def test_hostile_words_find_nothing_and_break_nothing(member: Client, hostile: str) -> None:
    for path in ("servers", "operations"):
        said = member.get(f"{ATLAS}/{path}", {"q": hostile})
        assert said.status_code == 200
        assert said.json()["total"] == 0 or hostile in ("%", "_", "\\")
    assert member.get(f"{ROOT}/search", {"q": hostile}).status_code == 200
    assert member.get(f"{ATLAS}/servers", {"name": hostile}).json()["total"] == 0
    for action in ("attach-volume", "delete-volume"):
        body = {"volume_id": hostile} | ({"server_id": hostile} if action == "attach-volume" else {})
        problem(post(member, f"{ATLAS}/actions/{action}", body), 422, "refused")
    problem(member.get(f"{ATLAS}/servers", {"q": "\x00"}), 400, "bad_request")


@pytest.mark.parametrize("text", ["nowhere", "", "' --", "💥" * 50], ids=["unknown", "empty", "quote", "long"])
def test_every_action_refuses_what_is_not_there(member: Client, text: str) -> None:
    """None of them fails on what it does not find, and none asks a cloud."""
    for name, action in ACTIONS.items():
        if not action.in_api:
            problem(post(member, f"{ATLAS}/actions/{name}", {}), 404, "not_found")
            continue
        schema = action.params.model_json_schema()
        body = {field: _example(schema, shape, text) for field, shape in schema["properties"].items()}
        for path in (f"{ATLAS}/actions/{name}/preview", f"{ATLAS}/actions/{name}"):
            response = post(member, path, body)
            assert response.status_code in (200, 202, 422), (name, response.content)


def _example(schema: dict[str, Any], shape: dict[str, Any], text: str) -> Any:
    """Return a value of the shape that a JSON schema asks for, with the text wherever one may be."""
    if "$ref" in shape:
        return _example(schema, schema["$defs"][shape["$ref"].rpartition("/")[2]], text)
    if "anyOf" in shape:
        return _example(schema, shape["anyOf"][0], text)
    if "enum" in shape:
        return shape["enum"][0]
    if "const" in shape:
        return shape["const"]
    match shape.get("type"):
        case "integer":
            return max(1, int(shape.get("minimum", 1)))
        case "boolean":
            return True
        case "array":
            return [_example(schema, shape["items"], text)]
        case "object":
            return {name: _example(schema, inner, text) for name, inner in shape.get("properties", {}).items()}
    return text


# Dry runs -----------------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_all_and_makes_nothing(cast: factories.Cast, member: Client) -> None:
    version = Tenant.objects.get(pk=cast.atlas.pk).version
    said = post(member, f"{CREATE}/preview", VOLUME, key="one").json()
    assert said["title"] == "Create volume data"
    assert said["steps"] == ["Create the volume", "See it ready"]
    assert said["refusals"] == []
    costs = {one["measure"]: one for one in said["costs"]}
    assert costs["volume_gb"] == {"measure": "volume_gb", "costs": 10, "used": 640, "allowed": 1000}
    assert "volume create --size=10" in said["command"]
    assert 'resource "openstack_blockstorage_volume_v3"' in said["terraform"]
    assert not Operation.objects.exists()
    assert Tenant.objects.get(pk=cast.atlas.pk).version == version
    assert post(member, CREATE, VOLUME | {"size_gb": 1}, key="one").status_code == 202  # the key is still free


def test_a_dry_run_tells_what_it_would_be_refused_for(member: Client) -> None:
    said = post(member, f"{CREATE}/preview", {"name": "data", "size_gb": 500_000, "server_id": "nowhere"})
    assert said.status_code == 200
    assert {one["field"] for one in said.json()["refusals"]} == {"size_gb", "server_id"}
    assert not Operation.objects.exists()


def test_a_dry_run_tells_that_it_is_not_this_persons(member: Client) -> None:
    wanted = {"external_id": "somebody-elses"}
    said = post(member, f"{ATLAS}/actions/revoke-service-user/preview", wanted)
    problem(post(member, f"{ATLAS}/actions/revoke-service-user", wanted), 422, "refused")
    assert said.status_code == 200
    assert said.json()["refusals"]
    assert not Operation.objects.exists()


def test_what_is_ones_own_is_tried_again_by_nobody_else(cast: factories.Cast, member: Client) -> None:
    wanted = {"name": "laptop", "fingerprint": "aa:bb"}
    failed = operation(cast.atlas, cast.admin, "delete-key-pair", wanted, state=State.FAILED)
    own = operation(cast.atlas, cast.member, "delete-key-pair", wanted, state=State.FAILED)
    rows = {row["id"]: row for row in get(member, f"{ATLAS}/operations").json()["items"]}
    assert (rows[failed.pk]["may_retry"], rows[own.pk]["may_retry"]) == (False, True)
    assert not get(member, f"{ATLAS}/operations/{failed.pk}").json()["may_retry"]
    assert post(member, f"{ATLAS}/operations/{failed.pk}/retry").status_code == 403
    assert not failed.retries.exists()


# Stopping, trying again, taking back --------------------------------------------------------------------------------


def test_it_is_stopped_before_anybody_began(cast: factories.Cast, member: Client) -> None:
    where = post(member, CREATE, VOLUME)["Location"]
    said = post(member, f"{where}/cancel")
    assert (said.status_code, said.json()["state"], said.json()["cancelled_by"]) == (202, "cancelled", "member")
    assert post(member, f"{where}/cancel").json()["state"] == "cancelled"


def test_what_must_not_stop_half_way_is_not_stopped(cast: factories.Cast, member: Client) -> None:
    running = operation(cast.atlas, cast.member, "revoke-service-user", {"external_id": "one"}, state=State.RUNNING)
    problem(post(member, f"{ATLAS}/operations/{running.pk}/cancel"), 422, "refused")
    running.refresh_from_db()
    assert running.cancel_at is None


def test_what_has_failed_is_tried_again_once(cast: factories.Cast, member: Client) -> None:
    failed = operation(cast.atlas, cast.admin, "create-volume", VOLUME, state=State.FAILED)
    assert get(member, f"{ATLAS}/operations/{failed.pk}").json()["may_retry"]
    first = post(member, f"{ATLAS}/operations/{failed.pk}/retry")
    assert (first.status_code, first.json()["retry_of"], first.json()["asked_by"]) == (202, failed.pk, "member")
    assert first["Location"].endswith(first.json()["id"])
    assert post(member, f"{ATLAS}/operations/{failed.pk}/retry").json()["id"] == first.json()["id"]
    assert not get(member, f"{ATLAS}/operations/{failed.pk}").json()["may_retry"]
    problem(post(member, f"{first['Location']}/retry"), 422, "refused")


def test_what_is_handed_to_a_browser_is_not_tried_again_here(cast: factories.Cast, member: Client) -> None:
    params = {"name": "ci-deploy", "expires_at": "2031-01-01T00:00:00Z"}
    failed = operation(cast.atlas, cast.member, "create-service-user", params, state=State.FAILED)
    assert not get(member, f"{ATLAS}/operations/{failed.pk}").json()["may_retry"]
    problem(post(member, f"{ATLAS}/operations/{failed.pk}/retry"), 422, "refused")
    assert not failed.retries.exists()


def test_what_is_done_is_taken_back_once(cast: factories.Cast, member: Client) -> None:
    done = operation(cast.atlas, cast.admin, "attach-volume", attaching(cast.atlas, "logs-01", "web-02"))
    first = post(member, f"{ATLAS}/operations/{done.pk}/undo")
    assert (first.status_code, first.json()["undo_of"], first.json()["action"]) == (202, done.pk, "detach-volume")
    assert post(member, f"{ATLAS}/operations/{done.pk}/undo").json()["id"] == first.json()["id"]
    assert Operation.objects.filter(undo_of=done).count() == 1


# What is nobody's business ------------------------------------------------------------------------------------------

SECRET = "#!/bin/sh\necho correct-horse-battery\n"


@pytest.fixture
def server(cast: factories.Cast) -> dict[str, Any]:
    """Return the body that makes a server in the cast's tenant."""
    image = cast.atlas.images.filter(status="active").first()
    network = cast.atlas.networks.filter(owned=True).first()
    cast.atlas.limits.filter(measure__in=("vcpus", "ram_mb", "servers")).update(used=0, allowed=10**6)
    return {
        "name": "web-09",
        "flavor_id": "m1.small",
        "image_id": image.external_id,
        "network_ids": [network.external_id],
        "user_data": SECRET,
    }


def test_user_data_goes_to_the_vault_and_comes_back_to_nobody(
    cast: factories.Cast, member: Client, server: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    response = post(member, f"{ATLAS}/actions/create-server", server, key="one")
    assert response.status_code == 202, response.content
    made = Operation.objects.get()
    assert user_data.recall(made.params["user_data"]) == SECRET.encode()
    told = response.content.decode() + get(member, response["Location"]).content.decode()
    told += post(member, f"{ATLAS}/actions/create-server/preview", server).content.decode()
    told += str(Operation.objects.values().get()) + "".join(capfd.readouterr())
    assert "correct-horse" not in told
    assert made.params["user_data"] not in response.content.decode()
    assert post(member, f"{ATLAS}/actions/create-server", server, key="one").json()["id"] == made.pk


def test_two_servers_with_the_same_user_data_do_not_share_it(
    cast: factories.Cast, member: Client, server: dict[str, Any]
) -> None:
    for _ in range(2):
        assert post(member, f"{ATLAS}/actions/create-server", server).status_code == 202
    assert len({one.params["user_data"] for one in Operation.objects.all()}) == 2


def test_what_is_refused_leaves_no_user_data_behind(
    cast: factories.Cast, member: Client, server: dict[str, Any], redis: Any
) -> None:
    problem(post(member, f"{ATLAS}/actions/create-server", server | {"flavor_id": "gone"}), 422, "refused")
    post(member, f"{ATLAS}/actions/create-server/preview", server)
    assert [name for name in redis.scan_iter("vault:*") if redis.type(name) == b"string"] == []
    said = post(member, f"{ATLAS}/actions/create-server", server | {"user_data": "x" * (user_data.MOST_BYTES + 1)})
    assert [one["field"] for one in problem(said, 422, "invalid")["errors"]] == ["user_data"]


def test_no_answer_has_a_token_or_a_grant(cast: factories.Cast, member: Client) -> None:
    post(member, CREATE, VOLUME, key="the-key-of-it")
    grant = str(Grant.objects.get(user=cast.member).pk)
    for path in (f"{ROOT}/me", ATLAS, f"{ATLAS}/operations", f"{ATLAS}/actions"):
        text = get(member, path).content.decode()
        assert grant not in text
        assert "the-key-of-it" not in text


def test_asking_makes_the_tenant_read_anew_where_that_is_due(
    cast: factories.Cast, member: Client, redis: Any, django_capture_on_commit_callbacks: Any
) -> None:
    cache.clear()
    Tenant.objects.filter(pk=cast.atlas.pk).update(refreshed_at=timezone.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        get(member, f"{ATLAS}/servers")
    assert b"projects.refresh" in b"".join(redis.lrange("celery", 0, -1))
    assert Volume.objects.filter(tenant=cast.atlas).exists()
