"""What the toy tells fills this model."""

from projects.observed import Rows
from tests.toy.house import SeenLamp
from tests.toy.models import Lamp


class Lamps(Rows[SeenLamp]):
    """Lamps."""

    row = SeenLamp
    model = Lamp
