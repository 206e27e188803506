"""Who gets what at every address of the API, as one table, and what every error looks like."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from portal.api import root
from portal.identity.models import User
from projects.actions import ACTIONS
from projects.api.mount import kinds
from projects.models import Operation, Role
from tests import factories
from tests.operations_factory import operation
from tests.unit.api_calls import ATLAS, PROBLEM, ROOT, get, post, problem

pytestmark = pytest.mark.django_db

# What anonymous, stranger, reader, member and admin get.
Answers = tuple[int, int, int, int, int]
EVERYONE: Answers = (401, 200, 200, 200, 200)
MEMBERS: Answers = (401, 404, 200, 200, 200)
# Asking for a change, with an empty body: nobody comes as far as that without the role.
CHANGERS: Answers = (401, 404, 403, 422, 422)

# By the name of the address: the method, an example, and the answers.
ADDRESSES: dict[str, tuple[str, str, Answers]] = {
    "openapi": ("get", f"{ROOT}/openapi.json", (200, 200, 200, 200, 200)),
    "nothing": ("get", f"{ROOT}/nothing", (404, 404, 404, 404, 404)),
    "api-root": ("get", f"{ROOT}/", (404, 404, 404, 404, 404)),
    "get_me": ("get", f"{ROOT}/me", EVERYONE),
    "list_projects": ("get", f"{ROOT}/projects", EVERYONE),
    "get_project": ("get", f"{ROOT}/projects/atlas", MEMBERS),
    "list_locations": ("get", f"{ROOT}/locations", EVERYONE),
    "get_location": ("get", f"{ROOT}/locations/north", MEMBERS),
    "search": ("get", f"{ROOT}/search?q=web", EVERYONE),
    "list_tenants": ("get", f"{ROOT}/tenants", EVERYONE),
    "get_tenant": ("get", ATLAS, MEMBERS),
    "try_now": ("post", f"{ATLAS}/try-now", (401, 404, 202, 202, 202)),
    "list_changes": ("get", f"{ATLAS}/changes", MEMBERS),
    "list_usage": ("get", f"{ATLAS}/usage", MEMBERS),
    "list_operations": ("get", f"{ATLAS}/operations", MEMBERS),
    "get_operation": ("get", f"{ATLAS}/operations/{{operation}}", MEMBERS),
    "cancel_operation": ("post", f"{ATLAS}/operations/{{operation}}/cancel", (401, 404, 403, 202, 202)),
    # It is done, and its action can't be undone by one click.
    "retry_operation": ("post", f"{ATLAS}/operations/{{operation}}/retry", CHANGERS),
    "undo_operation": ("post", f"{ATLAS}/operations/{{operation}}/undo", CHANGERS),
    "get_server_reach": ("get", f"{ATLAS}/servers/{{servers}}/reach?port=22", MEMBERS),
    "get_server_log": ("get", f"{ATLAS}/servers/{{servers}}/log", (401, 404, 202, 202, 202)),
    "open_server_console": ("post", f"{ATLAS}/servers/{{servers}}/console", (401, 404, 403, 202, 202)),
    "list_actions": ("get", f"{ATLAS}/actions", MEMBERS),
}
for kind in kinds():
    ADDRESSES[f"list_{kind.key.replace('-', '_')}"] = ("get", f"{ATLAS}/{kind.key}", MEMBERS)
    if kind.has_page:
        name = f"get_{kind.one.replace(' ', '_')}"
        ADDRESSES[name] = ("get", f"{ATLAS}/{kind.key}/{{{kind.key}}}", MEMBERS)
# A key pair of the member's: nobody else sees it, whatever they may do in the tenant.
ADDRESSES["get_key_pair"] = (*ADDRESSES["get_key_pair"][:2], (401, 404, 404, 200, 404))
IN_API = [action for action in ACTIONS.values() if action.in_api]
for action in IN_API:
    name = action.name.replace("-", "_")
    reader = 422 if action.role is Role.READER else 403
    member = 403 if action.role is Role.ADMIN else 422
    answers: Answers = (401, 404, reader, member, 422)
    ADDRESSES[name] = ("post", f"{ATLAS}/actions/{action.name}", answers)
    ADDRESSES[f"preview_{name}"] = ("post", f"{ATLAS}/actions/{action.name}/preview", answers)


def walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def asked(cast: factories.Cast) -> Operation:
    """Return an operation of the member's that is done and can't be undone."""
    return operation(cast.atlas, cast.member, "create-volume", {"name": "x", "size_gb": 1})


def ids(cast: factories.Cast) -> dict[str, str]:
    found = {kind.key: kind.model.objects.filter(tenant=cast.atlas).first() for kind in kinds() if kind.has_page}
    return {key: row.external_id for key, row in found.items()} | {"operation": asked(cast).pk}


def people(cast: factories.Cast) -> list[User | None]:
    admin = cast.admin
    admin.memberships.update(role=Role.ADMIN)
    return [None, cast.stranger, cast.reader, cast.member, admin]


def test_every_address_of_the_api_is_in_the_table() -> None:
    found = {pattern.name for route, pattern in walk(get_resolver().url_patterns) if route.startswith("api/")}
    assert found - ADDRESSES.keys() - {"api"} == set(), "Say in ADDRESSES who gets these."
    assert ADDRESSES.keys() - found == set()


def test_everyone_gets_what_the_table_says(cast: factories.Cast, client: Client) -> None:
    examples, wrong = ids(cast), []
    for number, user in enumerate(people(cast)):
        client.logout()
        if user:
            factories.log_in(client, user)
        for name, (method, address, answers) in ADDRESSES.items():
            path = address.format(**examples)
            response = get(client, path) if method == "get" else post(client, path, {})
            if response.status_code != answers[number]:
                wrong.append(f"{user or 'anonymous'} {name} {path}: {response.status_code} and not {answers[number]}")
            if response.status_code >= 400 and response["Content-Type"] != PROBLEM:
                wrong.append(f"{name}: {response['Content-Type']}")
    assert not wrong, "\n".join(wrong)


def test_nobody_is_ever_led_to_the_login(client: Client) -> None:
    for name, (method, address, _answers) in ADDRESSES.items():
        response = client.generic(method.upper(), re.sub(r"{[\w-]+}", "x", address))
        assert response.status_code in (200, 401, 404), name
        if response.status_code == 401:
            assert response["WWW-Authenticate"] == 'Bearer realm="meshdeck"'
            assert response.json()["code"] == "unauthenticated"


def test_another_method_than_its_own_is_405_and_names_its_own(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.member)
    examples = ids(cast)
    for name, (method, address, _answers) in ADDRESSES.items():
        if name in ("nothing", "api-root"):
            continue
        other = "DELETE" if name == "openapi" else "GET" if method == "post" else "POST"
        response = client.generic(other, address.format(**examples))
        assert response.status_code == 405, name
        assert method.upper() in response["Allow"]
        assert response["Content-Type"] == PROBLEM


def test_a_stranger_learns_nothing_from_what_is_wrong_with_a_request(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.stranger)
    for path in (f"{ATLAS}/servers?limit=0", f"{ATLAS}/servers?nonsense=1", f"{ATLAS}/operations?state=none"):
        problem(get(client, path), 404, "not_found")
    problem(post(client, f"{ATLAS}/actions/create-volume", "{", key="k" * 101), 404, "not_found")
    nowhere = get(client, ATLAS.replace("atlas", "nothing")).json()
    of_others = get(client, ATLAS).json()
    assert nowhere | {"request_id": ""} == of_others | {"request_id": ""}


def test_a_reader_is_told_whom_to_ask_before_what_is_wrong(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.reader)
    said = problem(post(client, f"{ATLAS}/actions/create-volume", {"nonsense": 1}), 403, "forbidden")
    assert "Ask one of its admins" in said["detail"]


def test_an_operator_sees_no_tenant_without_being_a_member(cast: factories.Cast, client: Client) -> None:
    cast.admin.memberships.all().delete()
    factories.log_in(client, cast.admin)
    assert get(client, ATLAS).status_code == 404
    assert get(client, f"{ROOT}/locations/north").status_code == 200


def test_a_resource_or_an_operation_of_another_tenant_is_not_found(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.member)
    other = cast.borealis.servers.first()
    elsewhere = operation(cast.borealis, cast.member, "create-volume", {"name": "x", "size_gb": 1})
    assert get(client, f"{ROOT}/tenants/borealis@north/servers/{other.external_id}").status_code == 200
    assert get(client, f"{ATLAS}/servers/{other.external_id}").status_code == 404
    assert get(client, f"{ATLAS}/operations/{elsewhere.pk}").status_code == 404
    assert post(client, f"{ATLAS}/operations/{elsewhere.pk}/cancel").status_code == 404


def test_a_location_that_is_switched_off_takes_its_tenants_along(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.member)
    cast.south.enabled = False
    cast.south.save()
    assert get(client, f"{ROOT}/tenants/atlas@south").status_code == 404
    assert "south" not in get(client, f"{ROOT}/tenants").content.decode()
    assert "south" not in get(client, f"{ROOT}/projects").content.decode()


def test_people_have_a_page_that_names_everything(cast: factories.Cast, client: Client) -> None:
    assert "/oidc/login/" in client.get("/api/")["Location"]
    factories.log_in(client, cast.reader)
    page = client.get("/api/").content.decode()
    assert 'href="/api/v1/openapi.json"' in page
    for name in ADDRESSES.keys() - {"openapi", "nothing", "api-root"}:
        assert name.startswith("preview_") or f'id="{name}"' in page, name
    assert 'href="/api/"' in client.get("/").content.decode()


def test_our_own_mistake_is_a_problem_with_an_id_and_without_details(
    cast: factories.Cast, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    factories.log_in(client, cast.member)
    # A row as no refresh writes it.
    cast.atlas.servers.update(addresses=["broken secret"])
    client.raise_request_exception = False
    response = get(client, f"{ATLAS}/servers")
    said = problem(response, 500, "internal_server_error")
    assert said["request_id"] == response["X-Request-ID"]
    assert "secret" not in response.content.decode()


def test_a_wrong_host_and_a_wrong_address_are_problems_too(client: Client) -> None:
    problem(client.get(f"{ROOT}/me", headers={"Host": "evil.example.org"}), 400, "bad_request")
    for path in (f"{ROOT}/me/", "/api/v2/me", "/api/x", f"{ROOT}/%00", f"{ROOT}/tenants/atlas%00@north"):
        problem(client.get(path), 404, "not_found")


def test_answers_belong_to_one_person_and_say_so(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.member)
    assert get(client, f"{ROOT}/me")["Cache-Control"] == "private, no-store"
    assert get(client, f"{ATLAS}/servers")["Cache-Control"] == "private, no-cache"
    assert get(client, f"{ROOT}/openapi.json")["Cache-Control"] == "max-age=300"


def test_the_document_has_every_action_with_its_own_body(client: Client) -> None:
    document = get(client, f"{ROOT}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for action in IN_API:
        told = document["paths"][f"{ROOT}/tenants/{{handle}}/actions/{action.name}"]["post"]
        schema = told["requestBody"]["content"]["application/json"]["schema"]
        body = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        assert body["properties"].keys() == action.params.model_fields.keys()
        assert {"202", "422"} <= told["responses"].keys()
    ids_ = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(ids_) == len(set(ids_))
    missing = set(re.findall(r'"#/components/(\w+/[^"]+)"', json.dumps(document))) - {
        f"{part}/{name}" for part, named in document["components"].items() for name in named
    }
    assert missing == set()


def test_every_path_of_the_api_is_in_the_document(client: Client) -> None:
    document = get(client, f"{ROOT}/openapi.json").json()
    told = {
        f"{method} {re.sub(r'{.*?}', '*', path)}" for path, methods in document["paths"].items() for method in methods
    }
    real = {
        f"{method} {re.sub(r'{.*?}', '*', address)}".replace("atlas@north", "*").partition("?")[0]
        for name, (method, address, _answers) in ADDRESSES.items()
        if name not in ("openapi", "nothing", "api-root")
    }
    real = {one.replace("/projects/atlas", "/projects/*").replace("/locations/north", "/locations/*") for one in real}
    assert told == real
    assert len(root.api._get_bound_routers()) > len(kinds())
