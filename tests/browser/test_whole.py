"""From the login to the figures of a real cloud, as a person's first minute."""

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack

pytestmark = [pytest.mark.browser, pytest.mark.cloud, pytest.mark.requires("chromium")]


def test_a_new_user_logs_in_and_finds_the_projects_in_both_locations(page: Page, stack: Stack) -> None:
    stack.log_in(page, "member")
    north = page.locator('a[href="/atlas@north/"]').first
    expect(north).to_be_visible(timeout=30_000)
    expect(page.locator('a[href="/atlas@south/"]').first).to_be_visible(timeout=30_000)
    page.goto(f"{stack.url}/atlas@north/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("atlas.*north", re.DOTALL))


def test_a_stranger_finds_no_project_and_no_tenant(log_in: Callable[..., Page], stack: Stack) -> None:
    page = log_in("stranger")
    expect(page.locator('a[href="/atlas@north/"]')).to_have_count(0)
    answer = page.goto("/atlas@north/")
    assert answer is not None
    assert answer.status == 404


def test_everything_the_portal_needs_does_its_work(stack: Stack) -> None:
    assert requests.get(f"{stack.url}/readyz", timeout=10).json()["ready"] is True


def test_the_first_page_has_no_accessibility_violations(
    log_in: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    assert axe(log_in("member")) == []
