"""The files of CLI access as the portal hands them out, for a cast member at a running cloud."""

from pathlib import Path

from django.test import Client
from pytest_django.fixtures import Settings

from portal.identity.discovery import forget_providers
from portal.identity.models import User
from projects.models import Location, Project, Tenant
from tests import factories
from tests.cloud.conftest import Devcloud
from tests.cloud.people import location_row


class Downloads:
    """Logs `member` in to a portal whose identity provider is `issuer`, and downloads files."""

    def __init__(self, devcloud: Devcloud, settings: Settings, issuer: str, folder: Path) -> None:
        settings.OIDC_ISSUER = issuer
        forget_providers()
        user = User.objects.create(issuer=issuer, subject="member", username="member")
        with devcloud.connect("north-atlas-member") as cloud:
            self.project_id: str = cloud.current_project_id
        tenant = self._tenant(location_row(devcloud))
        factories.join(user, tenant)
        self.folder, self.client = folder, Client()
        factories.log_in(self.client, user)

    def _tenant(self, location: Location) -> Tenant:
        project = Project.objects.create(slug="atlas", name="atlas")
        tenant = factories.tenant(project, location, domain_id="default")
        Tenant.objects.filter(pk=tenant.pk).update(external_id=self.project_id)
        return tenant

    def get(self, way: str, kind: str, name: str) -> Path:
        """Download a file without a secret into the folder."""
        answer = self.client.get(f"/atlas@north/cli/files/{way}/{kind}/")
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"', answer.content.decode()
        (self.folder / name).write_bytes(answer.content)
        return self.folder / name
