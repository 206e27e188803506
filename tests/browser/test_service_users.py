"""A service user from the click to its end: created in a real browser, used by the real openstack command, revoked."""

import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.canary import is_nowhere, listening
from tests.browser.conftest import Stack
from tests.support import s3, shells

pytestmark = [pytest.mark.browser, pytest.mark.cloud, pytest.mark.requires("chromium")]

LIST = "/atlas@north/service-users/"
LogIn = Callable[..., Page]


@pytest.fixture
def name() -> str:
    """Return the name of the service user and of what it creates."""
    return f"su-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def cleared(name: str, stack: Stack) -> Iterator[None]:
    """Delete what the test has created."""
    yield
    with stack.devcloud.connect("north-atlas-member") as cloud:
        for volume in cloud.block_storage.volumes(name=name):
            cloud.block_storage.delete_volume(volume)
        cloud.delete_object(name, "hello.txt")
        cloud.delete_container(name)


@pytest.fixture
def member(log_in: LogIn) -> Page:
    """Open the page of member, who is in atlas at north."""
    page = log_in("member")
    expect(page.locator('a[href="/atlas@north/"]').first).to_be_visible(timeout=30_000)
    return page


def choose(page: Page, name: str, value: str) -> None:
    """Choose a card of the form."""
    page.locator(f'label:has(input[name="{name}"][value="{value}"])').click()


def create(
    page: Page, name: str, folder: Path, kind: str = "sh", may: str = "all", of: str = "application-credential"
) -> Path:
    """Create a service user; return the file that downloads automatically. `of` is its kind."""
    page.goto(f"{LIST}create/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("What is it for?").fill("Pipeline of the “shop” $(reboot)")
    choose(page, "kind", of)
    if of == "ec2":
        choose(page, "s3_file", kind)
    else:
        choose(page, "may", may)
        choose(page, "file", kind)
    with page.expect_download(timeout=30_000) as coming:
        page.get_by_role("button", name="Create and download").click()
    return saved(coming.value, folder)


def saved(download: object, folder: Path) -> Path:
    target = folder / str(download.suggested_filename)
    download.save_as(target)
    return target


def another(page: Page, kind: str, folder: Path) -> Path:
    """Download the same secret in another format, from the page's own memory."""
    with page.expect_download() as coming:
        page.locator(f"#file-{kind}").click()
    return saved(coming.value, folder)


def work(name: str) -> str:
    """Return the script of the proof: what is there, a volume, an object."""
    return "\n".join(
        [
            "openstack token issue -f value -c project_id",
            "openstack server list -f value -c Name",
            f"openstack volume create --size 1 -f value -c name {name}",
            f"openstack container create -f value -c container {name}",
            "echo hello > hello.txt",
            f"openstack object create -f value -c object {name} hello.txt",
            f"openstack object save --file - {name} hello.txt",
        ]
    )


def did_it_all(script: str, folder: Path, name: str, *, cold: bool = False, **stale: str) -> None:
    done = shells.run("bash", script, folder, stale, cold=cold)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert re.fullmatch("[0-9a-f]{32}", said[0])
    assert "web-01" in said
    assert said[-4:] == [name, name, "hello.txt", "hello"]


def revoke(page: Page, name: str, button: str = "Revoke") -> None:
    page.goto(LIST)
    row = page.get_by_role("row").filter(has=page.get_by_text(name, exact=True)).filter(has_text=button)
    row.get_by_role("link", name=button).click()
    page.get_by_role("button", name=name).click()
    expect(page.locator("#drawer")).to_contain_text("Done", timeout=20_000)


@pytest.mark.usefixtures("cleared")
def test_it_is_made_downloaded_used_and_revoked(member: Page, tmp_path: Path, name: str) -> None:
    file = create(member, name, tmp_path)
    assert file.name == f"meshrc-atlas-north-{name}.sh"
    expect(member.get_by_text("Downloaded by itself")).to_be_visible()
    stale = {"OS_PROJECT_NAME": "stale", "OS_USERNAME": "stale", "OS_CLOUD": "stale"}
    did_it_all(f". ./{file.name}\n{work(name)}", tmp_path, name, cold=True, **stale)
    check = shells.run("dash", f". ./{file.name}\nmeshrc_check\nmeshrc_off\nenv", tmp_path)
    assert "you are in atlas@north at" in check.stdout
    assert "OS_" not in check.stdout

    revoke(member, name)
    expect(member.get_by_role("row").filter(has=member.get_by_text(name, exact=True))).to_have_count(0)
    refused = shells.run("bash", f". ./{file.name}\nmeshrc_check", tmp_path)
    assert refused.returncode == 1
    assert "was revoked, has ended" in refused.stderr


def test_the_other_forms_come_from_the_pages_memory_and_end_with_it(member: Page, tmp_path: Path, name: str) -> None:
    member.clock.install()
    create(member, name, tmp_path)
    clouds, told = another(member, "clouds", tmp_path), another(member, "json", tmp_path)
    expect(member.get_by_text("more, then only a rotation helps")).to_be_visible()
    assert another(member, "ps1", tmp_path).name == f"meshrc-atlas-north-{name}.ps1"
    script = f"export OS_CLIENT_CONFIG_FILE={clouds} OS_CLOUD=atlas-north-{name}\nopenstack token issue"
    assert shells.run("bash", script, tmp_path).returncode == 0
    assert told.name == f"atlas-north-{name}.json"
    member.clock.fast_forward(121_000)
    expect(member.locator("#file-sh")).to_be_disabled()
    expect(member.get_by_text("more, then only a rotation helps")).to_be_hidden()
    member.reload()
    expect(member.get_by_text("If you do not have the file, only a rotation helps")).to_be_visible()
    expect(member.get_by_text("The files were here once and are not any more.")).to_be_visible()
    expect(member.get_by_text("For two minutes this page can give each")).to_be_hidden()
    expect(member.locator("#file-sh")).to_be_hidden()
    revoke(member, name)


@pytest.mark.usefixtures("cleared")
def test_one_for_objects_does_nothing_else(member: Page, tmp_path: Path, name: str) -> None:
    file = create(member, name, tmp_path, may="write-objects")
    objects = "\n".join(line for line in work(name).splitlines() if "server" not in line and "volume" not in line)
    done = shells.run("bash", f". ./{file.name}\n{objects}", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "hello"
    refused = shells.run("bash", f". ./{file.name}\nopenstack server list", tmp_path)
    assert refused.returncode == 1
    revoke(member, name)


def test_keys_for_s3_open_the_buckets_and_after_their_end_nothing(member: Page, tmp_path: Path, name: str) -> None:
    file = create(member, name, tmp_path, "env", of="ec2")
    assert file.name == f"s3-atlas-north-{name}.env"
    keys = dict(line.split("=", 1) for line in file.read_text().splitlines() if not line.startswith("#"))
    pair = (keys["AWS_ENDPOINT_URL_S3"], keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    assert "backups" in s3.buckets(*pair)
    member.goto(LIST)
    expect(member.get_by_role("row").filter(has_text=name)).to_contain_text(pair[1])
    revoke(member, name)
    with pytest.raises(subprocess.CalledProcessError):
        s3.buckets(*pair)


@pytest.mark.usefixtures("cleared")
def test_a_user_that_belongs_to_nobody_is_made_where_there_is_an_account_for_it(
    member: Page, tmp_path: Path, name: str
) -> None:
    file = create(member, name, tmp_path, of="keystone-user")
    did_it_all(f". ./{file.name}\n{work(name)}", tmp_path, name, OS_CLOUD="stale", OS_PROJECT_NAME="stale")
    revoke(member, name)
    refused = shells.run("bash", f". ./{file.name}\nmeshrc_check", tmp_path)
    assert refused.returncode == 1
    assert "was revoked or has ended" in refused.stderr
    member.goto("/atlas@south/service-users/create/")
    expect(member.locator('label:has(input[value="keystone-user"])')).to_contain_text("no account for it")
    expect(member.locator('input[value="keystone-user"]')).to_be_disabled()


def test_a_rotation_leaves_the_old_secret_until_it_is_ended(member: Page, tmp_path: Path, name: str) -> None:
    old = create(member, name, tmp_path).rename(tmp_path / "old.sh")
    member.goto(LIST)
    row = member.get_by_role("row").filter(has=member.get_by_text(name, exact=True))
    row.get_by_role("link", name="Rotate").click()
    with member.expect_download(timeout=30_000) as coming:
        member.get_by_role("button", name="Rotate and download").click()
    new = saved(coming.value, tmp_path)
    both = "openstack token issue -f value -c project_id"
    for file in (old, new):
        assert shells.run("bash", f". ./{file.name}\n{both}", tmp_path).returncode == 0
    expect(member.locator("dl").get_by_role("link", name="Done")).to_be_visible(timeout=20_000)
    revoke(member, name, "End now")
    assert shells.run("bash", f". ./{old.name}\n{both}", tmp_path).returncode == 1
    assert shells.run("bash", f". ./{new.name}\n{both}", tmp_path).returncode == 0
    revoke(member, name)
    assert shells.run("bash", f". ./{new.name}\n{both}", tmp_path).returncode == 1


def test_without_scripts_the_file_is_had_by_one_click_and_once(
    browser: Browser, stack: Stack, member: Page, tmp_path: Path, name: str
) -> None:
    plain = browser.new_context(
        base_url=stack.url, java_script_enabled=False, storage_state=member.context.storage_state()
    )
    page = plain.new_page()
    page.goto(f"{LIST}create/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create and download").click()
    for _ in range(60):
        if page.locator("#handover[data-ready]").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    with page.expect_download() as coming:
        page.locator("#file-sh").click()
    file = saved(coming.value, tmp_path)
    assert shells.run("bash", f". ./{file.name}\nmeshrc_check", tmp_path).returncode == 0
    page.reload()
    expect(page.locator("#file-sh")).to_be_disabled()
    plain.close()
    revoke(member, name)


def test_a_reader_makes_one_that_looks_and_changes_nothing(log_in: LogIn, tmp_path: Path, name: str) -> None:
    reader = log_in("reader")
    expect(reader.locator('a[href="/atlas@north/"]').first).to_be_visible(timeout=30_000)
    file = create(reader, name, tmp_path, may="look")
    looked = shells.run("bash", f". ./{file.name}\nopenstack server list -f value -c Name", tmp_path)
    assert "web-01" in looked.stdout, looked.stderr
    refused = shells.run("bash", f". ./{file.name}\nopenstack volume create --size 1 {name}", tmp_path)
    assert refused.returncode == 1
    assert "403" in refused.stderr
    revoke(reader, name)


SECRETS = {
    "application-credential": ("sh", r"meshrc_set OS_APPLICATION_CREDENTIAL_SECRET '([^']+)'"),
    "ec2": ("env", r"AWS_SECRET_ACCESS_KEY=(\S+)"),
    "keystone-user": ("sh", r"meshrc_set OS_PASSWORD '([^']+)'"),
}


@pytest.mark.parametrize("of", SECRETS)
def test_the_secret_is_in_the_file_and_nowhere_else(
    member: Page, stack: Stack, tmp_path: Path, name: str, of: str
) -> None:
    kind, pattern = SECRETS[of]
    pages: list[str] = []
    member.on(
        "response", lambda answer: pages.append(answer.url) if answer.request.resource_type == "document" else None
    )
    with listening(stack) as heard:
        file = create(member, name, tmp_path, kind, of=of)
        seen = [member.content()]
        for address in (LIST, "/atlas@north/operations/", "/atlas@north/"):
            member.goto(address)
            seen.append(member.content())
    secret = re.search(pattern, file.read_text())
    assert secret
    canary = secret[1]
    assert len(canary) == 43
    assert pages
    assert any("service_users" in one or "run_operation" in one for one in heard)
    is_nowhere(canary, stack, member, heard, seen)
    revoke(member, name)
