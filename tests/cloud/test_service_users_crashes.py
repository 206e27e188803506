"""Service users of every kind on a real Keystone: a worker dies with the secret, and one works that somebody has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projects.models import Operation
from services.service_users import register
from services.service_users.models import ServiceUser
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, enter, own_project
from tests.cloud.service_users_cast import CI, KEYS, USER, account, in_cloud, opens, take, until_ready
from tests.service_users_crash import die_with_the_secret
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]
WANTED = {"application-credential": CI, "ec2": KEYS, "keystone-user": USER}
# What Keystone grants them: member implies reader, keys have all that their owner has, a user what it was given.
ROLES = {"application-credential": ["member", "reader"], "ec2": [], "keystone-user": ["member"]}


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer, settings: Any) -> Iterator[Here]:
    with own_project(devcloud) as project:
        here = enter(devcloud, issuer, project)
        with account(here, settings):
            yield here


@pytest.mark.parametrize("kind", ServiceUser.Kind.values)
def test_a_worker_that_dies_with_the_secret_leaves_one_login_that_somebody_has(
    here: Here, tmp_path: Path, kind: str
) -> None:
    wanted = WANTED[kind]
    operation = here.ask("create-service-user", **wanted)
    die_with_the_secret(operation)
    name = f"{wanted['name']}.{operation.pk}"
    assert in_cloud(here, kind) == {name}
    until_ready(operation)
    old = take(here, operation)
    assert here.finish(operation).state == Operation.State.DONE
    assert in_cloud(here, kind) == {name}
    assert opens(here, old, tmp_path)
    row = ServiceUser.objects.get()
    assert (row.roles, row.expires_at) == (ROLES[kind], wanted["expires_at"])
    register.refresh(here.tenant, here.visit.user, here.grant)
    assert ServiceUser.objects.get().changed_at == row.changed_at  # the cloud reports the same

    rotation = {"external_id": row.external_id, "expires_at": wanted["expires_at"], "overlap_minutes": 0}
    again = here.ask("rotate-service-user", **rotation)
    until_ready(again)
    new = take(here, again)
    assert here.finish(again).state == Operation.State.DONE
    assert in_cloud(here, kind) == {f"{wanted['name']}.{again.pk}"}
    assert new.row.external_id != old.row.external_id
    assert opens(here, new, tmp_path)
    assert not opens(here, old, tmp_path)

    here.do("revoke-service-user", external_id=new.row.external_id)
    assert in_cloud(here, kind) == set()
    assert not opens(here, new, tmp_path)
