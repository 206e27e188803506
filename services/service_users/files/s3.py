"""Files for tools that speak S3: the pair of keys, and where the objects are."""

import json
import shlex
from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from portal.ui.commands import Command, line
from services.cli_access.formats.base import comments
from services.openstack.words import Service
from services.service_users.files.base import FileKind, beside, head_of, place_of
from services.service_users.handing import Credential
from services.service_users.models import ServiceUser

# What swift takes for its own unless its operator says otherwise; Ceph takes any.
REGION = "us-east-1"


def endpoint_of(row: ServiceUser) -> str:
    """Say where the location's objects are had by S3, as the cloud tells. Without what would end a line."""
    found = row.tenant.location.services.filter(service=Service.OBJECT_STORE).values_list("s3_url", flat=True)
    return "".join((found.first() or "").split())


class Env(FileKind):
    """Variables as Amazon's own tools and SDKs read them."""

    key = "env"
    ending = ".env"
    icon = "terminal"
    text = gettext_lazy("AWS_… for aws, boto3, restic, Terraform")

    def name(self, row: ServiceUser) -> str:
        return f"s3-{place_of(row).stem}.env"

    def use(self, row: ServiceUser) -> str:
        return f"set -a; . ~/Downloads/{self.name(row)}; set +a\naws s3 ls"

    def render(self, credential: Credential) -> str:
        row = credential.row
        values = {
            "AWS_ACCESS_KEY_ID": row.access_key,
            "AWS_SECRET_ACCESS_KEY": credential.secret,
            "AWS_ENDPOINT_URL_S3": endpoint_of(row),
            "AWS_DEFAULT_REGION": REGION,
        }
        lines = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
        return "\n".join([*comments(head_of(row)), *lines]) + "\n"


class Profile(FileKind):
    """An entry for ~/.aws/credentials."""

    key = "aws"
    ending = "credentials"
    text = gettext_lazy("a profile for ~/.aws/credentials")

    def name(self, row: ServiceUser) -> str:
        return f"aws-{place_of(row).stem}.credentials"

    def use(self, row: ServiceUser) -> str:
        shared = f"export AWS_SHARED_CREDENTIALS_FILE=~/Downloads/{self.name(row)}"
        used = line(["aws", f"--profile={place_of(row).name}"], Command("s3 ls"))
        return f"{shared}\n{used}"

    def render(self, credential: Credential) -> str:
        row = credential.row
        values = {
            "aws_access_key_id": row.access_key,
            "aws_secret_access_key": credential.secret,
            "endpoint_url": endpoint_of(row),
            "region": REGION,
            # Names of buckets go into the path: there is no host of each bucket's name.
            "s3": "\n  addressing_style = path",
        }
        return _section(row, values)


class Rclone(FileKind):
    """A remote for rclone's configuration."""

    key = "rclone"
    ending = "rclone.conf"
    text = gettext_lazy("a remote for rclone")

    def name(self, row: ServiceUser) -> str:
        return f"rclone-{place_of(row).stem}.conf"

    def use(self, row: ServiceUser) -> str:
        return f"rclone --config ~/Downloads/{self.name(row)} lsd {place_of(row).name}:"

    def render(self, credential: Credential) -> str:
        row = credential.row
        values = {
            "type": "s3",
            "provider": "Other",
            "access_key_id": row.access_key,
            "secret_access_key": credential.secret,
            "endpoint": endpoint_of(row),
            "region": REGION,
            "force_path_style": "true",
        }
        return _section(row, values)


class Json(FileKind):
    """The same for tools."""

    key = "json"
    ending = ".json"
    text = gettext_lazy("for tools")
    content_type = "application/json; charset=utf-8"

    def name(self, row: ServiceUser) -> str:
        return f"s3-{place_of(row).stem}.json"

    def use(self, row: ServiceUser) -> str:
        return f"jq -r .access_key_id ~/Downloads/{self.name(row)}"

    def render(self, credential: Credential) -> str:
        row = credential.row
        keys = {"access_key_id": row.access_key, "secret_access_key": credential.secret}
        place = {"endpoint_url": endpoint_of(row), "region": REGION}
        return json.dumps({**keys, **place, **beside(row)}, indent=2, ensure_ascii=False) + "\n"


def _section(row: ServiceUser, values: Mapping[str, str]) -> str:
    lines = [f"{name} = {value}".replace("= \n", "=\n") for name, value in values.items()]
    return "\n".join([*comments(head_of(row)), f"[{place_of(row).name}]", *lines]) + "\n"


ALL = (Env(), Profile(), Rclone(), Json())
