"""Switch a lamp on."""

from tests.toy.one_lamp import SwitchLamp


class SwitchLampOn(SwitchLamp):
    """Makes it shine."""

    name = "switch-lamp-on"
    label = "Switch lamp on"
    asked, done = "Switch %(lamp)s on", "Switched %(lamp)s on"
    status, back = "on", "switch-lamp-off"
