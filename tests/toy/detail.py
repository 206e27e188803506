"""The page of one lamp."""

from projects.pages.detail import Detail, Fact
from tests.toy.kind import LAMPS

DETAIL = Detail(
    kind=LAMPS,
    template="projects/detail.html",
    command="lamp show",
    context=lambda _request, _tenant, lamp: {"facts": [Fact("Status", lamp.status), Fact("Watts", str(lamp.watts))]},
)
