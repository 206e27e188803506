"""Parts of pages that are drawn again only when they have changed."""

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from portal.ui import kept
from portal.ui.changing import Action
from services.compute.models import Server


def facts(**fact: object) -> str:
    return kept.drawn("components/facts.html", {"facts": [fact]})


def test_a_part_is_drawn_once_for_the_same_and_again_for_another() -> None:
    assert facts(label="Zone", value="nova") is facts(label="Zone", value="nova")
    assert "mars" in facts(label="Zone", value="mars")
    buttons = [kept.drawn("components/buttons.html", {"actions": [Action("Stop", url)]}) for url in ("/a/", "/b/")]
    assert 'href="/a/"' in buttons[0]
    assert 'href="/b/"' in buttons[1]


def test_what_is_equal_and_reads_differently_is_not_mixed_up() -> None:
    assert "2</dd>" in facts(label="Size", value=2)
    assert "2.0</dd>" in facts(label="Size", value=2.0)


def test_languages_and_time_zones_have_parts_of_their_own() -> None:
    label = gettext_lazy("Zone")
    here = facts(label=label, value="x")
    with translation.override("de"):
        assert facts(label=label, value="x") is not here
    with timezone.override("Asia/Tokyo"):
        assert facts(label=label, value="x") is not here


def test_what_a_cloud_says_is_escaped() -> None:
    assert "&lt;b&gt;" in facts(label="Zone", value="<b>")


def test_a_row_of_the_database_is_refused() -> None:
    with pytest.raises(TypeError, match="may change"):
        facts(label="Server", value=Server(name="web-01"))
