"""The list of lamps."""

from portal.ui.changing import Action
from projects.pages.listing import Column, Empty, Listing, values_facet
from tests.toy.kind import LAMPS
from tests.toy.models import Lamp
from tests.toy.switch_lamp_on_page import PAGE

LISTING = Listing(
    kind=LAMPS,
    template="toy/lamps.html",
    columns=(Column("name", "Name", sort=("name",)), Column("status", "Status", sort=("status",))),
    placeholder="Name",
    command="lamp list",
    empty=Empty("No lamps yet", "A lamp shines."),
    csv={"name": lambda lamp: lamp.name, "status": lambda lamp: lamp.status},
    facets=(values_facet(Lamp, "status", "Status"),),
    menu=lambda tenant, lamp: [Action("Switch on", PAGE.url(tenant, lamp), "zap")],
)
