"""Read the policy once.

oslo.policy looks for a changed policy file before every single check, of which a list of servers needs hundreds: it
searches for files that don't exist here, then goes through all rules of the service. Nobody edits the policies of a
running devcloud.
"""

from __future__ import annotations

from oslo_policy.policy import Enforcer


def apply() -> None:
    load = Enforcer.load_rules

    def load_rules(self, force_reload: bool = False) -> None:
        known = len(self.registered_rules)
        if force_reload or not self.rules or getattr(self, "devcloud_rules", None) != known:
            load(self, force_reload)
            self.devcloud_rules = known

    Enforcer.load_rules = load_rules
