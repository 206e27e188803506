"""Switch a lamp off."""

from tests.toy.one_lamp import SwitchLamp


class SwitchLampOff(SwitchLamp):
    """Makes it dark."""

    name = "switch-lamp-off"
    label = "Switch lamp off"
    asked, done = "Switch %(lamp)s off", "Switched %(lamp)s off"
    status, back = "off", "switch-lamp-on"
