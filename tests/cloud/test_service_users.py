"""Service users on a real Keystone: one that works and is known to somebody, or none, whoever dies on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import openstack
import pytest
from django.utils import timezone
from keystoneauth1.exceptions import ClientException

from portal.identity import vault
from projects.models import Operation
from projects.operations import claims, run
from projects.refresh import tokens
from services.service_users import envelope, handing, register
from services.service_users.handing import Credential
from services.service_users.models import ServiceUser
from tests.cloud.conftest import Devcloud
from tests.cloud.own_tenant import Here, enter, own_project
from tests.support.issuer import Issuer

pytestmark = [
    pytest.mark.cloud,
    pytest.mark.django_db,
    # The SDK warns about its own plans whenever it is started.
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]
CI: dict[str, Any] = {
    "name": "ci-deploy",
    "roles": ["member"],
    "expires_at": datetime.now(UTC).replace(microsecond=0) + timedelta(days=30),
}


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer) -> Iterator[Here]:
    with own_project(devcloud) as project:
        yield enter(devcloud, issuer, project)


def in_cloud(here: Here) -> set[str]:
    """The names that Keystone itself has of this person's."""
    state = tokens.recall(here.tenant, here.grant)
    assert state
    told = here.project.sdk.identity.application_credentials(user=state.user_id)
    return {one.name for one in told}


def until_ready(operation: Operation) -> None:
    """Workers' turns until the secret waits for the browser."""
    for _ in range(20):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        run.turn(operation.pk)
        row = ServiceUser.objects.filter(operation=operation).first()
        if row is not None and row.is_ready():
            return
    operation.refresh_from_db()
    pytest.fail(f"{operation.state} {operation.reason} {operation.detail}")


def take(here: Here, operation: Operation) -> Credential:
    found = handing.take(here.visit, here.grant, operation.pk)
    assert found is not None
    return found


def opens(here: Here, credential: Credential) -> bool:
    """Whether a machine gets in with it."""
    auth = {
        "auth_url": here.tenant.location.auth_url,
        "application_credential_id": credential.row.external_id,
        "application_credential_secret": credential.secret,
    }
    cloud = openstack.connect(
        auth_type="v3applicationcredential", auth=auth, load_envvars=False, load_yaml_config=False
    )
    try:
        return bool(cloud.session.get_token()) and cloud.current_project_id == here.tenant.external_id
    except ClientException:
        return False


def dead(operation: Operation) -> None:
    """The worker was killed and its claim has ended."""
    ended = timezone.now() - claims.LEASE - timedelta(seconds=1)
    Operation.objects.filter(pk=operation.pk).update(claimed_at=ended)


def test_a_worker_that_dies_with_the_secret_leaves_one_login_that_somebody_has(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = here.ask("create-service-user", **CI)

    def die(*_args: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(envelope, "put", die)
        with pytest.raises(SystemExit):
            run.turn(operation.pk)
    assert in_cloud(here) == {f"ci-deploy.{operation.pk}"}
    dead(operation)
    until_ready(operation)
    credential = take(here, operation)
    assert here.finish(operation).state == Operation.State.DONE
    assert in_cloud(here) == {f"ci-deploy.{operation.pk}"}
    assert opens(here, credential)
    row = ServiceUser.objects.get()
    assert (row.roles, row.expires_at) == (["member", "reader"], CI["expires_at"])
    register.refresh(here.tenant, here.visit.user, here.grant)
    assert ServiceUser.objects.get().changed_at == row.changed_at  # the cloud tells the same

    here.do("revoke-service-user", external_id=row.external_id)
    assert in_cloud(here) == set()
    assert not opens(here, credential)


def test_what_nobody_takes_is_gone_from_the_cloud(here: Here) -> None:
    operation = here.ask("create-service-user", **CI)
    until_ready(operation)
    assert len(in_cloud(here)) == 1
    assert vault.take(f"service user {operation.pk} {here.grant}") is not None  # its two minutes are over
    ServiceUser.objects.update(ready_until=timezone.now())
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
    ended = here.finish(operation)
    assert (ended.state, ended.code) == (Operation.State.FAILED, "not_taken")
    assert in_cloud(here) == set()


def test_what_a_fault_of_ours_leaves_behind_is_ended_by_the_next_reading(here: Here) -> None:
    operation = here.ask("create-service-user", **CI)
    until_ready(operation)
    run.broke(operation.pk)
    assert len(in_cloud(here)) == 1
    register.refresh(here.tenant, here.visit.user, here.grant)
    assert in_cloud(here) == set()
    assert not ServiceUser.objects.exists()


def test_a_rotation_and_its_overlap(here: Here) -> None:
    first = here.ask("create-service-user", **CI)
    until_ready(first)
    old = take(here, first)
    here.finish(first)
    operation = here.ask("rotate-service-user", external_id=old.row.external_id, expires_at=CI["expires_at"])
    until_ready(operation)
    new = take(here, operation)
    assert here.finish(operation).state == Operation.State.DONE
    assert opens(here, old)
    assert opens(here, new)
    here.do("revoke-service-user", external_id=old.row.external_id, overlap=True)
    assert not opens(here, old)
    assert opens(here, new)
    here.do("revoke-service-user", external_id=new.row.external_id)
