"""What the rules of a form would open, told beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from projects.pages.health import Wire
from services.network.models import SecurityGroupRule
from services.network.security_groups import reach, reach_panel
from services.network.security_groups.rule_forms import RuleFields
from services.network.security_groups.rule_making import Rule


@dataclass(frozen=True, slots=True)
class Opening:
    """What the rules of a form would open: `made` is how many they are."""

    made: int
    wires: Sequence[Wire]
    risks: str


def opening_of(form: RuleFields, there: Sequence[SecurityGroupRule], group_id: str = "") -> Opening:
    """Compare the form's rules with those that are there: what would be open besides."""
    wanted: Sequence[Rule] = getattr(form.wanted, "rules", ())
    new = [SecurityGroupRule(group_id=group_id, **rule.model_dump()) for rule in wanted]
    words = reach_panel.Words(form.ends, reach_panel.networks_of([*there, *new]), {})
    lines = [line for line in reach.compare(there, [*there, *new]) if line.verdict == "opens"]
    out = [line for line in reach.compare(there, [*there, *new], "egress") if line.verdict == "opens"]
    wires = [*reach_panel.wires(lines, words, changed=True), *reach_panel.outgoing(out, words)]
    return Opening(len(new), wires, form.risks(list(wanted)))
