"""Change volumes in a real browser: the form that follows, the way out of a refusal, several at once."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from projects.models import Limit, Operation
from services.block_storage.models import Volume
from services.compute.models import Server
from services.openstack.words import Measure
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NORTH = "/atlas@north/"


@pytest.fixture
def cast() -> factories.Cast:
    return factories.cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast) -> Iterator[Page]:
    factories.log_in(client, cast.member)
    profile = browser.new_context(base_url=live_server.url)
    profile.set_default_timeout(10_000)
    profile.add_cookies([{"name": "meshdeck", "value": client.cookies["meshdeck"].value, "url": live_server.url}])
    yield profile.new_page()
    profile.close()


def test_a_volume_is_created_and_attached_from_the_servers_page_with_a_refusal_on_the_way(
    page: Page, cast: factories.Cast
) -> None:
    Limit.objects.filter(tenant=cast.atlas, measure=Measure.VOLUME_GB).update(used=560)
    server = Server.objects.get(tenant=cast.atlas, name="web-02")
    page.goto(f"{NORTH}servers/{server.external_id}/")
    page.get_by_role("link", name="Create one for this server").click()
    page.get_by_label("Name", exact=True).fill("pg-data-02")
    page.get_by_label("Size in GB").fill("480")
    page.get_by_label("Description").click()
    expect(page.get_by_text("480 GB is 40 GB more than atlas has left in north")).to_be_visible()
    expect(page.get_by_text("With this volume: 1,040 GB, 40 GB over the limit")).to_be_visible()
    page.get_by_role("button", name="Use 440 GB").click()
    expect(page.get_by_label("Size in GB")).to_have_value("440")
    expect(page.get_by_text("480 GB is 40 GB more")).to_be_hidden()
    expect(page.locator("#command")).to_contain_text("--size=440")
    page.get_by_text("Terraform", exact=True).click()
    expect(page.locator("#command")).to_contain_text("openstack_compute_volume_attach_v2")
    page.get_by_role("button", name="Create and attach").click()
    expect(page.locator("#drawer")).to_contain_text("Create volume pg-data-02 and attach it to web-02")
    operation = Operation.objects.get()
    assert (operation.params["size_gb"], operation.params["server_id"]) == (440, server.external_id)


def test_what_it_starts_from_brings_its_own_choice(page: Page) -> None:
    page.goto(f"{NORTH}volumes/create/")
    image, snapshot = page.get_by_label("Image", exact=True), page.locator("#id_snapshot_id")
    expect(image).to_be_hidden()
    page.locator("label", has_text="A bootable disk").click()
    expect(page.locator("#id_image_id")).to_be_visible()
    expect(page.get_by_label("Type")).to_be_visible()
    page.locator("label", has_text="3 in this project").click()
    expect(page.locator("#id_image_id")).to_be_hidden()
    expect(snapshot).to_be_visible()
    expect(page.get_by_label("Type")).to_be_hidden()
    snapshot.select_option(label="pg-data-01-monday, 200 GB, of pg-data-01")
    page.get_by_label("Name", exact=True).fill("copy")
    expect(page.get_by_text("pg-data-01-monday needs at least 200 GB.")).to_be_hidden()  # the size has the focus
    # It says that something is missing once the server has checked, and can be clicked all the same.
    page.get_by_role("button", name="Create volume").click(force=True)
    page.get_by_role("button", name="Use 200 GB").click()
    page.get_by_role("button", name="Create volume").click()
    expect(page.locator("#drawer")).to_contain_text("Create volume copy")
    assert Operation.objects.get().params["size_gb"] == 200


def test_attaching_from_a_servers_page_takes_one_click(page: Page, cast: factories.Cast) -> None:
    server = Server.objects.get(tenant=cast.atlas, name="db-01")
    page.goto(f"{NORTH}servers/{server.external_id}/")
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.locator("#drawer")).to_contain_text("Attach logs-archive to db-01")
    assert Operation.objects.get().action == "attach-volume"


def test_several_are_detached_after_one_look(page: Page) -> None:
    page.goto(f"{NORTH}volumes/")
    for name in ("logs-01", "web-assets", "logs-archive"):
        page.get_by_label(f"Select {name}").check()
    expect(page.locator("#bulk")).to_contain_text("2 in use, 1 available")
    page.locator("#bulk").get_by_role("button", name="Detach").click()
    expect(page.get_by_role("heading", name="Detach 2 volumes")).to_be_visible()
    expect(page.get_by_text("It is not attached to anything.")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Detach 2 volumes").click()
    expect(page.get_by_role("heading", name="Volumes", exact=True)).to_be_visible()
    assert sorted(Operation.objects.values_list("action", flat=True)) == ["detach-volume"] * 2


def test_who_edits_second_sees_what_changed_and_decides(page: Page) -> None:
    row = Volume.objects.get(name="logs-archive")
    page.goto(f"{NORTH}volumes/{row.external_id}/edit/")
    Volume.objects.filter(pk=row.pk).update(name="hers")
    page.get_by_label("Name").fill("mine")
    page.get_by_role("button", name="Save").click(force=True)
    expect(page.get_by_text("its name is now “hers”")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("mine")
    page.get_by_role("button", name="Put mine in its place").click()
    expect(page.get_by_text("its name is now “hers”")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#drawer")).to_contain_text("Rename volume hers to mine")
    assert Operation.objects.get().params["was_name"] == "hers"
