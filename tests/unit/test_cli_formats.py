"""The files that no shell sources: clouds.yaml, secure.yaml, .env, and PowerShell's."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openstack
import pytest
import yaml

from services.cli_access.formats import FORMATS, clouds_yaml
from services.cli_access.formats import ps1 as powershell
from services.cli_access.ways import WAYS
from tests.unit.cli_logins import NASTY, login

PLUGINS = {
    "device": "OidcDeviceAuthorization",
    "websso": "WebSSO",
    "password": "OidcPassword",
    "token": "OidcAccessToken",
}
nasty = pytest.mark.parametrize("name", NASTY)


@nasty
def test_any_name_comes_out_of_clouds_yaml_as_it_went_in(name: str) -> None:
    one = login(project_name=NASTY[name], region=NASTY[name], identity_provider=NASTY[name])
    entry = yaml.safe_load(FORMATS["clouds"].render(one))["clouds"]["atlas-north"]
    assert entry["auth"]["project_name"] == NASTY[name]
    assert entry["auth"]["identity_provider"] == NASTY[name]
    assert entry.get("region_name", "") == NASTY[name]


@nasty
def test_any_name_comes_out_of_the_env_file_as_it_went_in(name: str, tmp_path: Path) -> None:
    one = login(project_name=NASTY[name], identity_provider=NASTY[name])
    (tmp_path / "x.env").write_text(FORMATS["env"].render(one))
    show = f"set -a; . ./x.env; set +a; {sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    clean = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["dash", "-c", show], cwd=tmp_path, env=clean, capture_output=True, text=True, check=True)
    found = {key: value for key, value in json.loads(done.stdout).items() if key.startswith("OS_")}
    assert found == {**one.variables, **one.secrets}


def test_what_needs_no_quotes_has_none_in_the_env_file() -> None:
    lines = FORMATS["env"].render(login()).splitlines()
    assert "OS_AUTH_URL=https://north.example.org:5000/v3" in lines
    assert "OS_ACCESS_TOKEN=eyJ.secret" in lines


@pytest.mark.parametrize("way", [key for key, one in WAYS.items() if not one.only])
def test_openstacksdk_makes_the_ways_plugin_of_the_entry(way: str, tmp_path: Path) -> None:
    one = login(way, username="member")
    (tmp_path / "clouds.yaml").write_text(FORMATS["clouds"].render(one))
    (tmp_path / "secure.yaml").write_text(FORMATS["secure"].render(one))
    config = openstack.config.OpenStackConfig(
        config_files=[str(tmp_path / "clouds.yaml")],
        secure_files=[str(tmp_path / "secure.yaml")],
        load_envvars=False,
    )
    # The password is the one thing that is not in a file.
    given = {"password": "p"} if way == "password" else {}
    region: Any = config.get_one("atlas-north", auth=given)
    plugin = region.get_session().auth
    assert type(plugin).__name__ == PLUGINS[way]
    assert (plugin.auth_url, plugin.project_id) == ("https://north.example.org:5000/v3", "4b9d21e07c3f")
    assert (plugin.identity_provider, plugin.protocol) == ("meshdeck", "openid")
    assert (region.region_name, region.get_interface()) == ("north", "public")
    if way == "device":
        assert (plugin.client_id, plugin.code_challenge_method) == ("meshdeck-cli", "S256")
        assert plugin.scope == "openid profile email groups"
    if way == "token":
        assert plugin.access_token == "eyJ.secret"


def test_openstacksdk_finds_the_certificates_of_each_entry_where_browsers_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    south = login("device", name="atlas-south", location="south")
    file = tmp_path / "clouds.yaml"
    file.write_text(clouds_yaml.clouds([login("device", ca_bundle="-----BEGIN CERTIFICATE-----"), south]))
    config = openstack.config.OpenStackConfig(config_files=[str(file)], load_envvars=False)
    trusted = {name: config.get_one(name).get_requests_verify_args()[0] for name in ("atlas-north", "atlas-south")}
    assert trusted == {"atlas-north": f"{tmp_path}/Downloads/north-ca.pem", "atlas-south": True}
    assert "# Certificates are looked for in ~/Downloads/north-ca.pem." in file.read_text()


def test_no_secret_is_in_clouds_yaml_and_nothing_else_in_secure_yaml() -> None:
    one = login()
    assert "eyJ.secret" not in FORMATS["clouds"].render(one)
    assert yaml.safe_load(FORMATS["secure"].render(one)) == {
        "clouds": {"atlas-north": {"auth": {"access_token": "eyJ.secret"}}}
    }


def test_one_file_has_all_entries() -> None:
    logins = [login("device"), login("device", name="borealis-north", project="borealis")]
    assert list(yaml.safe_load(clouds_yaml.clouds(logins))["clouds"]) == ["atlas-north", "borealis-north"]
    assert yaml.safe_load(clouds_yaml.clouds([])) == {"clouds": {}}


@nasty
def test_a_quote_of_any_kind_is_doubled_for_powershell(name: str) -> None:
    quoted = powershell.quote(NASTY[name])
    inside = quoted[1:-1]
    for sign in powershell.QUOTES:
        inside = inside.replace(sign * 2, "\0" * 2)
        assert sign not in inside
    assert (quoted[0], quoted[-1]) == ("'", "'")


@pytest.mark.requires("pwsh")
def test_any_name_comes_out_of_powershell_as_it_went_in(tmp_path: Path) -> None:
    for name, value in NASTY.items():
        one = login(project_name=value or "x", identity_provider=value or "x")
        file = tmp_path / f"{name}.ps1"
        file.write_text(FORMATS["ps1"].render(one))
        script = f". {file}; & '{sys.executable}' -c 'import json, os; print(json.dumps(dict(os.environ)))'"
        command = ["pwsh", "-NoProfile", "-NonInteractive", "-Command", script]
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OS_CLOUD": "other"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        found = {key: value for key, value in json.loads(done.stdout).items() if key.startswith("OS_")}
        assert found == {**one.variables, **one.secrets}, name


@pytest.mark.parametrize("way", WAYS)
def test_the_file_for_powershell_has_its_byte_order_mark_and_every_variable(way: str) -> None:
    one = login(way)
    text = FORMATS["ps1"].render(one)
    assert text.startswith("\ufeff# atlas@north")
    for name, value in {**one.variables, **one.secrets}.items():
        assert f"meshrc_set {name} {powershell.quote(value)}\n" in text
