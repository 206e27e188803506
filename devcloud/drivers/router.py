"""Neutron's router: its reference plugin, with floating IPs that come up without an agent."""

from __future__ import annotations

from neutron.services.l3_router import l3_router_plugin
from neutron_lib import constants


class DevcloudRouterPlugin(l3_router_plugin.L3RouterPlugin):
    def create_floatingip(self, context, floatingip):
        return self._report(context, super().create_floatingip(context, floatingip))

    def update_floatingip(self, context, id, floatingip):  # noqa: A002 - Neutron's own name
        return self._report(context, super().update_floatingip(context, id, floatingip))

    def _report(self, context, floating_ip):
        """Report what an L3 agent would: a floating IP with a port is up, one without is down."""
        up = floating_ip.get("port_id")
        status = constants.FLOATINGIP_STATUS_ACTIVE if up else constants.FLOATINGIP_STATUS_DOWN
        if floating_ip["status"] != status:
            self.update_floatingip_status(context.elevated(), floating_ip["id"], status)
            floating_ip["status"] = status
        return floating_ip
