"""Who reaches a port by a set of rules, and who loses what between two."""

from services.network.security_groups import reach
from services.network.security_groups.reach import (
    ANYWHERE,
    Peer,
    Source,
    compare,
    losers,
    who,
)
from services.network.security_groups.test_reach import OFFICE, Rule, both, tcp

OFFICE_SOURCE = Source(cidr=OFFICE)
APP = Source(group_id="app")


def test_who_reaches_a_port() -> None:
    rules = [
        *both(443),
        tcp(22, OFFICE, group="ssh-office"),
        tcp(1, high=65535, of="app", group="internal"),
        Rule(remote_group_id="web", group_id="default"),
        Rule(protocol="udp", port_min=443, port_max=443, remote_cidr="198.51.100.0/24"),
        Rule(direction="egress"),
    ]
    assert who(443, rules) == [
        reach.Way(ANYWHERE, (4, 6), ("web",)),
        reach.Way(APP, (4,), ("internal",)),
        reach.Way(Source(group_id="web"), (4,), ("default",)),
    ]
    assert [way.source for way in who(22, rules)] == [OFFICE_SOURCE, APP, Source(group_id="web")]
    assert [way.source for way in who(80, rules)] == [APP, Source(group_id="web")]
    assert [way.source for way in who(443, rules, "udp")] == [Source(cidr="198.51.100.0/24"), Source(group_id="web")]


def test_one_way_in_by_two_groups_names_both() -> None:
    assert who(22, [tcp(22, group="one"), tcp(22, group="two"), tcp(22, group="one")]) == [
        reach.Way(ANYWHERE, (4,), ("one", "two"))
    ]


def test_nobody_reaches_a_port_without_rules() -> None:
    assert who(22, []) == []


WORKER = Peer("worker-01", ["10.0.4.31"], frozenset({"app"}))
OTHER = Peer("db-01", ["10.0.4.21"], frozenset({"db"}))
SIX = Peer("six-01", ["2001:db8::6"], frozenset({"app"}))


def lost(before: list[Rule], after: list[Rule]) -> list[list[str]]:
    peers = [WORKER, OTHER, SIX]
    lines = [line for line in compare(before, after) if line.verdict == "closes"]
    return [[peer.name for peer in losers(line, before, after, peers)] for line in lines]


def test_the_members_of_a_group_lose_what_only_the_group_let_in() -> None:
    assert lost([tcp(5432, of="app")], []) == [["worker-01"]]


def test_who_gets_in_by_another_rule_loses_nothing() -> None:
    assert lost([tcp(5432, of="app")], [tcp(5432, "10.0.4.0/24")]) == [[]]
    assert lost([tcp(5432, of="app")], [tcp(5432, of="db")]) == [["worker-01"]]
    assert lost([tcp(5432, of="app")], [Rule(remote_cidr="10.0.4.31/32")]) == [[]]


def test_addresses_of_a_closing_network_are_found() -> None:
    assert lost([tcp(22, "10.0.4.0/27")], []) == [["worker-01", "db-01"]]
    assert lost([tcp(22, "10.0.4.21/32")], []) == [["db-01"]]


def test_a_family_that_nobody_speaks_is_no_loss() -> None:
    rule = Rule(ethertype="IPv6", protocol="tcp", port_min=22, port_max=22, remote_group_id="app")
    assert lost([rule], []) == [["six-01"]]


def test_part_of_a_range_is_a_loss() -> None:
    assert lost([tcp(8000, high=8100, of="app")], [tcp(8000, high=8099, of="app")]) == [["worker-01"]]
