"""What the edge refuses before anything reads it: other content types, long texts, deep and wide bodies."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from projects.models import Tenant
from tests.unit.api_calls import ATLAS, ROOT, post, problem

pytestmark = pytest.mark.django_db

LOCK = f"{ATLAS}/actions/lock-server/preview"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    "content_type",
    [MULTIPART, "application/x-www-form-urlencoded", "text/plain", "application/xml", "text/csv", ""],
)
def test_api_takes_json_only(member: Client, atlas: Tenant, content_type: str) -> None:
    for url in (LOCK, f"{ROOT}/tenants/borealis@south/actions/lock-server"):
        answer = member.generic("POST", url, b"--x\r\n\r\n--x--", content_type=content_type)
        said = problem(answer, 415, "unsupported_media_type")
        assert "application/json" in said["detail"]
        assert answer["Accept"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_api_takes_json_however_it_is_written(member: Client, atlas: Tenant, content_type: str) -> None:
    answer = member.generic("POST", LOCK, b'{"server_id": "nobody"}', content_type=content_type)
    assert answer.status_code == 200


def test_request_without_body_needs_no_content_type(member: Client, atlas: Tenant) -> None:
    answer = member.generic("POST", f"{ATLAS}/operations/op-nothing/cancel", b"", content_type="")
    problem(answer, 404, "not_found")


def test_preview_echoes_no_endless_id(member: Client, atlas: Tenant) -> None:
    said = problem(post(member, LOCK, {"server_id": "x" * 2_400_000}), 413, "request_entity_too_large")
    assert "1 MB" in said["detail"]
    answer = post(member, LOCK, {"server_id": "x" * 300})
    said = problem(answer, 422, "invalid")
    assert [(fault["field"], "255" in fault["reason"]) for fault in said["errors"]] == [("server_id", True)]
    assert len(answer.content) < 2_000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"server_id": "x" * 70_000}, "65536"),
        ('{"server_id": ' + "[" * 40 + "]" * 40 + "}", "20 levels"),
        ({"server_id": ["x"] * 12_000}, "10000"),
        ({"x" * 70_000: 1}, "65536"),
    ],
    ids=["long", "deep", "wide", "long name"],
)
def test_json_is_bounded_before_it_is_read(member: Client, atlas: Tenant, body: Any, words: str) -> None:
    answer = post(member, LOCK, body)
    assert words in problem(answer, 422, "too_long")["detail"]
    assert len(answer.content) < 2_000


@pytest.mark.parametrize("path", [f"{ATLAS}/servers?q=", "/atlas@north/servers/?q=", "/search/?q="])
def test_query_values_are_bounded(member: Client, atlas: Tenant, path: str) -> None:
    answer = member.get(path + "x" * 2_500)
    assert answer.status_code == 422
    assert "2000" in answer.content.decode()
    assert "x" * 100 not in answer.content.decode()


@pytest.mark.parametrize("path", [f"{ATLAS}/servers/", "/atlas@north/servers/"])
def test_address_is_bounded(member: Client, atlas: Tenant, path: str) -> None:
    answer = member.get(path + "x" * 2_500 + "/")
    assert answer.status_code == 414
    assert "x" * 100 not in answer.content.decode()


def test_large_form_is_told_so(member: Client, atlas: Tenant, settings: Settings) -> None:
    answer = member.post("/atlas@north/volumes/create/", {"name": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "1 MB" in answer.content.decode()


def test_form_field_is_bounded(member: Client, atlas: Tenant) -> None:
    fields = {"name": "data", "size_gb": "1", "volume_type": "x" * 3_000}
    answer = member.post("/atlas@north/volumes/create/", fields)
    assert answer.status_code == 422
    button = member.post("/atlas@north/do/lock-server/", {"server_id": "x" * 300, "next": "/"})
    assert button.status_code == 404
