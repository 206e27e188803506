"""An offline token from the click to its end: confirmed in a real browser, used by the real openstack command."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.canary import is_nowhere, listening
from tests.browser.conftest import COLOURS, Stack
from tests.support import shells

pytestmark = [pytest.mark.browser, pytest.mark.cloud, pytest.mark.requires("chromium", "zsh", "fish")]

PAGE = "/atlas@north/cli/?way=offline"
LogIn = Callable[..., Page]
WORK = "openstack token issue -f value -c project_id\nopenstack server list -f value -c Name"


@pytest.fixture
def member(log_in: LogIn) -> Page:
    """Open the page of member, who is in atlas at north."""
    page = log_in("member")
    expect(page.locator('a[href="/atlas@north/"]').first).to_be_visible(timeout=30_000)
    return page


def get_one(page: Page, folder: Path, kind: str = "sh") -> Path:
    """Get a token through the page and the provider's consent; the download starts automatically."""
    page.goto(PAGE)
    page.locator(".md-file").filter(has_text=f".{kind}").click()
    expect(page.get_by_role("heading", name="Authorize Meshdeck CLI")).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Authorize").click()
    target = folder / coming.value.suggested_filename
    coming.value.save_as(target)
    return target


def number(file: Path) -> str:
    found = re.fullmatch(r"meshrc-atlas-north-([0-9a-f]{8})\.sh", file.name)
    assert found
    return found[1]


def revoke(page: Page, which: str) -> None:
    page.goto(PAGE)
    page.get_by_role("link", name=f"Revoke {which}").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator(f"#token-{which}")).to_contain_text("revoked")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_works_again_and_again_until_it_is_revoked(shell: str, member: Page, tmp_path: Path) -> None:
    file = get_one(member, tmp_path)
    for _ in range(2):
        script, cold = f". ./{file.name}\nmeshrc_check\n{WORK}", shell == "bash"
        done = shells.run(shell, script, tmp_path, {"OS_CLOUD": "other"}, cold=cold)
        assert done.returncode == 0, done.stderr
        assert "meshrc: you are in atlas@north at" in done.stdout
        assert "web-01" in done.stdout.splitlines()
    revoke(member, number(file))
    refused = shells.run(shell, f". ./{file.name}\nopenstack token issue", tmp_path)
    assert refused.returncode != 0
    assert "it was revoked, has ended, or was used by somebody else too" in refused.stderr
    assert re.search(r"Get a new one: http://127\.0\.0\.1:\d+/atlas@north/cli/\?way=offline", refused.stderr)


def test_the_providers_own_page_ends_it_too(member: Page, stack: Stack, tmp_path: Path) -> None:
    file = get_one(member, tmp_path)
    assert shells.run("bash", f". ./{file.name}\n{WORK}", tmp_path).returncode == 0
    member.goto(f"{stack.issuer}/account/command-lines/")
    member.get_by_role("button", name=re.compile("^End the login of Meshdeck CLI from")).first.click()
    expect(member.get_by_text("This login can no longer be renewed.")).to_be_visible()
    assert "it was revoked" in shells.run("bash", f". ./{file.name}", tmp_path).stderr
    revoke(member, number(file))  # and the portal records it, without an error


def test_without_scripts_it_is_one_click_more(member: Page, browser: Browser, stack: Stack, tmp_path: Path) -> None:
    plain = browser.new_context(
        base_url=stack.url, java_script_enabled=False, storage_state=member.context.storage_state()
    )
    page = plain.new_page()
    page.goto(PAGE)
    page.locator(".md-file").filter(has_text=".sh").click()
    page.get_by_role("button", name="Authorize").click()
    with page.expect_download() as coming:
        page.locator("#file-sh").click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    assert shells.run("dash", f". ./{file.name}\n{WORK}", tmp_path).returncode == 0
    page.reload()
    expect(page.locator("#file-sh")).to_be_disabled()
    plain.close()
    revoke(member, number(file))


def test_the_token_is_in_the_file_and_nowhere_else(member: Page, stack: Stack, tmp_path: Path) -> None:
    with listening(stack) as heard:
        file = get_one(member, tmp_path)
        seen = [member.content()]
        for address in (PAGE, "/atlas@north/operations/", "/atlas@north/"):
            member.goto(address)
            seen.append(member.content())
        revoke(member, number(file))
    secret = re.search(r"meshrc_set MESHRC_REFRESH_TOKEN '([^']+)'", file.read_text())
    assert secret
    assert len(secret[1]) > 60
    assert heard
    is_nowhere(secret[1], stack, member, heard, seen)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_are_accessible(
    scheme: str, log_in: LogIn, stack: Stack, tmp_path: Path, axe: Callable[..., list[str]]
) -> None:
    page = log_in("member", color_scheme=scheme)
    expect(page.locator('a[href="/atlas@north/"]').first).to_be_visible(timeout=30_000)
    file = get_one(page, tmp_path)
    page.wait_for_load_state()
    assert axe(page) == []
    page.goto(PAGE)
    assert axe(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name=f"Revoke {number(file)}").click()
    assert axe(page) == []
    page.goto(f"{stack.issuer}/account/command-lines/")
    assert axe(page) == []
    assert axe(page, COLOURS) == []
    page.goto(f"{stack.issuer}/account/")
    assert axe(page) == []
    revoke(page, number(file))
