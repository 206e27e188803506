"""The pages that create servers and key pairs in a real browser: what follows the typing, and what is never lost."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.identity.models import Grant
from projects.fetching import asking as fetching
from projects.fetching.asking import Note, Wanted
from projects.models import Operation
from services.compute.models import Flavor, Server
from services.images.models import Image
from tests import factories
from tests.browser.test_pages_looks import SCHEMES, dress, ident, tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SERVERS, KEYS = "/atlas@north/servers/", "/atlas@north/key-pairs/"
ONE = f"{SERVERS}{ident('server/web-01')}/"
PAGES = [
    f"{SERVERS}create/",
    f"{SERVERS}bulk/delete/?ids={ident('server/web-01')}&ids={ident('server/worker-07')}",
    *(
        f"{ONE}{part}/"
        for part in ("log", "console", "snapshots", "metadata", "rename", "resize", "snapshot", "delete")
    ),
    f"{SERVERS}{ident('server/web-02')}/",
    f"{KEYS}create/?key=k",
    f"{KEYS}create/?key=made",
    f"{KEYS}import/",
    f"{KEYS}member-laptop/delete/",
]


@pytest.fixture
def cast() -> factories.Cast:
    people = factories.cast(history=False)
    now = timezone.now()
    Flavor.objects.filter(tenant=people.atlas).delete()
    for name, (vcpus, ram, disk) in {**factories.FLAVORS, "x1.huge": (16, 65536, 80)}.items():
        row = factories.seen(now, people.atlas, factories.ident(f"flavor/{name}"), name)
        Flavor.objects.create(**row, vcpus=vcpus, ram_mb=ram, disk_gb=disk)
    Image.objects.filter(tenant=people.atlas, name="Debian 13").update(min_disk_gb=8, os_distro="debian")
    Server.objects.filter(tenant=people.atlas, name="web-02").update(status="VERIFY_RESIZE")
    return people


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast) -> Page:
    return tab(browser, live_server, client, cast.member, accept_downloads=True)


def test_the_pages_are_accessible_and_never_scroll_sideways(
    page: Page, cast: factories.Cast, axe: Callable[..., list[str]]
) -> None:
    grant, now = Grant.objects.get(user=cast.member), timezone.now()
    log = Wanted(cast.atlas.pk, grant.pk, "console-log", ident("server/web-01"), 200)
    fetching.keep(log, Note(datetime.now(UTC), "Booting\n" * 100 + "x" * 500))
    params = {"name": "made", "public_key": "ssh-ed25519 AAAA"}
    times = {"asked_at": now, "next_at": now, "sent_at": now, "ended_at": now}
    who = {"tenant": cast.atlas, "user": cast.member, "grant": grant.pk}
    Operation.objects.create(**who, action="import-key-pair", key="made", params=params, state="done", **times)
    found = {}
    for address in PAGES:
        page.goto(address)
        for scheme, rules in SCHEMES.items():
            dress(page, scheme)
            if wrong := axe(page, rules):
                found[f"{address} {scheme}"] = wrong
        size = page.viewport_size
        page.set_viewport_size({"width": 320, "height": 640})
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
            found[f"{address} narrow"] = [f"{width} px wide"]
        assert size
        page.set_viewport_size(size)
    assert found == {}


def test_the_form_follows_and_offers_what_fits(page: Page) -> None:
    page.goto(f"{SERVERS}create/")
    name = page.get_by_label("Name", exact=True)
    name.fill("web")
    expect(page.locator("#command-openstack")).to_contain_text("web")
    size = page.get_by_label("Size of the volume in GB")
    expect(size).to_be_hidden()
    page.get_by_text("New volume", exact=True).click()
    expect(size).to_be_visible()
    page.get_by_text("On the server's own disk").click()
    expect(size).to_be_hidden()
    # 38 of 40 vCPUs are in use.
    page.get_by_label("How many").fill("5")
    expect(page.get_by_text("web-01 to web-05, one operation each.")).to_be_visible()
    expect(page.get_by_role("button", name="Create 5 servers")).to_be_visible()
    name.focus()
    page.get_by_role("button", name="Make 2").click()
    expect(page.get_by_label("How many")).to_have_value("2")
    expect(page.get_by_text("atlas has 2 of 40 left")).to_be_hidden()
    expect(name).to_have_value("web")
    expect(page.locator("#command-openstack")).to_contain_text("web-02")
    page.get_by_role("button", name="Create 2 servers").click()
    page.wait_for_url(f"**{SERVERS}?op=*")
    assert sorted(one.params["name"] for one in Operation.objects.all()) == ["web-01", "web-02"]


def test_a_key_pair_is_made_on_the_way_and_nothing_typed_is_lost(page: Page, tmp_path: Path) -> None:
    page.goto(f"{SERVERS}create/")
    page.get_by_label("Name", exact=True).fill("api-01")
    page.get_by_text("m1.medium", exact=True).click()
    page.get_by_text("User data", exact=True).first.click()
    page.get_by_label("User data").fill("#cloud-config\npassword: hunter2\n")
    page.get_by_role("button", name="Create a key pair").click()
    page.wait_for_url(f"**{KEYS}create/?*")

    page.get_by_label("Name", exact=True).fill("zoe laptop")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Create and download").click()
    file = tmp_path / "key.pem"
    downloading.value.save_as(file)
    assert downloading.value.suggested_filename == "zoe-laptop.pem"
    load_ssh_private_key(file.read_bytes(), None)  # ValueError if it is not a key
    # The page moves on by itself, and can't create the key a second time.
    expect(page.get_by_text("chmod 600 ~/Downloads/zoe-laptop.pem")).to_be_visible()
    expect(page.get_by_role("button", name="Create and download")).to_have_count(0)

    page.get_by_role("link", name="Back to your form").click()
    page.wait_for_url(f"**{SERVERS}create/?*")
    expect(page.get_by_label("Name", exact=True)).to_have_value("api-01")
    expect(page.locator("#id_key_name")).to_have_value("zoe laptop")
    expect(page.get_by_label("User data")).to_have_value("#cloud-config\npassword: hunter2\n")
    expect(page.get_by_label("m1.medium")).to_be_checked()
    page.get_by_text("app-net", exact=True).click()
    page.get_by_role("button", name="Create server").click()
    page.wait_for_url(f"**{SERVERS}?op=*")
    server = Operation.objects.get(action="create-server")
    assert (server.params["name"], server.params["key_name"]) == ("api-01", "zoe laptop")
    assert "hunter2" not in str(server.params)


def test_a_log_comes_by_itself(page: Page, cast: factories.Cast) -> None:
    page.goto(f"{ONE}log/")
    expect(page.get_by_text("Being fetched")).to_be_visible()
    grant = Grant.objects.get(user=cast.member)
    fetching.keep(
        Wanted(cast.atlas.pk, grant.pk, "console-log", ident("server/web-01"), 200),
        Note(datetime.now(UTC), "\n".join(f"line {number}" for number in range(200))),
    )
    type(cast.atlas).objects.filter(pk=cast.atlas.pk).update(version=cast.atlas.version + 1)
    expect(page.get_by_text("line 199")).to_be_in_viewport()
