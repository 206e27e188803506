"""Service users on a real Keystone: whoever dies, there is a working one that somebody knows, or none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from portal.identity import vault
from projects.models import Operation
from projects.operations import turn
from services.service_users import register
from services.service_users.models import ServiceUser
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, enter, own_project
from tests.cloud.service_users_cast import CI, in_cloud, opens, take, until_ready
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer) -> Iterator[Here]:
    with own_project(devcloud) as project:
        yield enter(devcloud, issuer, project)


def test_what_nobody_takes_is_gone_from_the_cloud(here: Here) -> None:
    operation = here.ask("create-service-user", **CI)
    until_ready(operation)
    assert len(in_cloud(here)) == 1
    assert vault.take(f"service user {operation.pk} {here.grant}") is not None  # its two minutes have passed
    ServiceUser.objects.update(ready_until=timezone.now())
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
    ended = here.finish(operation)
    assert (ended.state, ended.code) == (Operation.State.FAILED, "not_taken")
    assert in_cloud(here) == set()


def test_what_a_fault_of_ours_leaves_behind_is_ended_by_the_next_reading(here: Here) -> None:
    operation = here.ask("create-service-user", **CI)
    until_ready(operation)
    turn.broke(operation.pk)
    assert len(in_cloud(here)) == 1
    register.refresh(here.tenant, here.visit.user, here.grant)
    assert in_cloud(here) == set()
    assert not ServiceUser.objects.exists()


def test_a_rotation_and_its_overlap(here: Here, tmp_path: Path) -> None:
    first = here.ask("create-service-user", **CI)
    until_ready(first)
    old = take(here, first)
    here.finish(first)
    operation = here.ask("rotate-service-user", external_id=old.row.external_id, expires_at=CI["expires_at"])
    until_ready(operation)
    new = take(here, operation)
    assert here.finish(operation).state == Operation.State.DONE
    assert opens(here, old, tmp_path)
    assert opens(here, new, tmp_path)
    here.do("revoke-service-user", external_id=old.row.external_id, overlap=True)
    assert not opens(here, old, tmp_path)
    assert opens(here, new, tmp_path)
    here.do("revoke-service-user", external_id=new.row.external_id)
