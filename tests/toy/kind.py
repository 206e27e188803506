"""The one kind of thing that the toy has."""

from projects.api.shapes import shape_of
from projects.kinds import Kind, News, as_is
from projects.pages.menu import Group
from tests.toy.models import Lamp

GROUP = Group("toy", "Toy", 90)
LAMPS = Kind(
    model=Lamp,
    key="lamps",
    one="lamp",
    name="Lamp",
    names="Lamps",
    noun="lamps",
    icon="zap",
    service="lamps",
    group="toy",
    hint=lambda lamp: f"{lamp.watts} W",
    shape=shape_of("Lamp", Lamp),
    figures=lambda tenant: {"total": Lamp.objects.filter(tenant=tenant).count()},
    news=News({"status": as_is}),
)
