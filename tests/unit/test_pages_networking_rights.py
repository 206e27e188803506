"""Forms of networks, routers and floating IPs: who may, what hostile input comes to, and what they ask the database."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.models import Operation, Tenant
from services.compute.models import Server
from services.network.models import FloatingIP, Network, Port, Router, Subnet
from tests import factories
from tests.unit.net_rows import FORMS, HOSTILE, net, server, text, url_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", FORMS)
def test_hostile_input_is_refused_or_shown_as_it_is(member: Client, path: str) -> None:
    response = member.post(url_of(path), {**FORMS[path], "key": HOSTILE})
    assert response.status_code in (302, 422)
    assert HOSTILE not in response.content.decode()


@pytest.mark.parametrize("path", FORMS)
def test_names_of_things_are_escaped_in_forms(member: Client, path: str) -> None:
    url, server_id = url_of(path), server("web-01").external_id
    for model in (Network, Subnet, Router, Server):
        model.objects.update(name=HOSTILE)
    FloatingIP.objects.update(description=HOSTILE, port_id="one", server_id=server_id)
    page = member.get(url).content.decode()
    assert HOSTILE not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("path", FORMS)
def test_a_reader_is_told_whom_to_ask_and_changes_nothing(reader: Client, path: str) -> None:
    for response in (reader.get(url_of(path)), reader.post(url_of(path), FORMS[path])):
        assert response.status_code == 403
        assert "Ask one of its admins" in text(response)
    assert not Operation.objects.exists()


def test_a_reader_sees_no_button(reader: Client) -> None:
    for path in (
        "networks/",
        "routers/",
        "floating-ips/",
        "networks/{net}/",
        "routers/{edge}/",
        "floating-ips/{idle}/",
    ):
        page = reader.get(url_of(path)).content.decode()
        for part in ("/create/", "/delete/", "/release/", "/associate/", "/do/", "/edit/", "bulk/"):
            assert f'{part}"' not in page, (path, part)
            assert f"{part}?" not in page, (path, part)


def test_forms_ask_the_database_the_same_for_many_as_for_few(member: Client, atlas: Tenant) -> None:
    def count(url: str) -> int:
        member.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert member.get(url).status_code == 200
        return len(captured)

    paths = (
        "networks/create/",
        "routers/create/",
        "routers/{edge}/connect/",
        "floating-ips/create/",
        "networks/{net}/",
    )
    urls = {path: url_of(path) for path in paths}
    before = {path: count(url) for path, url in urls.items()}
    now = timezone.now()
    for n in range(20):
        network_id = factories.ident(f"many-{n}")
        Network.objects.create(**factories.seen(now, atlas, network_id, f"many-{n}"), status="ACTIVE")
        shape = {"network_id": network_id, "cidr": f"10.5.{n}.0/24", "gateway": f"10.5.{n}.1"}
        Subnet.objects.create(**factories.seen(now, atlas, factories.ident(f"sub-{n}"), f"sub-{n}"), **shape)
        gone = factories.seen(now, atlas, factories.ident(f"router-{n}"), f"router-{n}")
        Router.objects.create(**gone, status="ACTIVE", external_network_id=net("public").external_id)
        port = factories.seen(now, atlas, factories.ident(f"many-port-{n}"), "")
        Port.objects.create(**port, network_id=network_id, device_id=server("db-01").external_id, status="ACTIVE")
    assert {path: count(url) for path, url in urls.items()} == before
