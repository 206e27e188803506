"""A project is read whole, whatever it is called."""

from collections.abc import Iterator

import pytest

from projects.models import LocationService, Reading
from services.openstack.words import Service
from tests.cloud.conftest import Devcloud
from tests.cloud.own_tenant import Project, enter, own_project
from tests.support.issuer import Issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(devcloud: Devcloud) -> Iterator[Project]:
    with own_project(devcloud, "Zürich→雲 & Łódź") as project:
        yield project


def test_a_project_of_any_name_is_read_whole(devcloud: Devcloud, issuer: Issuer, project: Project) -> None:
    here = enter(devcloud, issuer, project)
    project.sdk.object_store.create_container("kept here")
    try:
        here.look()
        assert set(Reading.objects.filter(tenant=here.tenant).values_list("reason", flat=True)) == {""}
        assert list(here.tenant.containers.values_list("name", flat=True)) == ["kept here"]
        assert LocationService.objects.get(location=here.tenant.location, service=Service.OBJECT_STORE).answers
    finally:
        project.sdk.object_store.delete_container("kept here")
