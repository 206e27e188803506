"""Keystone users on a real Keystone: created by an account that manages one domain, with access to one project."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from projects.models import Operation
from projects.operations import turn
from services.openstack import tokens
from services.service_users import tasks
from services.service_users.models import ServiceUser
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, enter, own_project
from tests.cloud.service_users_cast import USER, WHO, account, in_cloud, take, until_ready, write
from tests.support import shells
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]
KIND = "keystone-user"


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer, settings: Any) -> Iterator[Here]:
    with own_project(devcloud) as project:
        here = enter(devcloud, issuer, project)
        with account(here, settings):
            yield here


def file_of(here: Here, operation: Operation, folder: Path) -> str:
    """Write the file that the browser gets into the folder."""
    name = write(take(here, operation), folder)
    assert here.finish(operation).state == Operation.State.DONE
    return name


def test_a_downloaded_one_works_in_its_project_alone_until_it_is_revoked(here: Here, tmp_path: Path) -> None:
    operation = here.ask("create-service-user", **USER)
    until_ready(operation)
    name = file_of(here, operation, tmp_path)
    assert in_cloud(here, KIND) == {f"ci-deploy.{operation.pk}"}
    done = shells.run("bash", f". ./{name}\n{WHO}\nopenstack network list -f value -c Name", tmp_path)
    assert done.returncode == 0, done.stderr
    said = done.stdout.split()
    assert said[0] == here.tenant.external_id
    assert "net" in said
    others = shells.run("bash", f". ./{name}\nopenstack user list", tmp_path)
    assert others.returncode != 0
    row = ServiceUser.objects.get()
    assert row.roles == ["member"]
    here.do("revoke-service-user", external_id=row.external_id)
    assert in_cloud(here, KIND) == set()
    assert not ServiceUser.objects.exists()
    refused = shells.run("bash", f". ./{name}\n{WHO}", tmp_path)
    assert refused.returncode != 0
    assert "401" in refused.stderr


def test_one_outlives_its_makers_place_and_ends_when_it_was_said(here: Here, tmp_path: Path) -> None:
    operation = here.ask("create-service-user", **USER | {"roles": ["reader"]})
    until_ready(operation)
    name = file_of(here, operation, tmp_path)
    identity = here.project.sdk.identity
    group = identity.find_group(here.project.member)
    identity.unassign_project_role_from_group(here.tenant.external_id, group, identity.find_role("member"))
    assert shells.run("bash", f". ./{name}\n{WHO}", tmp_path).returncode == 0
    write = shells.run("bash", f". ./{name}\nopenstack network create x", tmp_path)
    assert "403" in write.stderr
    here.visit.user.grants.update(ended_at=timezone.now())  # nobody is logged in
    ServiceUser.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert ServiceUser.objects.get().ended_at is not None
    assert in_cloud(here, KIND) == set()
    assert shells.run("bash", f". ./{name}\n{WHO}", tmp_path).returncode != 0


def test_what_a_fault_of_ours_leaves_behind_is_ended_by_the_sweeper(here: Here) -> None:
    operation = here.ask("create-service-user", **USER)
    until_ready(operation)
    turn.broke(operation.pk)
    assert len(in_cloud(here, KIND)) == 1
    Operation.objects.update(ended_at=timezone.now() - timedelta(minutes=1))
    tasks.sweep()
    assert in_cloud(here, KIND) == set()
    assert not ServiceUser.objects.exists()


def test_a_role_that_was_taken_away_since_the_token_was_made_is_not_given_on(here: Here) -> None:
    identity = here.project.sdk.identity
    group = identity.find_group(here.project.member)
    identity.assign_project_role_to_group(here.tenant.external_id, group, identity.find_role("reader"))
    state = tokens.recall(here.tenant, here.grant)
    assert state
    assert "member" in state.roles
    identity.unassign_project_role_from_group(here.tenant.external_id, group, identity.find_role("member"))
    operation = here.finish(here.ask("create-service-user", **USER))
    assert (operation.state, operation.code) == (Operation.State.FAILED, "role_missing")
    assert in_cloud(here, KIND) == set()
