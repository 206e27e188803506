"""No page scrolls sideways, whatever things are called: the longest names that clouds allow, in every kind of thing."""

import pytest
from django.db.models import Model
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from projects.kinds import KINDS
from projects.models import Change, Project
from services.object_storage.models import Container
from tests import factories, operations_factory
from tests.browser.test_pages_looks import NORTH, PAGES, tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Keystone's longest name of a project, and nova's, cinder's, neutron's and glance's longest names.
OF_PROJECT, OF_THING = 64, 255
WIDTHS = (320, 390, 768, 1366, 1920)
# One word, which breaks nowhere by itself. Sentences and wide letters were tried too and are never wider.
LONGEST = "n" * OF_THING
# What reaches beyond the window and is clipped by nothing around it, to be read when the test fails.
WIDE = """() => {
  const fits = one => one.getBoundingClientRect().right <= innerWidth + 1;
  const clipped = one => {
    for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible" && fits(up)) return true;
    return false;
  };
  const wide = one => !fits(one) && !clipped(one);
  return [...document.querySelectorAll("body *")].filter(wide).slice(-3)
    .map(one => `${one.tagName}.${one.getAttribute("class")} in ${one.parentElement.getAttribute("class")}`);
}"""


def call(model: type[Model], name: str) -> None:
    """Give every thing of a kind a long name, and what else people write at it."""
    columns = {column.name for column in model._meta.get_fields()}
    for row in model._default_manager.all():
        for column in {"name", "description", "flavor_name", "image_name", "key_name", "volume_type"} & columns:
            longest = model._meta.get_field(column).max_length or OF_THING
            setattr(row, column, name[:longest])
        row.save()


def test_no_page_scrolls_sideways(browser: Browser, live_server: LiveServer, client: Client) -> None:
    people = factories.cast(history=True)
    factories.foundation(people)
    operation = operations_factory.operation(
        people.atlas, people.member, "attach-volume", operations_factory.attaching(people.atlas, "pg-data-01", "web-01")
    )
    for kind in KINDS.values():
        if kind.model is not Container and not kind.personal:  # their names are their ids, which the addresses have
            call(kind.model, LONGEST)
    Project.objects.update(name=LONGEST[:OF_PROJECT])
    Change.objects.update(name=LONGEST)
    operation.names = dict.fromkeys(operation.names, LONGEST)
    operation.save()
    page = tab(browser, live_server, client, people.member)
    found = {}
    for address in [*PAGES, f"{NORTH}operations/", f"{NORTH}operations/{operation.pk}/", f"{NORTH}servers/create/"]:
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                found[f"{address} at {width}"] = f"{wide} px: {page.evaluate(WIDE)}"
    page.context.close()
    assert found == {}
