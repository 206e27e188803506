"""EC2 keys on a real Keystone and Swift: the files open the buckets, and nothing once they are deleted."""

import subprocess
from collections.abc import Iterator
from uuid import uuid4

import pytest

from projects.models import Operation
from services.service_users import register
from services.service_users.models import ServiceUser
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, enter, own_project
from tests.cloud.service_users_cast import KEYS, buckets, keys_of, take, until_ready
from tests.support import s3
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer) -> Iterator[Here]:
    with own_project(devcloud) as project:
        yield enter(devcloud, issuer, project)


def test_a_downloaded_pair_lists_and_makes_buckets_until_it_is_revoked(here: Here) -> None:
    operation = here.ask("create-service-user", **KEYS)
    until_ready(operation)
    keys = keys_of(take(here, operation))
    assert here.finish(operation).state == Operation.State.DONE
    bucket = f"test-{uuid4().hex}"
    access = (keys["endpoint_url"], keys["access_key_id"], keys["secret_access_key"])
    s3.call(*access, "PUT", bucket, keys["region"])
    assert buckets(keys) == [bucket]
    assert [one.name for one in here.project.sdk.object_store.containers()] == [bucket]  # of this project only
    s3.call(*access, "DELETE", bucket, keys["region"])

    before = ServiceUser.objects.get()
    register.refresh(here.tenant, here.visit.user, here.grant)
    row = ServiceUser.objects.get()
    assert (row.changed_at, row.access_key, row.kind) == (before.changed_at, keys["access_key_id"], "ec2")
    here.do("revoke-service-user", external_id=row.external_id)
    with pytest.raises(subprocess.CalledProcessError):
        buckets(keys)
    register.refresh(here.tenant, here.visit.user, here.grant)
    assert not ServiceUser.objects.exists()
