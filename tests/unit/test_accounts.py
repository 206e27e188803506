"""Where the passwords of accounts come from, and who of the demo knows them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devcloud import cast
from portal.demo import parts
from portal.demo.layout import Layout
from tests.support import environment

SAY = "import django; django.setup(); from django.conf import settings; print(settings.ACCOUNT_PASSWORDS)"


def said(**variables: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | environment.portal() | {"DJANGO_SETTINGS_MODULE": "portal.settings"} | variables
    return subprocess.run([sys.executable, "-c", SAY], env=env, capture_output=True, text=True, check=False)


def test_they_come_from_a_file_or_there_are_none(tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    file.write_text('{"north": "a word"}\n')
    assert said(MESHDECK_ACCOUNT_PASSWORDS_FILE=str(file)).stdout.strip() == "{'north': 'a word'}"
    assert said().stdout.strip() == "{}"


@pytest.mark.parametrize("odd", ["MARKED", '{"north": "MARKED"', '["MARKED"]', '{"north": {"password": "MARKED"}}'])
def test_a_malformed_one_ends_the_start_and_is_not_repeated(odd: str) -> None:
    done = said(MESHDECK_ACCOUNT_PASSWORDS=odd)
    assert done.returncode != 0
    assert "ACCOUNT_PASSWORDS" in done.stderr
    assert "MARKED" not in done.stdout + done.stderr.replace(SAY, "")


def test_the_demos_account_is_the_one_that_its_cloud_has_and_only_workers_know_its_password(tmp_path: Path) -> None:
    assert dict.fromkeys(cast.ACCOUNT_LOCATIONS, f"{cast.ACCOUNT}@default") == parts.ACCOUNT
    assert dict.fromkeys(cast.ACCOUNT_LOCATIONS, cast.ACCOUNT_PASSWORD) == parts.ACCOUNT_PASSWORDS
    layout = Layout(tmp_path, 8000, 15000)
    assert cast.ACCOUNT_PASSWORD in parts.worker_part(layout, {}).environment["MESHDECK_ACCOUNT_PASSWORDS"]
    for part in (parts.web_part(layout, {}), parts.beat_part(layout, {})):
        assert "MESHDECK_ACCOUNT_PASSWORDS" not in part.environment
