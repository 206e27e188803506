"""What opens, closes and stays between two sets of rules."""

import random
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest

from services.network.security_groups.reach import ANYWHERE, Line, Source, compare, who


@dataclass(frozen=True)
class Rule:
    """A rule; by default it lets in nothing that a test has not said."""

    group_id: str = "web"
    direction: str = "ingress"
    ethertype: str = "IPv4"
    protocol: str = ""
    port_min: int | None = None
    port_max: int | None = None
    remote_cidr: str = ""
    remote_group_id: str = ""
    remote_address_group_id: str = ""
    unread: tuple[str, ...] = ()


def tcp(low: int, cidr: str = "", *, high: int | None = None, of: str = "", group: str = "web", **more: Any) -> Rule:
    """TCP from a network, from a group (`of`), or from anywhere."""
    kind = "IPv6" if ":" in cidr else "IPv4"
    values = {"ethertype": kind, "protocol": "tcp"} | more
    return Rule(group_id=group, port_min=low, port_max=high or low, remote_cidr=cidr, remote_group_id=of, **values)


def both(low: int, **more: Any) -> list[Rule]:
    """TCP from anywhere, with IPv4 and with IPv6."""
    return [tcp(low, "0.0.0.0/0", **more), tcp(low, "::/0", **more)]


def icmp(kind: int | None = None, code: int | None = None, **more: Any) -> Rule:
    """ICMP from anywhere."""
    return Rule(**({"protocol": "icmp"} | more), port_min=kind, port_max=code)


OFFICE = "203.0.113.0/24"


def said(lines: list[Line]) -> list[tuple[str, str, str, str]]:
    """Lines as short words: ("opens", "anywhere", "80/tcp", "46")."""
    words: list[tuple[str, str, str, str]] = []
    for line in lines:
        ports = str(line.low) if line.low == line.high else f"{line.low}-{line.high}"
        who_ = line.source.cidr or line.source.group_id or "anywhere"
        what = f"{ports}/{line.protocol or 'all'}"
        words.append((line.verdict, who_, what, "".join(map(str, line.families))))
    return words


EVERYTHING = "0-65535/all"


def test_what_the_mock_up_shows() -> None:
    office = tcp(22, OFFICE, group="ssh-office")
    now = [office, tcp(5432, of="app", group="db-internal")]
    wanted = [office, *both(80), *both(443)]
    assert said(compare(now, wanted)) == [
        ("opens", "anywhere", "80/tcp", "46"),
        ("opens", "anywhere", "443/tcp", "46"),
        ("closes", "app", "5432/tcp", "4"),
        ("stays", OFFICE, "22/tcp", "4"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([tcp(22)], [tcp(22)], [("stays", "anywhere", "22/tcp", "4")], id="the same"),
        pytest.param([], [Rule()], [("opens", "anywhere", EVERYTHING, "4")], id="everything"),
        pytest.param(
            [],
            [Rule(), Rule(ethertype="IPv6")],
            [("opens", "anywhere", EVERYTHING, "46")],
            id="both families are said together",
        ),
        pytest.param([], [Rule(direction="egress")], [], id="what leaves is no way in"),
        pytest.param(
            [tcp(22, OFFICE)],
            [tcp(22, OFFICE), tcp(22)],
            [("opens", "anywhere", "22/tcp", "4"), ("stays", OFFICE, "22/tcp", "4")],
            id="a wider source opens, the narrow one was open",
        ),
        pytest.param(
            [tcp(22, OFFICE), tcp(22)],
            [tcp(22)],
            [("stays", "anywhere", "22/tcp", "4")],
            id="a rule that another one covers closes nothing",
        ),
        pytest.param(
            [tcp(22)],
            [tcp(22, OFFICE)],
            [("closes", "anywhere", "22/tcp", "4"), ("stays", OFFICE, "22/tcp", "4")],
            id="anywhere closes, the office stays",
        ),
        pytest.param(
            [],
            [tcp(22, OFFICE), tcp(22)],
            [("opens", "anywhere", "22/tcp", "4")],
            id="a narrow line under a wide one is not said",
        ),
        pytest.param(
            [tcp(22, "10.0.0.0/8")],
            [tcp(22, "10.1.0.0/16")],
            [("closes", "10.0.0.0/8", "22/tcp", "4"), ("stays", "10.1.0.0/16", "22/tcp", "4")],
            id="a network within a network",
        ),
        pytest.param(
            [tcp(8000, high=8100)],
            [tcp(8000, high=8050)],
            [("closes", "anywhere", "8051-8100/tcp", "4"), ("stays", "anywhere", "8000-8050/tcp", "4")],
            id="a part of a range",
        ),
        pytest.param(
            [tcp(8000, high=8100)],
            [tcp(8000, high=8050), tcp(8051, high=8100)],
            [("stays", "anywhere", "8000-8100/tcp", "4")],
            id="a range in two parts is the same range",
        ),
        pytest.param(
            [tcp(8000, high=8060)],
            [tcp(8050, high=8100)],
            [
                ("opens", "anywhere", "8061-8100/tcp", "4"),
                ("closes", "anywhere", "8000-8049/tcp", "4"),
                ("stays", "anywhere", "8050-8060/tcp", "4"),
            ],
            id="ranges that overlap",
        ),
        pytest.param(
            [tcp(22)],
            [Rule()],
            [("opens", "anywhere", EVERYTHING, "4"), ("stays", "anywhere", "22/tcp", "4")],
            id="a port within everything was open before",
        ),
        pytest.param(
            [Rule()],
            [tcp(22)],
            [("closes", "anywhere", EVERYTHING, "4"), ("stays", "anywhere", "22/tcp", "4")],
            id="everything closes but one port",
        ),
        pytest.param(
            [Rule(), tcp(22)],
            [Rule()],
            [("stays", "anywhere", EVERYTHING, "4")],
            id="a port that everything covers closes nothing",
        ),
        pytest.param(
            [Rule(remote_cidr=OFFICE)],
            [tcp(22)],
            [
                ("opens", "anywhere", "22/tcp", "4"),
                ("closes", OFFICE, EVERYTHING, "4"),
                ("stays", OFFICE, "22/tcp", "4"),
            ],
            id="fewer protocols for more people",
        ),
        pytest.param(
            [tcp(5432, of="app")],
            [tcp(5432)],
            [("opens", "anywhere", "5432/tcp", "4"), ("stays", "app", "5432/tcp", "4")],
            id="anywhere holds every group",
        ),
        pytest.param(
            [tcp(5432, of="app")],
            [tcp(5432, "10.0.0.0/8")],
            [("opens", "10.0.0.0/8", "5432/tcp", "4"), ("closes", "app", "5432/tcp", "4")],
            id="a network does not hold a group, whoever is in it",
        ),
        pytest.param(
            both(22),
            [tcp(22, "0.0.0.0/0")],
            [("closes", "anywhere", "22/tcp", "6"), ("stays", "anywhere", "22/tcp", "4")],
            id="one family closes",
        ),
        pytest.param(
            [tcp(22, "0.0.0.0/0")],
            [Rule(protocol="6", port_min=22, port_max=22)],
            [("stays", "anywhere", "22/tcp", "4")],
            id="a protocol by its number, anywhere without a network",
        ),
        pytest.param(
            [tcp(1, high=65535)],
            [Rule(protocol="tcp")],
            [("stays", "anywhere", "0-65535/tcp", "4")],
            id="1 to 65535 is every port",
        ),
        pytest.param(
            [Rule(protocol="any")],
            [Rule(protocol="0")],
            [("stays", "anywhere", EVERYTHING, "4")],
            id="two more words for every protocol",
        ),
        pytest.param(
            [tcp(53)],
            [Rule(protocol="udp", port_min=53, port_max=53)],
            [("opens", "anywhere", "53/udp", "4"), ("closes", "anywhere", "53/tcp", "4")],
            id="one port of two protocols",
        ),
        pytest.param(
            [tcp(22, "203.0.113.7/24")],
            [tcp(22, OFFICE)],
            [("stays", OFFICE, "22/tcp", "4")],
            id="an address in a network is that network",
        ),
        pytest.param(
            [tcp(22, "203.0.113.7")],
            [tcp(22, "203.0.113.7/32")],
            [("stays", "203.0.113.7/32", "22/tcp", "4")],
            id="an address alone is a network of one",
        ),
        pytest.param(
            [tcp(22, "not an address")],
            [],
            [("closes", "not an address", "22/tcp", "4")],
            id="what the cloud says and nobody understands is told",
        ),
        pytest.param([], [icmp()], [("opens", "anywhere", "0-65535/icmp", "4")], id="all of ICMP"),
        pytest.param([], [icmp(8)], [("opens", "anywhere", "2048-2303/icmp", "4")], id="a type with all its codes"),
        pytest.param([], [icmp(8, 0)], [("opens", "anywhere", "2048/icmp", "4")], id="a type and a code"),
        pytest.param(
            [icmp(), icmp(protocol="ipv6-icmp", ethertype="IPv6")],
            [icmp(), icmp(protocol="icmpv6", ethertype="IPv6")],
            [("stays", "anywhere", "0-65535/icmp", "46")],
            id="IPv6 has an ICMP too",
        ),
        pytest.param(
            [icmp()],
            [icmp(8)],
            [
                ("closes", "anywhere", "0-2047/icmp", "4"),
                ("closes", "anywhere", "2304-65535/icmp", "4"),
                ("stays", "anywhere", "2048-2303/icmp", "4"),
            ],
            id="all types but one",
        ),
    ],
)
def test_two_sets_of_rules(before: list[Rule], after: list[Rule], lines: list[tuple[str, str, str, str]]) -> None:
    assert said(compare(before, after)) == lines


def test_what_leaves_is_compared_apart() -> None:
    out = Rule(direction="egress")
    assert said(compare([out, tcp(22)], [tcp(22)], "egress")) == [("closes", "anywhere", EVERYTHING, "4")]


def test_the_other_way_round_opens_what_closed() -> None:
    before, after = [tcp(22, OFFICE), Rule(remote_group_id="app")], [tcp(22), *both(443)]
    there = {line[1:] for line in said(compare(before, after)) if line[0] == "opens"}
    back = {line[1:] for line in said(compare(after, before)) if line[0] == "closes"}
    assert there == back != set()


SOURCES = [
    "",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.2.0/24",
    "192.0.2.0/24",
    "=app",
    "=web",
    "::/0",
    "2001:db8::/32",
]


def _some(chance: random.Random) -> list[Rule]:
    rules = []
    for _ in range(chance.randrange(5)):
        end, protocol = chance.choice(SOURCES), chance.choice(["", "tcp", "udp"])
        low = chance.randrange(6)
        rules.append(
            Rule(
                ethertype="IPv6" if ":" in end else chance.choice(["IPv4", "IPv6"]) if end in ("", "=app") else "IPv4",
                protocol=protocol,
                port_min=low if protocol else None,
                port_max=low + chance.randrange(3) if protocol else None,
                remote_cidr="" if end.startswith("=") else end,
                remote_group_id=end.removeprefix("=") if end.startswith("=") else "",
            )
        )
    return rules


def _holds(wide: Source, narrow: Source) -> bool:
    if wide.anywhere or wide == narrow:
        return True
    if not (wide.cidr and narrow.cidr):
        return False
    one, other = ip_network(wide.cidr), ip_network(narrow.cidr)
    return one.version == other.version and other.subnet_of(one)  # type: ignore[arg-type]  # the same version


def _open(rules: list[Rule], family: int, source: Source, protocol: str, port: int) -> bool:
    """Tell whether a packet gets in, rule by rule."""
    for rule in rules:
        zero = rule.remote_cidr in ("0.0.0.0/0", "::/0")
        mine = Source("" if zero else rule.remote_cidr, rule.remote_group_id)
        ports = rule.port_min is None or rule.port_max is None or rule.port_min <= port <= rule.port_max
        if (rule.ethertype == f"IPv{family}") and rule.protocol in ("", protocol) and ports and _holds(mine, source):
            return True
    return False


def _verdict(was: bool, will: bool) -> str | None:
    return {(True, True): "stays", (True, False): "closes", (False, True): "opens"}.get((was, will))


def test_every_line_is_true_and_every_truth_is_told() -> None:
    """Against packets that are tried one by one, for many sets of rules."""
    chance = random.Random(4711)  # noqa: S311 (no secret)
    lines_seen = 0
    for _ in range(400):
        before, after = _some(chance), _some(chance)
        lines = compare(before, after)
        lines_seen += len(lines)
        ends = {
            (
                6 if rule.ethertype == "IPv6" else 4,
                Source("" if rule.remote_cidr.endswith("/0") else rule.remote_cidr, rule.remote_group_id),
            )
            for rule in [*before, *after]
        }
        for family, source in ends:
            for protocol in ("tcp", "udp", "sctp"):
                for port in range(9):
                    truth = _verdict(
                        _open(before, family, source, protocol, port), _open(after, family, source, protocol, port)
                    )
                    # All lines that speak of this packet: one that differs from wider ones stands beside them.
                    told = [
                        line
                        for line in lines
                        if family in line.families
                        and _holds(line.source, source)
                        and line.protocol in ("", protocol)
                        and line.low <= port <= line.high
                    ]
                    assert (truth in {line.verdict for line in told}) == (truth is not None), (before, after, lines)
                    own = [line for line in told if line.source == source and line.protocol == protocol]
                    assert all(line.verdict == truth for line in own), (before, after, lines)
    assert lines_seen > 400


# Who is behind an address group, and what an unread rule means, can't be compared with addresses.
OFFICES = tcp(22, remote_address_group_id="offices")
UNREAD = tcp(22, unread=("action",))


def test_an_address_group_is_not_anywhere() -> None:
    (way,) = who(22, [OFFICES])
    assert (way.source.anywhere, way.source.address_group_id) == (False, "offices")
    (line,) = compare([], [OFFICES])
    assert (line.verdict, line.source) == ("opens", Source(address_group_id="offices"))


def test_anywhere_opens_more_than_an_address_group() -> None:
    opened = compare([OFFICES], [OFFICES, *both(22)])
    assert ("opens", ANYWHERE) in [(line.verdict, line.source) for line in opened]
    closed = compare([OFFICES, *both(22)], [OFFICES])
    assert ("closes", ANYWHERE) in [(line.verdict, line.source) for line in closed]


def test_what_is_unread_stands_beside_anywhere() -> None:
    """It may deny what the other lets in."""
    lines = compare(both(22), [*both(22), UNREAD])
    assert [(line.verdict, line.source.unread) for line in lines if line.source.unread] == [("opens", ("action",))]
    assert [(line.verdict, line.source) for line in lines if line.source == ANYWHERE] == [("stays", ANYWHERE)]
