"""The tools that run the tests: ports for each clone, the closing lines, the preloaded openstack command."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts import results
from scripts.proven import TOOLS, Tool
from scripts.results import Outcome
from tests.support import environment, shells, warm

ASK = "from tests.support import environment as e; print(e.CLOUD_PORT, e.PORT)"


def ports(folder: Path, clone: str) -> tuple[int, int]:
    """Return what a process of that clone finds, on a machine whose temporary folder is this one."""
    folder.joinpath("tmp").mkdir(exist_ok=True)
    variables = {name: value for name, value in os.environ.items() if "PORT" not in name}
    variables |= {"TMPDIR": str(folder / "tmp"), "MESHDECK_TEST_STATE": str(folder / clone)}
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=environment.ROOT, env=variables, capture_output=True, text=True, check=True
    )
    cloud, portal = done.stdout.split()
    return int(cloud), int(portal)


def test_each_clone_keeps_ports_of_its_own(tmp_path: Path) -> None:
    first, second = ports(tmp_path, "one"), ports(tmp_path, "two")
    assert all(abs(a - b) >= 40 for a, b in zip(first, second, strict=True))
    assert [ports(tmp_path, "one"), ports(tmp_path, "two")] == [first, second]


def test_a_clone_keeps_its_ports_when_the_machine_is_started_anew(tmp_path: Path) -> None:
    ports(tmp_path, "one")
    second = ports(tmp_path, "two")
    for file in (tmp_path / "tmp").glob("meshdeck-test-slots-*/*"):
        file.unlink()
    assert ports(tmp_path, "two") == second


def test_a_deleted_clone_leaves_its_ports_to_the_next(tmp_path: Path) -> None:
    first = ports(tmp_path, "one")
    (tmp_path / "one/slot").unlink()
    assert ports(tmp_path, "three") == first


def run_pytest(folder: Path, *arguments: str) -> Outcome:
    folder.joinpath("test_some.py").write_text(
        "import pytest\n"
        "@pytest.mark.xdist_group('g')\n"
        "@pytest.mark.parametrize('who', ['me@home', 'you'])\n"
        "def test_good(who): pass\n"
        "def test_bad(): assert False\n"
        "@pytest.mark.skip('no reason')\n"
        "def test_skipped(): pass\n"
    )
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "--rootdir", str(folder), "-c", os.devnull]
    subprocess.run(
        [*command, f"--junit-xml={report}", *arguments, str(folder)], cwd=folder, capture_output=True, check=False
    )
    outcome = Outcome(1, 2.0)
    outcome.read(report)
    return outcome


@pytest.mark.parametrize("arguments", [(), ("-n", "2", "--dist", "loadgroup")])
def test_each_test_is_counted_once_and_named_as_it_is(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    outcome = run_pytest(tmp_path, *arguments)
    assert outcome.counts == {"passed": 2, "failed": 1, "skipped": 1}
    assert outcome.skips == {"no reason": 1}
    names = sorted(case.name for case in outcome.cases)
    assert names == ["test_bad", "test_good[me@home]", "test_good[you]", "test_skipped"]
    assert {case.file for case in outcome.cases} == {"test_some"}


def test_the_closing_lines_and_the_file_say_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "FILE", tmp_path / "tests.json")
    assert results.close({"unit": run_pytest(tmp_path)}, 3.0) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 1 failed, 1 skipped"
    told = json.loads((tmp_path / "tests.json").read_text())
    assert (told["passed"], told["failed"], told["skipped"], told["seconds"]) == (2, 1, 1, 3.0)
    assert len(told["slowest"]) == 4
    assert list(told["phases"]["unit"]["files"]) == ["test_some"]


def test_a_tool_is_another_one_when_a_file_of_it_is() -> None:
    file = environment.ROOT / "tests/tools/digest-of-a-test.tmp"
    tool = Tool("tests/tools/test_running.py", ("tests/tools/*.tmp",))
    before = tool.digest()
    try:
        file.write_text("new")
        come = tool.digest()
        file.write_text("changed")
        changed = tool.digest()
    finally:
        file.unlink()
    assert len({before, come, changed}) == 3
    assert tool.digest() == before


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_has_tests_and_files(name: str) -> None:
    for pattern in (TOOLS[name].tests, *TOOLS[name].files):
        top = pattern.split("/")[0]
        assert top == "services" or list(environment.ROOT.glob(pattern)), pattern


# What a shell can pass to a command, and what it gets back.
SCRIPTS: Mapping[str, str] = {
    "version": "openstack --version",
    "misspelt": "openstack servr list; echo $?",
    "unknown option": "openstack --nonsense; echo $?",
    "environment": "OS_AUTH_URL=http://127.0.0.1:1 openstack token issue; echo $?",
    "folder": "printf 'clouds: {here: {auth: {auth_url: http://127.0.0.1:1}}}' > clouds.yaml\n"
    "openstack --os-cloud here configuration show -f value -c auth.auth_url",
    "home": "mkdir -p ~/.config/openstack; cd ~/.config/openstack\n"
    "printf 'clouds: {here: {auth: {auth_url: http://127.0.0.1:2}}}' > clouds.yaml\ncd ~\n"
    "openstack --os-cloud here configuration show -f value -c auth.auth_url",
    "pipe": "openstack --help | head -n 1",
    "input": "printf 'help token issue\\nexit\\n' | openstack --os-auth-type none --os-endpoint http://127.0.0.1:1",
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_the_loaded_command_does_what_the_started_one_does(script: str, tmp_path: Path) -> None:
    assert shells.run("bash", "command -v openstack", tmp_path).stdout == f"{warm.folder()}/openstack\n"
    loaded, started = (shells.run("bash", script, tmp_path, cold=cold) for cold in (False, True))
    assert loaded.stdout == started.stdout
    assert loaded.stderr == started.stderr
    assert loaded.returncode == started.returncode
    assert loaded.stdout + loaded.stderr
