"""The pages of service users as people see them: accessible, in both themes, on a phone, by the site's own policy."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from projects.models import Membership
from tests import factories, service_users_factory
from tests.browser.conftest import COLOURS, RULES
from tests.browser.test_pages_looks import SETTLED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/atlas@north/service-users/"
Axe = Callable[..., list[str]]


@pytest.fixture
def cast() -> factories.Cast:
    people = factories.cast()
    Membership.objects.update(cloud_roles=["member", "reader"])
    return people


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast) -> Iterator[Page]:
    factories.log_in(client, cast.admin)
    profile = browser.new_context(base_url=live_server.url)
    profile.set_default_timeout(10_000)
    profile.add_cookies([{"name": "meshdeck", "value": client.cookies["meshdeck"].value, "url": live_server.url}])
    yield profile.new_page()
    profile.close()


def test_every_page_is_accessible_in_both_themes_and_never_scrolls_sideways(
    page: Page, cast: factories.Cast, axe: Axe
) -> None:
    rows = service_users_factory.some(cast.atlas, cast.admin, cast.member)
    service_users_factory.service_user(cast.atlas, cast.stranger, "of-one-who-left-" + "x" * 60, outside=True)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    found: dict[str, list[str]] = {}
    verbs = [f"{LIST}{rows[0].external_id}/{verb}/" for verb in ("rotate", "revoke")]
    for address in (LIST, f"{LIST}create/", *verbs, f"{LIST}made/{rows[0].operation_id}/"):
        page.goto(address)
        for scheme, rules in (("light", RULES), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            if wrong := axe(page, rules):
                found[f"{address} {scheme}"] = wrong
        page.set_viewport_size({"width": 320, "height": 640})
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
            found[f"{address} narrow"] = [f"{width} px wide"]
        if address == LIST:
            expect(page.get_by_role("link", name="Revoke").first).to_be_visible()  # on a phone too
        page.set_viewport_size({"width": 1280, "height": 720})
    assert found == {}
    assert told == []


def test_a_choice_brings_its_own_fields_and_says_what_is_meant(page: Page) -> None:
    page.goto(f"{LIST}create/")
    expect(page.locator("#id_calls")).to_be_hidden()
    expect(page.locator("#id_day")).to_be_hidden()
    page.locator('label:has(input[name="may"][value="calls"])').click()
    page.locator('label:has(input[name="ends"][value="date"])').click()
    expect(page.locator("#id_calls")).to_be_visible()
    expect(page.locator("#id_day")).to_be_visible()
    expect(page.locator('[data-may="all"]')).to_be_hidden()
    page.get_by_label("Only these requests").fill("GET compute servers")
    page.get_by_label("Name", exact=True).fill("ci-deploy")
    page.get_by_label("What is it for?").click()
    expect(page.get_by_text("“GET compute servers” is not a method, a service and a path")).to_be_visible()
    page.get_by_label("Only these requests").fill("GET compute /v2.1/servers")
    page.get_by_label("On the evening of").fill("2031-05-09")
    page.get_by_label("What is it for?").click()
    expect(page.locator("#say-sheet")).to_contain_text("only 1 kind of request")
    expect(page.locator("#command")).to_contain_text("--expiration=2031-05-09T23:59:59")


def test_keys_for_s3_ask_for_no_roles_and_bring_their_own_files(page: Page, cast: factories.Cast) -> None:
    cast.atlas.location.services.filter(service="object-store").update(s3_url="http://s3.test")
    page.goto(f"{LIST}create/")
    expect(page.locator('input[name="s3_file"]').first).to_be_hidden()
    page.locator('label:has(input[name="kind"][value="ec2"])').click()
    expect(page.locator('input[name="s3_file"][value="aws"]')).to_be_visible()
    expect(page.locator('input[name="may"]').first).to_be_hidden()
    expect(page.locator('input[name="file"]').first).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("backup")
    page.get_by_label("What is it for?").click()
    expect(page.locator("#say-sheet")).to_contain_text("everything that your roles may")
    expect(page.locator("#command")).to_contain_text("ec2 credentials create")


def test_what_a_kind_is_not_is_not_promised_of_it(page: Page, cast: factories.Cast) -> None:
    location = cast.atlas.location
    location.account_name, location.account_domain = "meshdeck", cast.atlas.domain_id
    location.save()
    page.goto(f"{LIST}create/")
    expect(page.locator("#say-sheet")).to_contain_text("makes no other service users")
    page.get_by_label("Name", exact=True).fill("monitor")
    page.locator('label:has(input[name="kind"][value="keystone-user"])').click()
    expect(page.locator("#say-sheet")).not_to_contain_text("makes no other service users")
    expect(page.locator('input[name="may"][value="calls"]')).to_be_disabled()
    expect(page.get_by_text("Not for this kind").first).to_be_visible()
    expect(page.locator('input[name="may"][value="look"]')).to_be_enabled()
