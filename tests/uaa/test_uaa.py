"""The same checks as the stand-in's (tests/tools/test_devfoundation.py), against a real UAA: make test-uaa."""

from tests.providers.client import TIMEOUT
from tests.providers.fixtures import PANEL
from tests.providers.uaa import VERSION, RealUaa, version_of
from tests.support.uaa_contract import JSON, UaaContract


class TestUaa(UaaContract):
    """The contract."""


def test_it_is_a_real_one(uaa: RealUaa) -> None:
    """The version is not the stand-in's."""
    assert version_of(uaa) == VERSION


def test_browsers_get_no_word_that_lets_scripts_read_the_answer(uaa: RealUaa) -> None:
    """This is why a proxy has to add it if the portal's page shows codes in place (docs/cloud-foundry.md)."""
    browser = uaa.logged_in("member")
    uaa.passcode(browser)
    headers = {**JSON, "Origin": PANEL, "X-Requested-With": "XMLHttpRequest"}
    answer = browser.get(f"{uaa.uaa}/passcode", headers=headers, timeout=TIMEOUT)
    assert answer.headers["Access-Control-Allow-Origin"] == PANEL
    assert "Access-Control-Allow-Credentials" not in answer.headers
