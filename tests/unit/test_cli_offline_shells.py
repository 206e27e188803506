"""The file of an offline token in every shell, against the built-in provider: it renews itself and writes that down."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from services.cli_access.description import Issued
from services.cli_access.formats import FORMATS
from services.cli_access.ways import WAYS
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT
from tests.unit.cli_logins import PROVIDER, place
from tests.unit.test_cli_shells import SHOW, run, shells

NUMBER = "3fa94c1b"
KEPT = f"meshdeck/atlas-north-{NUMBER}.token"


class Machine:
    """A person's machine with the file of a new token in its home."""

    def __init__(self, provider: IdentityProvider, home: Path, token_url: str = "") -> None:
        self.provider, self.home = provider, home
        self.first: str = provider.long_login()["refresh_token"]
        self.kept = home / ".local/state" / KEPT
        described = replace(
            PROVIDER,
            token_endpoint=token_url or provider.client().metadata["token_endpoint"],
            revokes=True,
            spends=True,
            panel="https://panel.example.org",
        )
        issued = Issued(self.first, datetime.now(UTC))
        self.login = WAYS["offline"].login(place(machine=NUMBER), described, "member", issued)
        (home / "rc.sh").write_text(FORMATS["sh"].render(self.login))

    def sources(self, shell: str, script: str = "", env: Mapping[str, str] | None = None) -> tuple[dict[str, str], str]:
        """Return the environment after sourcing the file, and what was said of trouble."""
        done = run(shell, f". ./rc.sh\n{script}\n{SHOW}", self.home, env)
        assert done.returncode == 0, done.stderr
        found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return found, done.stderr

    def who(self, found: Mapping[str, str]) -> str:
        claims = self.provider.command_line().claims(found["OS_ACCESS_TOKEN"], "openstack")
        name: str = claims["preferred_username"]
        return name

    def revoke(self) -> None:
        client = self.provider.command_line()
        data = {"client_id": client.client_id, "token": self.first}
        requests.post(client.metadata["revocation_endpoint"], data=data, timeout=TIMEOUT).raise_for_status()


@pytest.fixture
def machine(identity_provider: IdentityProvider, tmp_path: Path) -> Machine:
    return Machine(identity_provider, tmp_path)


@shells
def test_each_sourcing_gets_an_access_token_and_writes_the_next_one_down(shell: str, machine: Machine) -> None:
    seen = {machine.first}
    for _ in range(3):
        found, said = machine.sources(shell)
        assert (machine.who(found), said) == ("member", "")
        assert found["OS_AUTH_TYPE"] == "v3oidcaccesstoken"
        kept = machine.kept.read_text()
        assert kept not in seen
        seen.add(kept)
        assert (machine.kept.stat().st_mode & 0o777, machine.kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert sorted(path.name for path in machine.kept.parent.iterdir()) == [machine.kept.name]
        # Programs that the shell starts get no refresh token along.
        assert not [name for name, value in found.items() if any(token in value for token in seen)]


@shells
def test_a_shell_that_lasts_fetches_a_new_one(shell: str, machine: Machine) -> None:
    found, said = machine.sources(shell, "OLD=x; meshrc_renew" if shell != "fish" else "meshrc_renew")
    assert (machine.who(found), said) == ("member", "")
    assert "MESHRC_REFRESH_TOKEN" not in found


@shells
def test_a_revoked_token_is_refused_and_says_where_a_new_one_is(shell: str, machine: Machine) -> None:
    machine.sources(shell)
    machine.revoke()
    found, said = machine.sources(shell, env={"OS_ACCESS_TOKEN": "older"})
    assert "OS_ACCESS_TOKEN" not in found
    assert "it was revoked, has ended, or was used by somebody else too" in said
    assert "https://panel.example.org/atlas@north/cli/?way=offline" in said


@shells
def test_without_an_answer_the_token_is_kept_for_the_next_time(
    shell: str, identity_provider: IdentityProvider, tmp_path: Path
) -> None:
    machine = Machine(identity_provider, tmp_path, "http://127.0.0.1:9/token")
    found, said = machine.sources(shell)
    assert "OS_ACCESS_TOKEN" not in found
    assert "no answer from login.example.org" in said
    assert machine.kept.read_text() == machine.first
    url = identity_provider.client().metadata["token_endpoint"]
    again = f"meshrc_set MESHRC_TOKEN_URL {url}; meshrc_renew"
    assert machine.who(machine.sources(shell, again)[0]) == "member"


@shells
def test_where_nothing_can_be_written_nothing_is_spent(shell: str, machine: Machine) -> None:
    (machine.home / "full").write_text("")
    found, said = machine.sources(shell, env={"XDG_STATE_HOME": str(machine.home / "full")})
    assert "OS_ACCESS_TOKEN" not in found
    assert "Nothing was spent." in said
    assert machine.who(machine.sources(shell)[0]) == "member"


@shells
def test_another_state_folder_may_have_any_name(shell: str, machine: Machine) -> None:
    folder = machine.home / "it's my $state"
    found, said = machine.sources(shell, env={"XDG_STATE_HOME": str(folder)})
    assert (machine.who(found), said) == ("member", "")
    assert (folder / KEPT).stat().st_mode & 0o777 == 0o600


@shells
def test_off_takes_it_all_back_but_the_kept_token(shell: str, machine: Machine) -> None:
    found, _said = machine.sources(shell, "meshrc_off", {"OS_CLOUD": "other"})
    assert {name for name in found if name.startswith(("OS_", "MESHRC"))} == {"OS_CLOUD"}
    left = "functions --query meshrc_renew; and echo left; true" if shell == "fish" else "command -v meshrc_renew || :"
    assert run(shell, f". ./rc.sh\nmeshrc_off\n{left}", machine.home).stdout == ""
    assert machine.kept.exists()


@shells
def test_the_shells_own_mask_stays(shell: str, machine: Machine) -> None:
    machine.sources(shell, "touch mine", None)
    assert (machine.home / "mine").stat().st_mode & 0o777 == 0o644


def test_shells_at_the_same_time_take_turns(machine: Machine) -> None:
    """Each would else spend the same token, which the provider takes for theft."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(machine.sources, ["bash", "dash", "bash", "dash"]))
    assert [machine.who(found) for found, _said in answers] == ["member"] * 4
    assert machine.who(machine.sources("bash")[0]) == "member"


def test_who_dies_while_renewing_leaves_no_lock(machine: Machine) -> None:
    programs = machine.home / "bin"
    programs.mkdir()
    # Its parent is the substitution, whose parent is the `sh` that holds the lock.
    (programs / "curl").write_text("#!/bin/sh\nkill -TERM $(cut -d' ' -f4 /proc/$PPID/stat); sleep 0.2\n")
    (programs / "curl").chmod(0o755)
    found, _said = machine.sources("bash", env={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert "OS_ACCESS_TOKEN" not in found
    assert [path.name for path in machine.kept.parent.iterdir()] == [machine.kept.name]
    assert machine.who(machine.sources("bash")[0]) == "member"


def test_no_command_line_has_the_token_in_it(machine: Machine) -> None:
    """Everybody on a machine sees what commands are started with."""
    programs = machine.home / "bin"
    programs.mkdir()
    (programs / "curl").write_text(f'#!/bin/sh\necho "$@" >>"{programs}/log"\nexec {shutil.which("curl")} "$@"\n')
    (programs / "curl").chmod(0o755)
    found, _said = machine.sources("bash", env={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert machine.who(found) == "member"
    log = (programs / "log").read_text()
    assert "refresh_token@-" in log
    assert machine.first not in log


@shells
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('{"error": "invalid_client"}', 'gave no access token, it said: {"error": "invalid_client"}'),
        ("<html>502 Bad Gateway</html>", "it said: <html>502 Bad Gateway</html>"),
        ("", "gave no access token"),
    ],
)
def test_a_strange_answer_is_repeated_and_loses_nothing(shell: str, answer: str, told: str, machine: Machine) -> None:
    programs = machine.home / "bin"
    programs.mkdir()
    (programs / "answer").write_text(answer)
    (programs / "curl").write_text(f'#!/bin/sh\ncat >/dev/null; cat "{programs}/answer"\n')
    (programs / "curl").chmod(0o755)
    found, said = machine.sources(shell, env={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert told in said
    assert "OS_ACCESS_TOKEN" not in found
    assert machine.kept.read_text() == machine.first


@pytest.mark.parametrize(
    "answer",
    [
        '{"access_token": "aaa", "refresh_token": "b-b_b.b", "expires_in": 600}',
        '{"refresh_token":"b-b_b.b","refresh_expires_in":5,"access_token":"aaa"}',
        '{\n  "access_token" : "aaa",\n  "refresh_token" : "b-b_b.b"\n}\n',
    ],
)
def test_an_answer_is_read_however_it_is_laid_out(answer: str, machine: Machine) -> None:
    programs = machine.home / "bin"
    programs.mkdir()
    (programs / "answer").write_text(answer)
    (programs / "curl").write_text(f'#!/bin/sh\ncat >/dev/null; cat "{programs}/answer"\n')
    (programs / "curl").chmod(0o755)
    found, said = machine.sources("dash", env={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert (found["OS_ACCESS_TOKEN"], machine.kept.read_text(), said) == ("aaa", "b-b_b.b", "")


def test_without_curl_it_says_so(machine: Machine) -> None:
    programs = machine.home / "bin"
    programs.mkdir()
    for name in ("bash", "sh", "env", "cut", "grep", "sort", "printenv", "python3"):
        (programs / name).symlink_to(str(shutil.which(name)))
    done: Any = run("bash", ". ./rc.sh", machine.home, {"PATH": str(programs)})
    assert "there is no curl here" in done.stderr


@pytest.mark.requires("pwsh")
def test_powershell_does_the_same(machine: Machine) -> None:
    """Three times: the first token, the next of it, and one that was revoked."""
    show = f"& '{sys.executable}' -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    (machine.home / "rc.ps1").write_text(FORMATS["ps1"].render(machine.login))
    clean = {"PATH": os.environ["PATH"], "HOME": str(machine.home)}
    command = ["pwsh", "-NoProfile", "-NonInteractive", "-Command", f". ./rc.ps1; {show}"]
    for revoked in (False, False, True):
        if revoked:
            machine.revoke()
        done = subprocess.run(command, env=clean, cwd=machine.home, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout.splitlines()[-1])
        assert "MESHRC_REFRESH_TOKEN" not in found
        if revoked:
            assert "OS_ACCESS_TOKEN" not in found
            assert "takes this token no more" in done.stderr
        else:
            assert machine.who(found) == "member"
            assert machine.kept.stat().st_mode & 0o777 == 0o600
