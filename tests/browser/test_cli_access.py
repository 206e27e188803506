"""A downloaded file is sourced in a clean shell and works with the real openstack command and a real cloud."""

import re
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from portal.idp.cast import PASSWORD
from tests.browser.conftest import Stack
from tests.support import shells

pytestmark = [pytest.mark.browser, pytest.mark.cloud, pytest.mark.requires("chromium", "zsh", "fish")]

NORTH = "/atlas@north/cli/"
WORKS = "openstack token issue -f value -c project_id"
# Prints which token the shell had, and what is left of it.
LEAVES = 'echo "$OS_TOKEN"\nmeshrc_off\necho "${OS_TOKEN-gone}"'
LogIn = Callable[..., Page]


@pytest.fixture
def member(log_in: LogIn) -> Page:
    """Open the page of member, who is in atlas at north."""
    page = log_in("member")
    expect(page.locator('a[href="/atlas@north/"]').first).to_be_visible(timeout=30_000)
    return page


def download(page: Page, way: str, name: str, folder: Path, selector: str = ".md-file") -> Path:
    """Click the file on the method's page; return it as the browser has it."""
    page.goto(f"{NORTH}?way={way}")
    with page.expect_download() as coming:
        page.locator(selector).filter(has=page.get_by_text(name, exact=True)).click()
    assert coming.value.suggested_filename == name
    target = folder / name
    coming.value.save_as(target)
    return target


def project_id(page: Page) -> str:
    """Return the project's id from the page."""
    chip = page.locator("dt", has_text="Project id").locator("xpath=following-sibling::dd[1]//button")
    return str(chip.get_attribute("data-copy"))


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what a script printed; the script must have succeeded."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def name() -> str:
    """Return a name for what a test creates."""
    return f"cli-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def cleared(name: str, stack: Stack) -> Iterator[None]:
    """Delete what the test has created."""
    yield
    with stack.devcloud.connect("north-atlas-member") as cloud:
        for volume in cloud.block_storage.volumes(name=name):
            cloud.block_storage.delete_volume(volume)
        cloud.delete_object(name, "hello.txt")
        cloud.delete_container(name)


def work(name: str) -> str:
    """Return the script of the proof: who am I, what is there, a volume, an object."""
    return "\n".join(
        [
            WORKS,
            "openstack server list -f value -c Name",
            f"openstack volume create --size 1 -f value -c name {name}",
            f"openstack container create -f value -c container {name}",
            "echo hello > hello.txt",
            f"openstack object create -f value -c object {name} hello.txt",
            f"openstack object save --file - {name} hello.txt",
        ]
    )


def did_it_all(done: subprocess.CompletedProcess[str], page: Page, name: str) -> None:
    said = lines(done)
    assert said[0] == project_id(page)
    assert "web-01" in said
    assert said[-4:] == [name, name, "hello.txt", "hello"]


@pytest.mark.usefixtures("cleared")
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_the_file_with_a_token_does_all_that_i_may(shell: str, member: Page, tmp_path: Path, name: str) -> None:
    file = download(member, "token", "meshrc-atlas-north.sh", tmp_path)
    script, cold = f". ./{file.name}\n{work(name)}", shell == "bash"
    did_it_all(shells.run(shell, script, tmp_path, {"OS_CLOUD": "other"}, cold=cold), member, name)


@pytest.mark.usefixtures("cleared")
def test_the_variables_with_a_token_do_the_same(member: Page, tmp_path: Path, name: str) -> None:
    file = download(member, "token", "atlas-north.env", tmp_path)
    did_it_all(shells.run("dash", f"set -a; . ./{file.name}; set +a\n{work(name)}", tmp_path), member, name)


@pytest.mark.usefixtures("cleared")
def test_clouds_yaml_with_the_token_beside_it_does_the_same(member: Page, tmp_path: Path, name: str) -> None:
    clouds = download(member, "token", "clouds.yaml", tmp_path)
    secure = download(member, "token", "secure.yaml", tmp_path)
    member.goto(f"{NORTH}?way=token&as=clouds")
    typed = member.locator("#use [data-copy]").get_attribute("data-copy") or ""
    script = typed.replace("~/Downloads", str(tmp_path)).replace("openstack token issue", work(name))
    assert str(clouds) in script
    assert str(secure) in script
    did_it_all(shells.run("bash", script, tmp_path), member, name)


@pytest.mark.usefixtures("cleared")
@pytest.mark.requires("pwsh")
def test_the_file_for_powershell_does_the_same(member: Page, tmp_path: Path, name: str) -> None:
    file = download(member, "token", "meshrc-atlas-north.ps1", tmp_path)
    did_it_all(shells.run("pwsh", f". ./{file.name}\n{work(name)}", tmp_path), member, name)


@pytest.mark.parametrize("shell", shells.SHELLS)
def test_every_shell_says_where_it_is_and_takes_it_back(shell: str, member: Page, tmp_path: Path) -> None:
    file = download(member, "token", "meshrc-atlas-north.sh", tmp_path)
    script = f". ./{file.name}\nmeshrc_check\nmeshrc_off\nenv"
    said = lines(shells.run(shell, script, tmp_path, {"OS_CLOUD": "other"}))
    assert re.fullmatch(r"meshrc: you are in atlas@north at http://127\.0\.0\.1:\d+/v3\.", said[0])
    assert [line for line in said if line.startswith("OS_")] == ["OS_CLOUD=other"]


def test_a_token_that_is_not_mine_is_refused_in_plain_words(member: Page, tmp_path: Path) -> None:
    file = download(member, "token", "meshrc-atlas-north.sh", tmp_path)
    done = shells.run("bash", f". ./{file.name}\nOS_ACCESS_TOKEN=${{OS_ACCESS_TOKEN}}x\nmeshrc_check", tmp_path)
    assert done.returncode == 1
    assert "(HTTP 401)" in done.stderr
    assert "north refused the token. Download a new file." in done.stderr


def test_a_reader_takes_away_what_a_reader_may(log_in: LogIn, tmp_path: Path, name: str) -> None:
    reader = log_in("reader")
    expect(reader.locator('a[href="/atlas@north/"]').first).to_be_visible(timeout=30_000)
    file = download(reader, "token", "meshrc-atlas-north.sh", tmp_path)
    assert "web-01" in lines(shells.run("bash", f". ./{file.name}\nopenstack server list -f value -c Name", tmp_path))
    refused = shells.run("bash", f". ./{file.name}\nopenstack volume create --size 1 {name}", tmp_path)
    assert refused.returncode == 1
    assert "403" in refused.stderr


def confirm(page: Page, process: "subprocess.Popen[str]") -> str:
    """Open the address that the command names in the browser and confirm; return the command's stderr."""
    said = ""
    while "please go to" not in said:
        line = process.stderr.readline() if process.stderr else ""
        assert line, said
        said += line
    page.goto(said[said.index("http") :].split()[0])
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("heading", name="Your terminal is logged in")).to_be_visible()
    return said


def refused(stack: Stack, token: str) -> bool:
    """Return whether Keystone rejects this token by now, which its caches may delay by a moment."""
    url, until = f"{stack.devcloud.auth_url('north')}/auth/projects", time.monotonic() + 10
    while requests.get(url, headers={"X-Auth-Token": token}, timeout=30).status_code != 401:
        if time.monotonic() > until:
            return False
        time.sleep(0.5)
    return True


# The built-in provider allows two devices per minute: one here, one below, other shells in the unit tests.
def test_a_device_login_is_confirmed_once_and_serves_the_whole_shell(
    member: Page, stack: Stack, tmp_path: Path
) -> None:
    file = download(member, "device", "meshrc-atlas-north.sh", tmp_path)
    wanted = project_id(member)
    assert "secret" in file.read_text()
    script = f". ./{file.name}\nmeshrc_login\n{WORKS}\nopenstack server list -f value -c Name\n{LEAVES}"
    process = subprocess.Popen(
        [*shells.SHELLS["bash"], "-c", script],
        env=shells.clean(tmp_path, OS_CLOUD="other"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    confirm(member, process)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "logged in to atlas@north" in err
    assert "please go to" not in err  # asked once
    said = out.splitlines()
    assert (said[0], said[-1]) == (wanted, "gone")
    assert "web-01" in said
    assert refused(stack, said[-2])


def test_a_device_login_by_clouds_yaml_of_all_my_projects(member: Page, tmp_path: Path) -> None:
    file = download(member, "device", "clouds.yaml", tmp_path, "#all-clouds")
    command = "openstack --os-cloud borealis-north token issue -f value -c project_id"
    process = subprocess.Popen(
        ["bash", "--norc", "-c", command],
        env=shells.clean(tmp_path, OS_CLIENT_CONFIG_FILE=str(file)),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    confirm(member, process)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    member.goto("/borealis@north/cli/")
    assert out.strip() == project_id(member)


def test_a_login_by_this_machines_browser_serves_the_whole_shell(
    member: Page, page: Page, stack: Stack, tmp_path: Path
) -> None:
    """The command opens a browser, Keystone sends it to the provider, and the token comes back to the command."""
    file = download(member, "websso", "meshrc-atlas-north.sh", tmp_path)
    wanted = project_id(member)
    asked, opener = tmp_path / "asked", tmp_path / "browser"
    opener.write_text(f'#!/bin/sh\necho "$1" >> {asked}\n')
    opener.chmod(0o755)
    process = subprocess.Popen(
        [
            *shells.SHELLS["bash"],
            "-c",
            f". ./{file.name}\nmeshrc_login\n{WORKS}\n{LEAVES}",
        ],
        env=shells.clean(tmp_path, BROWSER=f"{opener} %s"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not (asked.exists() and asked.read_text().endswith("\n")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.1)
    page.goto(asked.read_text().strip())
    assert page.url.startswith(stack.issuer)
    page.get_by_label("User name").fill("member")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("http://localhost:9990/auth/websso/")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "logged in to atlas@north" in err
    said = out.splitlines()
    assert (said[0], said[-1]) == (wanted, "gone")
    assert refused(stack, said[-2])
    assert len(asked.read_text().splitlines()) == 1  # asked once
    assert not page.context.cookies(stack.devcloud.auth_url("north"))  # nothing of the login remains at Keystone


def test_the_page_is_usable_without_a_mouse_and_without_a_script(
    member: Page, axe: Callable[[Page], list[str]]
) -> None:
    member.goto(NORTH)
    expect(member.get_by_role("link", name="Browser or device")).to_have_attribute("aria-current", "true")
    assert axe(member) == []
    member.get_by_role("link", name=re.compile("^Token")).focus()
    member.keyboard.press("Enter")
    expect(member.get_by_role("heading", name="Token", exact=True)).to_be_visible()
    assert axe(member) == []
    member.get_by_role("link", name="atlas-north.env").first.click()
    expect(member.locator("#use")).to_contain_text("set -a; . ~/Downloads/atlas-north.env; set +a")


def test_a_stranger_finds_nothing(log_in: LogIn) -> None:
    stranger = log_in("stranger")
    answer = stranger.goto(NORTH)
    assert answer is not None
    assert answer.status == 404
