"""Neutron's switch: binds every port at once, without an agent on any host."""

from __future__ import annotations

from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api

ROUTER_PORTS = (
    constants.DEVICE_OWNER_ROUTER_INTF,
    constants.DEVICE_OWNER_ROUTER_GW,
    constants.DEVICE_OWNER_FLOATINGIP,
)


class DevcloudMechanismDriver(api.MechanismDriver):
    connectivity = portbindings.CONNECTIVITY_L2

    def initialize(self):
        """Do nothing: there is no switch to connect to."""

    def bind_port(self, context):
        if not context.segments_to_bind:
            return
        details = {
            portbindings.CAP_PORT_FILTER: True,
            portbindings.VIF_DETAILS_CONNECTIVITY: portbindings.CONNECTIVITY_L2,
        }
        segment = context.segments_to_bind[0][api.ID]
        context.set_binding(segment, portbindings.VIF_TYPE_OVS, details, status=constants.PORT_STATUS_ACTIVE)

    def create_port_postcommit(self, context):
        self._activate(context)

    def update_port_postcommit(self, context):
        self._activate(context)

    def _activate(self, context):
        """Set ports of routers to up, as an L3 agent would: they are never bound to a host."""
        port = context.current
        if port["device_owner"] in ROUTER_PORTS and port["status"] != constants.PORT_STATUS_ACTIVE:
            admin = context._plugin_context.elevated()
            context._plugin.update_port_status(admin, port["id"], constants.PORT_STATUS_ACTIVE)
