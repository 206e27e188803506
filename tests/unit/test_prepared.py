"""Queries that are compiled once give what the ORM gives."""

import pytest
from django.http import Http404
from django.test import RequestFactory

from portal.identity.models import User
from projects import access
from projects.converters import Handle
from projects.models import Location, Project, Tenant
from projects.pages import gauges, health
from projects.prepared import PreparedCount, PreparedRows
from services.compute.models import Server
from tests import factories

pytestmark = pytest.mark.django_db


def visit(user: User, handle: Handle) -> access.Visit:
    request = RequestFactory().get("/")
    request.user = user
    return access.enter(request, handle)


def values(row: Project | Location | Tenant) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_visit_has_the_rows_as_the_orm_reads_them() -> None:
    cast = factories.cast()
    for tenant, place in ((cast.atlas, "north"), (cast.borealis, "north")):
        found = visit(cast.member, Handle(tenant.project.slug, place)).tenant
        assert values(found) == values(Tenant.objects.get(pk=tenant.pk))
        assert values(found.project) == values(tenant.project)
        assert values(found.location) == values(Location.objects.get(pk=tenant.location_id))


def test_each_person_gets_their_own() -> None:
    cast = factories.cast()
    visit(cast.member, Handle("atlas", "north"))
    with pytest.raises(Http404):
        visit(cast.stranger, Handle("atlas", "north"))
    assert visit(cast.reader, Handle("atlas", "north")).role == "reader"


def test_readings_and_limits_are_those_of_the_tenant() -> None:
    cast = factories.cast()
    fresh = health.freshness_of(cast.atlas)
    assert {one.pk for one in fresh.readings.values()} == set(cast.atlas.readings.values_list("pk", flat=True))
    assert {one.pk for one in gauges.limits_of(cast.atlas).values()} == set(
        cast.atlas.limits.values_list("pk", flat=True)
    )


SERVERS = PreparedRows(Server, lambda tenant: Server.objects.filter(tenant=tenant), tenant=-1)
COUNT = PreparedCount(lambda tenant: Server.objects.filter(tenant=tenant), tenant=-1)


def test_rows_of_a_model_are_those_of_the_orm_each_time_anew() -> None:
    cast = factories.cast()
    for tenant in (cast.atlas, cast.borealis, cast.atlas):
        orm = list(Server.objects.filter(tenant=tenant))
        found = SERVERS.all(tenant=tenant.pk)
        fields = [field.attname for field in Server._meta.concrete_fields]
        assert [[getattr(one, name) for name in fields] for one in found] == [
            [getattr(one, name) for name in fields] for one in orm
        ]
        assert SERVERS.first(tenant=tenant.pk) == (orm[0] if orm else None)
        assert COUNT.of(tenant=tenant.pk) == len(orm)
    assert Server.objects.filter(tenant=cast.atlas).exists()
    assert SERVERS.first(tenant=0) is None
    assert COUNT.of(tenant=0) == 0
