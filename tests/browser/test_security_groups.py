"""The sheet of a server's security groups and the form of rules in a real browser, with scripts and without."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from projects.models import Operation, Tenant
from services.network.models import Port
from tests import factories
from tests.browser.test_pages_looks import tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NORTH = "/atlas@north/"


def ident(name: str) -> str:
    return factories.ident(f"atlas@north/{name}")


PAGE = f"{NORTH}servers/{ident('server/web-01')}/"
PORT = ident("port/web-01/app-net")
SSH, PUBLIC, APP = (ident(f"group/{name}") for name in ("ssh-office", "web-public", "app"))


@pytest.fixture
def cast() -> factories.Cast:
    people = factories.cast()
    Port.objects.filter(external_id=PORT).update(security_group_ids=[SSH])
    return people


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast) -> Open:
    """Return a function that opens a page of the member's; options as for new_context."""

    def opened(address: str, **options: object) -> Page:
        page = tab(browser, live_server, client, cast.member, **options)
        page.goto(address)
        return page

    return opened


def somebody(cast: factories.Cast, *group_ids: str) -> None:
    """Give the port other groups, as somebody else would, seen by a refresh."""
    Port.objects.filter(external_id=PORT).update(security_group_ids=list(group_ids))
    tenant = Tenant.objects.get(pk=cast.atlas.pk)
    Tenant.objects.filter(pk=tenant.pk).update(version=tenant.version + 1)


def test_what_changes_follows_each_tick_and_discard_takes_them_back(open_page: Open) -> None:
    page = open_page(PAGE)
    sheet = page.locator("#groups-changes")
    apply = page.get_by_role("button", name="Apply to app-net")
    expect(apply).to_have_attribute("aria-disabled", "true")
    page.get_by_label("web-public").check()
    expect(sheet).to_contain_text("2 open")
    expect(sheet).to_contain_text("anywhere means the internet")
    expect(apply).not_to_have_attribute("aria-disabled", "true")
    page.get_by_label("ssh-office").uncheck()
    expect(sheet).to_contain_text("1 closes")
    page.get_by_role("button", name="Discard").click()
    expect(sheet).to_contain_text("Who reaches 10.0.4.17")
    expect(page.get_by_label("web-public")).not_to_be_checked()
    expect(page.get_by_label("ssh-office")).to_be_checked()
    expect(apply).to_have_attribute("aria-disabled", "true")
    page.context.close()


def test_enter_in_the_question_answers_it_and_saves_nothing(open_page: Open) -> None:
    page = open_page(PAGE)
    page.get_by_label("web-public").check()
    page.get_by_label("Who can reach port").fill("443")
    page.keyboard.press("Enter")
    expect(page.locator("#groups-answer")).to_contain_text("After saving: everyone on the internet, by web-public.")
    assert page.url.endswith(PAGE)
    assert not Operation.objects.exists()
    page.context.close()


def test_saving_takes_two_clicks_and_opens_the_operation_beside_the_sheet(open_page: Open) -> None:
    page = open_page(PAGE)
    page.get_by_label("web-public").check()
    expect(page.locator("#groups-changes")).to_contain_text("2 open")
    page.get_by_role("button", name="Apply to app-net").click()
    page.wait_for_url(re.compile(r"op=op-.*#reach$"))
    operation = Operation.objects.get()
    assert operation.params["group_ids"] == sorted([SSH, PUBLIC])
    expect(page.get_by_role("heading", name="Add web-public to web-01")).to_be_visible()
    page.context.close()


def test_from_the_overview_a_port_is_opened_in_two_clicks(open_page: Open) -> None:
    page = open_page(NORTH)
    page.locator(".md-roll").get_by_role("link", name="web-01").click()
    page.get_by_role("button", name="Add now web-public").click()
    page.wait_for_url(re.compile(r"op=op-.*#reach$"))
    assert Operation.objects.get().params["group_ids"] == sorted([SSH, PUBLIC])
    page.context.close()


def test_from_the_overview_a_port_is_closed_in_two_clicks(open_page: Open) -> None:
    Port.objects.filter(external_id=PORT).update(security_group_ids=[SSH, PUBLIC])
    page = open_page(NORTH)
    page.locator(".md-roll").get_by_role("link", name="web-01").click()
    page.get_by_role("button", name="Remove now web-public").click()
    page.wait_for_url(re.compile(r"op=op-.*#reach$"))
    assert Operation.objects.get().params["group_ids"] == [SSH]
    page.context.close()


def test_what_is_ticked_takes_the_button_away(open_page: Open) -> None:
    page = open_page(PAGE)
    page.get_by_label("web-public").check()
    expect(page.get_by_role("button", name="Add now app")).to_be_hidden()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Add now app")).to_be_visible()
    page.context.close()


def test_while_one_ticks_somebody_elses_change_is_told_beside_the_ticks(open_page: Open, cast: factories.Cast) -> None:
    page = open_page(PAGE)
    page.get_by_label("web-public").check()
    expect(page.locator("#groups-changes")).to_contain_text("2 open")
    somebody(cast, SSH, APP)
    told = page.locator("#groups-changes")
    expect(told).to_contain_text("Somebody else has changed them meanwhile: app was added.", timeout=6000)
    expect(page.get_by_label("web-public")).to_be_checked()
    expect(page.get_by_role("button", name="Apply to app-net")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Put mine in its place").click()
    expect(told).not_to_contain_text("Somebody else")
    page.get_by_role("button", name="Apply to app-net").click()
    page.wait_for_url(re.compile("op=op-"))
    assert Operation.objects.get().params["seen"] == sorted([SSH, APP])
    page.context.close()


def test_whoever_ticks_nothing_sees_somebody_elses_change_by_itself(open_page: Open, cast: factories.Cast) -> None:
    page = open_page(PAGE)
    expect(page.get_by_label("ssh-office")).to_be_checked()
    somebody(cast, APP)
    expect(page.locator(f'input[name=group_ids][value="{APP}"]')).to_be_checked(timeout=6000)
    expect(page.locator(f'input[name=group_ids][value="{SSH}"]')).not_to_be_checked()
    page.context.close()


def test_without_scripts_one_looks_first_and_saves_then(open_page: Open) -> None:
    page = open_page(PAGE, java_script_enabled=False)
    page.get_by_label("web-public").check()
    page.get_by_role("button", name="Preview").last.click()
    expect(page.locator("#groups-changes")).to_contain_text("2 open")
    assert not Operation.objects.exists()
    page.get_by_label("Who can reach port").fill("443")
    page.get_by_label("Who can reach port").press("Enter")
    expect(page.locator("#groups-answer")).to_contain_text("After saving: everyone on the internet")
    assert not Operation.objects.exists()
    page.get_by_role("button", name="Apply to app-net").click()
    assert Operation.objects.get().params["group_ids"] == sorted([SSH, PUBLIC])
    page.context.close()


def test_the_form_of_rules_shows_what_belongs_to_a_choice_and_follows(open_page: Open) -> None:
    page = open_page(f"{NORTH}security-groups/{APP}/")
    expect(page.get_by_label("Protocol")).to_be_hidden()
    page.get_by_text("SSH 22/tcp").click()
    opening = page.locator("#opening")
    expect(opening).to_contain_text("22/tcp (SSH) from anywhere is what break-ins begin with")
    page.get_by_text("A network", exact=True).click()
    page.locator("[name=cidr]").fill("203.0.113.7/24")
    expect(opening).to_contain_text("203.0.113.0/24")
    expect(opening).not_to_contain_text("break-ins")
    page.get_by_text("Others").click()
    page.locator("[name=ports]").fill("80-")
    page.locator("[name=cidr]").focus()
    expect(page.get_by_text("“80-” is not a valid port")).to_be_visible()
    page.get_by_label("Protocol").select_option("icmp")
    expect(page.get_by_label("Type")).to_be_visible()
    expect(page.get_by_text("“80-” is not a valid port")).to_be_hidden()
    page.get_by_role("button", name="Add 2 rules").click()
    page.wait_for_url(re.compile("op=op-"))
    assert [one["protocol"] for one in Operation.objects.get().params["rules"]] == ["tcp", "icmp"]
    page.context.close()


def test_a_warning_that_was_shown_needs_no_second_click(open_page: Open) -> None:
    page = open_page(f"{NORTH}security-groups/{APP}/")
    page.get_by_text("SSH 22/tcp").click()
    expect(page.locator("#opening")).to_contain_text("break-ins")
    page.get_by_role("button", name="Add 2 rules").click()
    page.wait_for_url(re.compile("op=op-"))
    assert Operation.objects.count() == 1
    page.context.close()
