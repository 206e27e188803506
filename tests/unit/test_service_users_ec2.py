"""EC2 keys as a kind of service user: one pair that somebody has or none, S3's own files, and an end that we make."""

import configparser
import json
import shlex
from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import LocationService, Operation
from projects.operations import turn
from services.service_users import tasks
from services.service_users.models import ServiceUser
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import PROJECT, FakeCloud
from tests.unit.keystone_fake import EC2, Keystone
from tests.unit.servers_cast import ask, go, refused
from tests.unit.service_users_browser import LIST, log_in, page, ready, send
from tests.unit.service_users_browser import take as take_file
from tests.unit.service_users_cast import CI, ENDS, made, member_of, read, until_ready

pytestmark = pytest.mark.django_db

State = Operation.State
CREATE, ROTATE, REVOKE = "create-service-user", "rotate-service-user", "revoke-service-user"
S3: dict[str, Any] = CI | {"kind": "ec2"}
GATEWAY = "http://s3.test:8080"


@pytest.fixture
def keystone(requests_mock: requests_mock.Mocker) -> Keystone:
    return Keystone(FakeCloud(requests_mock))


@pytest.fixture
def visit(keystone: Keystone, client: Client) -> Visit:
    visit = member_of(keystone)
    LocationService.objects.filter(service="object-store").update(s3_url=GATEWAY)
    log_in(client, visit)
    return visit


def test_the_access_key_is_made_of_the_operations_id_and_the_secret_is_handed_over(
    keystone: Keystone, visit: Visit
) -> None:
    operation, credential = made(visit, **S3)
    (there,) = keystone.ec2.values()
    access = operation.pk.replace("-", "").upper()
    told = {"access": access, "secret": credential.secret, "label": f"ci-deploy.{operation.pk}"}
    assert json.loads(there["blob"]) == told
    assert (there["type"], there["user_id"], there["project_id"]) == ("ec2", "user-1", PROJECT)
    assert keystone.credentials == {}
    row = ServiceUser.objects.get()
    assert (row.kind, row.access_key, row.label) == ("ec2", access, "ci-deploy")
    assert (row.description, row.roles, row.expires_at) == ("Pipeline of the shop", [], ENDS)
    assert row.last_four == credential.secret[-4:]
    read(visit)  # Keystone knows neither its end nor what it is for
    row.refresh_from_db()
    assert (row.description, row.expires_at, row.name) == ("Pipeline of the shop", ENDS, told["label"])


def test_what_a_failed_operation_left_behind_is_ended(keystone: Keystone, visit: Visit) -> None:
    operation = ask(visit, CREATE, **S3)
    turn.turn(operation.pk)
    ServiceUser.objects.all().delete()
    turn.broke(operation.pk)
    assert len(keystone.ec2) == 1
    read(visit)
    assert keystone.ec2 == {}
    assert not ServiceUser.objects.exists()


def test_a_rotation_makes_another_pair_and_leaves_the_old_one_for_an_hour(keystone: Keystone, visit: Visit) -> None:
    _first, old = made(visit, **S3)
    _second, new = made(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS, overlap_minutes=60)
    assert set(keystone.ec2) == {old.row.external_id, new.row.external_id}
    assert new.row.access_key != old.row.access_key
    go(ask(visit, REVOKE, external_id=old.row.external_id, overlap=True))
    assert list(keystone.ec2) == [new.row.external_id]


def test_it_is_offered_where_it_works_and_else_the_reason_is_said(client: Client, visit: Visit) -> None:
    objects = LocationService.objects.filter(service="object-store")
    identity = LocationService.objects.filter(service="identity")
    identity.update(version="3.11")
    assert "older than Stein" in refused(visit, CREATE, **S3)["kind"]
    identity.update(version="3.12")
    objects.update(s3_url="")
    assert "does not tell that its objects can be had by S3" in refused(visit, CREATE, **S3)["kind"]
    assert "does not tell that its objects can be had by S3" in page(client, f"{LIST}create/")
    objects.delete()
    assert "offers no objects" in refused(visit, CREATE, **S3)["kind"]


def test_nothing_of_ones_roles_can_be_left_out(visit: Visit) -> None:
    assert "all of your roles" in refused(visit, CREATE, **S3, roles=["reader"])["kind"]
    rules = [{"service": "object-store", "method": "GET", "path": "/**"}]
    assert "all of your roles" in refused(visit, CREATE, **S3, access_rules=rules)["kind"]


def test_a_policy_that_keeps_it_for_the_operator_is_told(keystone: Keystone, visit: Visit) -> None:
    keystone.cloud.mock.post(EC2, status_code=403)
    operation = go(ask(visit, CREATE, **S3))
    assert (operation.state, operation.code) == (State.FAILED, "not_offered")
    assert "only its operator" in operation.reason


def test_those_made_elsewhere_are_in_the_list_with_their_access_key(
    client: Client, keystone: Keystone, visit: Visit
) -> None:
    external_id = keystone.add_ec2("AKIAELSEWHERE")
    keystone.add_ec2("AKIATHEIRS", user_id="user-2")
    read(visit)
    row = ServiceUser.objects.get()
    assert (row.kind, row.access_key, row.outside, row.label) == ("ec2", "AKIAELSEWHERE", True, "AKIAELSEWHERE")
    text = page(client)
    assert "AKIAELSEWHERE" in text
    assert "everything a member may" in text  # with what its owner may now
    assert "MARKED-not-ours" not in text
    del keystone.ec2[external_id]
    read(visit)
    assert not ServiceUser.objects.exists()


def test_a_keystone_that_tells_nobody_of_his_leaves_what_is_known(keystone: Keystone, visit: Visit) -> None:
    keystone.add_ec2("AKIAELSEWHERE")
    keystone.add("grafana")
    read(visit)
    keystone.cloud.mock.get(EC2, status_code=403)
    keystone.credentials.clear()
    read(visit)
    assert ServiceUser.objects.get().kind == "ec2"


def test_at_its_end_it_is_ended_by_us_while_its_owner_is_logged_in(
    client: Client, keystone: Keystone, visit: Visit
) -> None:
    made(visit, **S3)
    made(visit, **CI | {"name": "other"})  # which Keystone ends by itself
    ServiceUser.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    text = page(client)
    assert "Ends when member is logged in" in text
    assert "Ended" in text
    visit.user.grants.update(ended_at=timezone.now())
    tasks.sweep()
    assert not Operation.objects.filter(action=REVOKE).exists()
    rows.make_grant(visit.user)
    tasks.sweep()
    operation = Operation.objects.get(action=REVOKE)
    assert go(operation).state == State.DONE
    assert keystone.ec2 == {}
    assert len(keystone.credentials) == 1


def test_the_form_leads_to_a_file_that_s3_tools_read(client: Client, keystone: Keystone, visit: Visit) -> None:
    response = send(client, kind="ec2", s3_file="aws", roles=[], may="calls", calls="no request at all")
    operation = Operation.objects.get()
    assert f"{LIST}made/{operation.pk}/?as=aws" in response["Location"]
    assert (operation.params["kind"], operation.params["roles"], operation.params["access_rules"]) == ("ec2", [], [])
    until_ready(operation)
    text = page(client, f"{LIST}made/{operation.pk}/?as=aws")
    assert 'data-handover="aws"' in text
    assert "aws --profile=atlas-north-ci-deploy s3 ls" in text
    assert operation.pk.replace("-", "").upper() in text
    assert take_file(client, operation, "sh").status_code == 404
    found = take_file(client, operation, "all").json()
    row = ServiceUser.objects.get()
    secret = keystone.secrets[row.external_id]
    assert secret not in text
    assert "the cloud would show it again" in text
    assert "nowhere else" not in text + found["env"]["text"]
    assert {key: one["name"] for key, one in found.items()} == {
        "env": "s3-atlas-north-ci-deploy.env",
        "aws": "aws-atlas-north-ci-deploy.credentials",
        "rclone": "rclone-atlas-north-ci-deploy.conf",
        "json": "s3-atlas-north-ci-deploy.json",
    }
    lines = [line for line in found["env"]["text"].splitlines() if not line.startswith("#")]
    assert dict(shlex.split(line)[0].split("=", 1) for line in lines) == {
        "AWS_ACCESS_KEY_ID": row.access_key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_ENDPOINT_URL_S3": GATEWAY,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for key, name in (("aws", "aws_secret_access_key"), ("rclone", "secret_access_key")):
        parser = configparser.ConfigParser()
        parser.read_string(found[key]["text"])
        assert parser["atlas-north-ci-deploy"][name] == secret
    told = json.loads(found["json"]["text"])
    assert (told["secret_access_key"], told["endpoint_url"], told["handle"]) == (secret, GATEWAY, "atlas@north")


def test_an_address_that_the_cloud_tells_can_do_no_harm_in_a_file(client: Client, visit: Visit) -> None:
    LocationService.objects.filter(service="object-store").update(s3_url="http://s3.test/\n$(reboot)';x")
    found = take_file(client, ready(client, kind="ec2", s3_file="env"), "all").json()
    line = next(one for one in found["env"]["text"].splitlines() if one.startswith("AWS_ENDPOINT"))
    assert shlex.split(line) == ["AWS_ENDPOINT_URL_S3=http://s3.test/$(reboot)';x"]
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(found["aws"]["text"])
    assert set(parser["atlas-north-ci-deploy"]) == {
        "aws_access_key_id",
        "aws_secret_access_key",
        "endpoint_url",
        "region",
        "s3",
    }
