"""What clouds allow and nobody expects: every list and page is whole with it, and nothing of it is markup."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from projects.models import Change, Tenant, inventory
from services.compute.models import Server
from services.network.models import SecurityGroupRule
from tests import factories
from tests.unit.test_pages_access import KINDS

pytestmark = pytest.mark.django_db

# What is markup to a browser, a template or Python's formats; what is no line of letters, and long; nothing at all.
# Short fields have the beginning of it.
NAMES = {
    "markup": "\"><img src=x onerror=alert('1')><script>alert(1)</script>{{ settings.SECRET_KEY }}{% debug %}",
    "letters": ("%s %(name)s {0} {key}\nlines\tand\r\nmore \u202egnp.exe\u202c מכונה " + "🦔" * 120).ljust(256, "x"),
    "space": " ",
}


@pytest.fixture
def tenant(client: Client) -> Tenant:
    cast = factories.cast()
    factories.log_in(client, cast.member)
    return cast.atlas


def every_page(client: Client, tenant: Tenant) -> None:
    """Asks for each list, each resource, and the pages above."""
    addresses = ["", "?as=table", "changes/"]
    for key, (_name, model) in KINDS.items():
        ids = model._default_manager.filter(tenant=tenant).values_list("external_id", flat=True)
        addresses += [f"{key}/", f"{key}/?format=csv", *(f"{key}/{quote(id_)}/" for id_ in ids)]
    for address in [*(f"/{tenant.handle}/{address}" for address in addresses), "/", "/projects/atlas/"]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if "html" in answer["Content-Type"]:
            page = answer.content.decode()
            assert "<script>alert" not in page, address
            assert "<img src=x" not in page, address


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_any_name_is_shown_as_it_is(client: Client, tenant: Tenant, name: str) -> None:
    text = {"name", "description", "flavor_name", "image_name", "key_name", "zone", "status", "task_state", "protocol"}
    for model in inventory():
        there = {
            field.name: name[: field.max_length or 256]
            for field in model._meta.get_fields()
            if field.name in text and not field.is_relation
        }
        model._default_manager.filter(tenant=tenant).update(**there)
    Change.objects.filter(tenant=tenant).update(name=name)
    every_page(client, tenant)
    assert client.get("/search/", {"q": name}).status_code == 200
    assert client.get("/search/", {"q": name}, headers={"HX-Request": "true"}).status_code == 200


def test_a_server_of_which_little_is_left_can_be_opened(client: Client, tenant: Tenant) -> None:
    """Its flavor, image, network and groups were deleted, and it is in a state that is newer than this program."""
    for model in inventory():
        if model is not Server:
            model._default_manager.filter(tenant=tenant).delete()
    Server.objects.filter(tenant=tenant).update(
        flavor_name="", vcpus=0, ram_mb=0, image_name="", image_id="", status="TELEPORTING", task_state="beaming",
        created_at=None, zone="", key_name="",
    )  # fmt: skip
    every_page(client, tenant)
    Server.objects.filter(tenant=tenant).update(addresses=[], security_groups=[], volumes=[], metadata={}, fault="")
    every_page(client, tenant)


def test_thirty_addresses_and_three_thousand_rules_are_shown(client: Client, tenant: Tenant) -> None:
    server = Server.objects.filter(tenant=tenant).first()
    assert server
    like = {"version": 6, "type": "fixed", "mac": "", "network": "app-net", "port_id": ""}
    server.addresses = [{**like, "address": f"2001:db8::{n:x}"} for n in range(30)]
    server.save()
    group = tenant.securitygroups.first()
    assert group
    now = timezone.now()
    SecurityGroupRule.objects.bulk_create(
        SecurityGroupRule(
            tenant=tenant,
            external_id=f"rule-{n}",
            group_id=group.external_id,
            first_seen_at=now,
            changed_at=now,
            direction=("ingress", "egress")[n % 2],
            ethertype=("IPv4", "IPv6")[n % 3 == 0],
            protocol=("tcp", "", "132", "ipv6-icmp", "vrrp")[n % 5],
            port_min=(None, n, 0)[n % 3],
            port_max=(None, n, 65535)[n % 3],
            remote_cidr=("", "::/0", "2001:db8::/32", "10.0.0.0/8")[n % 4] if n % 7 else "",
            remote_group_id="" if n % 7 else "another-projects-group",
        )
        for n in range(3000)
    )
    every_page(client, tenant)
    assert "2001:db8::1d" in client.get(f"/{tenant.handle}/servers/{server.external_id}/").content.decode()
