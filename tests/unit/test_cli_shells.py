"""The files that shells source: what goes in comes out, in every shell, whatever the names are."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.cli_access.description import Login
from services.cli_access.formats import FORMATS
from services.cli_access.formats import sh as shell_files
from services.cli_access.ways import WAYS
from tests.unit.cli_logins import NASTY, login

STRICT = {
    "bash": ["bash", "-eu"],
    "dash": ["dash", "-eu"],
    "zsh": ["zsh", "-f", "-eu"],
    "fish": ["fish", "--no-config"],
}
SHELLS = [pytest.param(name, marks=[] if name in ("bash", "dash") else pytest.mark.requires(name)) for name in STRICT]
shells = pytest.mark.parametrize("shell", SHELLS)
# Prints its environment as JSON: the only way to see values with line breaks in them.
SHOW = f"{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"


def run(
    shell: str, script: str, home: Path, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Return a script in a clean environment, strict where the shell can be."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", **(env or {})}
    return subprocess.run(
        [*STRICT[shell], "-c", script], env=clean, cwd=home, capture_output=True, text=True, check=False, **options
    )


def sourced(
    shell: str, home: Path, logins: list[Login], script: str = SHOW, env: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment after sourcing a file for each login, and the script."""
    lines = []
    for number, one in enumerate(logins):
        file = home / f"{number}.sh"
        file.write_text(FORMATS["sh"].render(one))
        lines.append(f". ./{file.name}")
    done = run(shell, "\n".join([*lines, script]), home, env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def own(found: Mapping[str, str]) -> dict[str, str]:
    """Return what clouds' commands read."""
    return {name: value for name, value in found.items() if name.startswith("OS_")}


@shells
@pytest.mark.parametrize("name", NASTY)
def test_any_name_comes_out_of_the_shell_as_it_went_in(shell: str, name: str, tmp_path: Path) -> None:
    one = login(project_name=NASTY[name], region=NASTY[name], identity_provider=NASTY[name])
    found = sourced(shell, tmp_path, [one])
    assert own(found) == {**one.variables, **one.secrets}
    assert found["MESHRC_HANDLE"] == "atlas@north"
    assert not Path("/tmp/meshrc-was-here").exists()  # noqa: S108 - what the nasty name would make


@shells
def test_everything_that_was_set_before_is_gone(shell: str, tmp_path: Path) -> None:
    before = {
        "OS_CLOUD": "other",
        "OS_APPLICATION_CREDENTIAL_ID": "x",
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_TOKEN": "t",
    }
    one = login()
    assert own(sourced(shell, tmp_path, [one], env=before)) == {**one.variables, **one.secrets}


@shells
@pytest.mark.parametrize("times", [1, 2, 3])
def test_off_gives_back_what_was_there_before_however_often_it_was_sourced(
    shell: str, times: int, tmp_path: Path
) -> None:
    before = {"OS_CLOUD": "other", "OS_PASSWORD": NASTY["newlines"], "OS_USERNAME": NASTY["quotes"], "MINE": "kept"}
    logins = [login(), login(project="borealis", project_id="77"), login("device")][:times]
    found = sourced(shell, tmp_path, logins, f"meshrc_off\n{SHOW}", before)
    assert own(found) == {name: value for name, value in before.items() if name.startswith("OS_")}
    assert found["MINE"] == "kept"
    assert not [name for name in found if name.startswith("MESHRC")]


@shells
def test_off_leaves_no_function_behind(shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login("device")))
    names = " ".join(f"meshrc_{name}" for name in ("set", "names", "restore", "off", "check", "login"))
    left = f"for name in {names}; do command -v $name || true; done"
    if shell == "fish":
        left = f"for name in {names}; functions --query $name; and echo $name; end; true"
    assert "meshrc_login" in run(shell, f". ./rc.sh\n{left}", tmp_path).stdout
    assert run(shell, f". ./rc.sh\nmeshrc_off\n{left}", tmp_path).stdout == ""


@shells
def test_variables_of_ones_own_stay_as_they_are(shell: str, tmp_path: Path) -> None:
    own_names = ("name", "value", "said", "until", "token", "NAME", "OSX")
    before = {name: f"my {name}" for name in own_names}
    found = sourced(shell, tmp_path, [login()], f"meshrc_off\n{SHOW}", before)
    assert {name: found.get(name) for name in own_names} == before


@shells
def test_the_second_file_takes_the_place_of_the_first(shell: str, tmp_path: Path) -> None:
    second = login("device", project="borealis", project_id="77")
    found = sourced(shell, tmp_path, [login(), second])
    assert own(found) == dict(second.variables)
    assert found["MESHRC_HANDLE"] == "borealis@north"
    assert "MESHRC_UNTIL" not in found


@shells
def test_a_shell_in_the_shell_may_source_it_anew(shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login()))
    inner = " ".join(STRICT[shell])
    (tmp_path / "inner.sh").write_text(f". ./rc.sh\nmeshrc_off\n{SHOW}\n")
    done = run(shell, f". ./rc.sh\n{inner} inner.sh", tmp_path, {"OS_CLOUD": "other"})
    assert own(json.loads(done.stdout)) == {"OS_CLOUD": "other"}


@shells
def test_the_password_is_asked_for_and_kept_as_it_is(shell: str, tmp_path: Path) -> None:
    one = login("password", username="Müller & Söhne")
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(one))
    done = run(shell, f". ./rc.sh\n{SHOW}", tmp_path, input=" p'\"\\$!& ß\n")
    found = json.loads(done.stdout.splitlines()[-1])
    assert own(found) == {**one.variables, "OS_PASSWORD": " p'\"\\$!& ß"}
    assert "p'" not in FORMATS["sh"].render(one)


@shells
def test_the_password_is_not_seen_on_the_terminal(shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login("password")))
    script = ". ./rc.sh; printf '%s' \"$OS_PASSWORD\" > got; stty -a > tty; echo the end"
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    terminal, inside = pty.openpty()
    command = [*STRICT[shell], "-c", script]
    ends: dict[str, Any] = {"stdin": inside, "stdout": inside, "stderr": inside}
    with subprocess.Popen(command, env=clean, cwd=tmp_path, start_new_session=True, **ends):
        seen = _until(terminal, "login.example.org: ")
        os.write(terminal, b"hunter2\n")
        seen += _until(terminal, "the end")
    os.close(terminal)
    os.close(inside)
    assert (tmp_path / "got").read_text() == "hunter2"
    assert "hunter2" not in seen
    assert " echo " in (tmp_path / "tty").read_text().replace(";", " ")  # and the echo is on again


def _until(terminal: int, word: str) -> str:
    seen, deadline = "", time.monotonic() + 20
    while word not in seen and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 4096).decode(errors="replace")
    assert word in seen, seen
    return seen


def fake_openstack(home: Path, text: str, code: int) -> dict[str, str]:
    """Return a command that says something and ends so; PATH with it."""
    programs = home / "bin"
    programs.mkdir()
    (programs / "said").write_text(text)
    (programs / "openstack").write_text(f'#!/bin/sh\ncat "{programs}/said" {">&2" if code else ""}\nexit {code}\n')
    (programs / "openstack").chmod(0o755)
    return {"PATH": f"{programs}:{os.environ['PATH']}"}


@shells
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The request you have made requires authentication. (HTTP 401)", "north refused the token. Download a new"),
        ("Unable to establish connection to https://north", "no answer from https://north.example.org:5000/v3"),
        ("SSL exception: certificate verify failed", "its certificate is not known here"),
        ("The plugin v3oidcaccesstoken could not be found", "too old for v3oidcaccesstoken"),
    ],
)
def test_a_login_that_fails_is_told_in_plain_words(shell: str, said: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login()))
    env = fake_openstack(tmp_path, said, 1)
    done = run(
        shell,
        ". ./rc.sh\nmeshrc_check; or exit 7" if shell == "fish" else ". ./rc.sh\nmeshrc_check || exit 7",
        tmp_path,
        env,
    )
    assert done.returncode == 7
    assert said in done.stderr
    assert told in done.stderr


@shells
def test_the_check_says_where_one_is(shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login()))
    done = run(shell, ". ./rc.sh\nmeshrc_check", tmp_path, fake_openstack(tmp_path, "2026", 0))
    assert done.stdout == "meshrc: you are in atlas@north at https://north.example.org:5000/v3.\n"


@shells
def test_the_check_knows_without_asking_that_a_token_has_ended(shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login(minutes=-1)))
    done = run(shell, ". ./rc.sh\nmeshrc_check", tmp_path, fake_openstack(tmp_path, "", 0))
    assert "worked until 2" in done.stderr
    assert done.stdout == ""


@shells
def test_the_check_says_that_the_command_is_missing(shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login()))
    (tmp_path / "bin").mkdir()
    for name in (shell, "env", "cut", "grep", "sort", "printenv", "date"):
        found = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
        (tmp_path / "bin" / name).symlink_to(found)
    done = run(shell, ". ./rc.sh\nmeshrc_check", tmp_path, {"PATH": str(tmp_path / "bin")})
    assert "there is no openstack command here" in done.stderr


@shells
def test_one_login_serves_the_whole_shell(shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login("device")))
    done = run(shell, f". ./rc.sh\nmeshrc_login\n{SHOW}", tmp_path, fake_openstack(tmp_path, "gAAA-token\n", 0))
    found = json.loads(done.stdout)
    assert (found["OS_AUTH_TYPE"], found["OS_TOKEN"]) == ("v3token", "gAAA-token")
    assert "logged in to atlas@north" in done.stderr


@shells
def test_a_login_that_is_not_confirmed_leaves_the_shell_as_it_was(shell: str, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login("device")))
    script = f"meshrc_login {'; or' if shell == 'fish' else '||'} true"
    done = run(shell, f". ./rc.sh\n{script}\n{SHOW}", tmp_path, fake_openstack(tmp_path, "no\n", 1))
    found = json.loads(done.stdout)
    assert found["OS_AUTH_TYPE"] == "v3oidcdeviceauthz"
    assert "OS_TOKEN" not in found
    assert "Try again." in done.stderr


@pytest.mark.parametrize("name", ["zsh", "fish", "bash", "dash"])
@pytest.mark.parametrize("part", sorted(file.stem for file in shell_files.CODE.glob("*.sh")))
def test_the_pieces_can_stand_between_single_quotes(name: str, part: str) -> None:
    code = (shell_files.CODE / f"{part}.{'fish' if name == 'fish' else 'sh'}").read_text()
    assert "'" not in code
    assert "\\" not in code


@pytest.mark.parametrize("way", WAYS)
def test_the_head_tells_what_it_is_and_holds_no_secret(way: str) -> None:
    text = FORMATS["sh"].render(login(way, project_name="two\nlines"))
    head = text.partition("\n\n")[0].splitlines()
    assert all(line.startswith("# ") for line in head)
    assert "secret" in "".join(head) or "token" in "".join(head)
    assert "eyJ.secret" not in "".join(head)


# Gives a token, and says which it shall end.
TOLD = """#!/bin/sh
case "$2" in issue) echo gAAA-token ;; revoke) echo "revoked $3"; exit {code} ;; esac
"""


@shells
@pytest.mark.parametrize("code", [0, 1])
def test_what_meshrc_login_made_is_ended_by_meshrc_off(shell: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "rc.sh").write_text(FORMATS["sh"].render(login("device")))
    env = fake_openstack(tmp_path, "", 0)
    (tmp_path / "bin/openstack").write_text(TOLD.format(code=code))
    left = 'echo "left$OS_TOKEN"' if shell == "fish" else 'echo "left${OS_TOKEN-}"'
    done = run(shell, f". ./rc.sh\nmeshrc_login\nmeshrc_off\n{left}", tmp_path, env)
    assert done.stdout == "revoked gAAA-token\nleft\n"
    assert ("It ends by itself." in done.stderr) is bool(code)
    again = run(shell, f". ./rc.sh\nmeshrc_off\n{left}", tmp_path, env)  # nobody logged in
    assert again.stdout == "left\n"
