"""The API with a token of the provider, real workers and a real cloud: a volume's whole life."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.identity.models import Grant
from projects.models import Location
from tests.cloud.conftest import Devcloud
from tests.cloud.people import GROUPS, location_row
from tests.support.issuer import Issuer
from tests.support.workers import Workers

pytestmark = [pytest.mark.cloud, pytest.mark.django_db(transaction=True)]

ROOT = "/api/v1"
ATLAS = f"{ROOT}/tenants/atlas@north"


class Caller:
    """A script with only an access token."""

    def __init__(self, token: str, workers: Workers) -> None:
        self.client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})
        self.workers = workers

    def get(self, path: str, status: int = 200) -> Any:
        """Return the response to GET."""
        response = self.client.get(path)
        assert response.status_code == status, response.content
        return response.json()

    def do(self, action: str, **params: Any) -> dict[str, Any]:
        """Request an action and wait until its operation has succeeded."""
        path, key = f"{ATLAS}/actions/{action}", {"Idempotency-Key": str(uuid4())}
        assert self.client.post(f"{path}/preview", params, "application/json").json()["refusals"] == []
        first, again = (self.client.post(path, params, "application/json", headers=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (202, 202), first.content
        assert first.json()["id"] == again.json()["id"]
        ended = self.until(lambda: self.get(first["Location"]), lambda one: one["state"] not in ("queued", "running"))
        assert ended["state"] == "done", ended
        return ended

    def until(self, ask: Any, good: Any, seconds: float = 60) -> Any:
        """Return the first good response; fail with the workers' log."""
        end = time.monotonic() + seconds
        while not good(found := ask()):
            assert time.monotonic() < end, f"{found}\n{self.workers.log.read_text()[-4000:]}"
            time.sleep(0.3)
        return found


@pytest.fixture
def north(devcloud: Devcloud) -> Location:
    return location_row(devcloud)


@pytest.fixture
def member(issuer: Issuer, north: Location, settings: Settings, tmp_path: Path) -> Iterator[Caller]:
    """Log in a member whom the portal has never seen."""
    settings.OIDC_ISSUER = issuer.url
    token = issuer.token(
        sub="sub-api-member",
        aud="openstack",
        preferred_username="member",
        email="member@example.org",
        groups=GROUPS["member"],
    )
    workers = Workers(tmp_path / "worker.log")
    workers.start()
    yield Caller(token, workers)
    workers.stop()


def test_a_script_with_a_token_leads_a_volume_through_its_life(member: Caller, devcloud: Devcloud) -> None:
    me = member.until(lambda: member.get(f"{ROOT}/me"), lambda one: all(p["discovered_at"] for p in one["locations"]))
    assert [(one["location"], one["reason"]) for one in me["locations"]] == [("north", "")]
    assert {one["handle"]: one["role"] for one in member.get(f"{ROOT}/tenants")["items"]}["atlas@north"] == "member"
    member.until(lambda: member.get(ATLAS), lambda one: one["as_of"] and one["limits"])
    assert not member.get(f"{ROOT}/tenants/atlas@north")["old"]

    server = member.get(f"{ATLAS}/servers?status=ACTIVE&limit=1")["items"][0]["external_id"]
    name = f"api-{uuid4().hex[:8]}"
    made = member.do("create-volume", name=name, size_gb=1)
    (volume,) = [one["external_id"] for one in made["targets"] if one["kind"] == "volume"]
    with devcloud.connect("north-atlas-member") as sdk:
        try:
            assert sdk.block_storage.get_volume(volume).name == name
            assert member.get(f"{ATLAS}/volumes/{volume}")["status"] == "available"
            attached = member.do("attach-volume", volume_id=volume, server_id=server)
            assert member.get(f"{ATLAS}/volumes/{volume}")["attachments"][0]["server_id"] == server
            assert sdk.block_storage.get_volume(volume).status == "in-use"
            undone = member.client.post(
                f"{ATLAS}/operations/{attached['id']}/undo", content_type="application/json"
            ).json()
            where = f"{ATLAS}/operations/{undone['id']}"
            ended = member.until(lambda: member.get(where), lambda one: one["state"] not in ("queued", "running"))
            assert (ended["state"], ended["action"]) == ("done", "detach-volume")
            assert sdk.block_storage.get_volume(volume).status == "available"
            member.do("delete-volume", volume_id=volume)
            assert sdk.block_storage.find_volume(volume) is None
            assert member.get(f"{ATLAS}/volumes/{volume}", status=404)["code"] == "not_found"
        finally:
            for left in sdk.block_storage.volumes(name=name):
                for one in left.attachments:
                    sdk.compute.delete_volume_attachment(one["server_id"], left.id)
                sdk.block_storage.wait_for_status(left, "available", interval=0.3)
                sdk.block_storage.delete_volume(left)

    assert Grant.objects.count() == 1
    assert not any(secret in member.workers.log.read_bytes() for secret in (b"gAAAA", b"eyJ"))
