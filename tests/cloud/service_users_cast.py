"""Shared by the tests of service users on a real cloud: requests, hand-over, and use of the credentials."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openstack
from keystoneauth1.exceptions import ClientException

from devcloud import cast
from projects.models import Location, Operation
from services.openstack import tokens
from services.service_users import files, handing
from services.service_users.handing import Credential
from tests.cloud.own_tenant import Here
from tests.service_users_crash import until_ready as until_ready
from tests.support import s3, shells

CI: dict[str, Any] = {
    "name": "ci-deploy",
    "roles": ["member"],
    "expires_at": datetime.now(UTC).replace(microsecond=0) + timedelta(days=30),
}
USER: dict[str, Any] = CI | {"kind": "keystone-user"}
KEYS: dict[str, Any] = {"name": "backup", "kind": "ec2", "expires_at": CI["expires_at"]}
WHO = "openstack token issue -f value -c project_id"


@contextmanager
def account(here: Here, settings: Any) -> Iterator[None]:
    """Give the location an account that creates Keystone users; delete them all afterwards."""
    settings.ACCOUNT_PASSWORDS = {"north": cast.ACCOUNT_PASSWORD}
    Location.objects.update(account_name=cast.ACCOUNT, account_domain="default")
    here.tenant.location.refresh_from_db()
    yield
    identity = here.project.sdk.identity
    for user in identity.users(domain_id="default"):
        if Operation.objects.filter(pk=user.name.rpartition(".")[2]).exists():
            identity.delete_user(user)


def take(here: Here, operation: Operation) -> Credential:
    """Take the secret as the requesting browser does."""
    found = handing.take(here.visit, here.grant, operation.pk)
    assert found is not None
    return found


def in_cloud(here: Here, kind: str = "application-credential") -> set[str]:
    """Return the names of the kind that Keystone has, of this person or with a mark of this test."""
    identity = here.project.sdk.identity
    if kind == "keystone-user":
        told = {one.name for one in identity.users(domain_id="default")}
        return {name for name in told if ".op-" in name and Operation.objects.filter(pk=name[-19:]).exists()}
    state = tokens.recall(here.tenant, here.grant)
    assert state
    if kind == "ec2":
        return {json.loads(one.blob)["label"] for one in identity.credentials(user_id=state.user_id, type="ec2")}
    return {one.name for one in identity.application_credentials(user=state.user_id)}


def opens(here: Here, credential: Credential, folder: Path) -> bool:
    """Return whether a machine can log in with it, the way machines use its kind."""
    if credential.row.kind == "keystone-user":
        return _sources(credential, folder)
    if credential.row.kind == "ec2":
        return _lists_buckets(credential)
    return _logs_in(here, credential)


def _logs_in(here: Here, credential: Credential) -> bool:
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


def _sources(credential: Credential, folder: Path) -> bool:
    return shells.run("bash", f". ./{write(credential, folder)}\n{WHO}", folder).returncode == 0


def _lists_buckets(credential: Credential) -> bool:
    try:
        return buckets(keys_of(credential)) == []
    except subprocess.CalledProcessError:
        return False


def write(credential: Credential, folder: Path) -> str:
    """Write the shell's file into the folder; return its name."""
    found = files.files_of(credential)["sh"]
    (folder / found.name).write_text(found.text)
    return found.name


def keys_of(credential: Credential) -> dict[str, str]:
    """Return the keys in the file for S3 tools."""
    found: dict[str, str] = json.loads(files.files_of(credential)["json"].text)
    return found


def buckets(keys: dict[str, str]) -> list[str]:
    """Return the project's buckets. CalledProcessError if the keys are not accepted."""
    return s3.buckets(keys["endpoint_url"], keys["access_key_id"], keys["secret_access_key"], keys["region"])
