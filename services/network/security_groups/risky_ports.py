"""Ports that are hardly ever meant to be open to everyone: what listens there, and who warns of it.

What listens: iana.org/assignments/service-names-port-numbers and the products' own documentation.
"""

from collections.abc import Iterable, Mapping

from services.network.security_groups.rules import Rule, is_open, ports, protocol_of, span_of

RISKY: Mapping[int, str] = {
    21: "FTP",
    22: "SSH",
    23: "Telnet",
    111: "rpcbind",
    135: "Windows RPC",
    139: "NetBIOS",
    389: "LDAP",
    445: "SMB",
    1433: "SQL Server",
    1521: "Oracle",
    2049: "NFS",
    2375: "Docker",
    2376: "Docker",
    2379: "etcd",
    3306: "MySQL",
    3389: "Remote Desktop",
    5432: "PostgreSQL",
    5900: "VNC",
    5984: "CouchDB",
    5985: "WinRM",
    6379: "Redis",
    6443: "Kubernetes",
    8086: "InfluxDB",
    9200: "Elasticsearch",
    10250: "Kubernetes",
    11211: "memcached",
    27017: "MongoDB",
}
# Those of them that also answer with UDP, which makes them weapons against others.
_UDP = (111, 389, 2049, 11211)
# A rule about more of them than this is told by its ports alone.
_NAMED = 3


def risks(rules: Iterable[Rule]) -> list[str]:
    """List what rules let in from anywhere that is rarely meant so: ["22/tcp (SSH)", "everything"]; each once."""
    return of_spans((protocol_of(rule), *span_of(rule)) for rule in rules if is_open(rule))


def of_spans(spans: Iterable[tuple[str, int, int]]) -> list[str]:
    """List the risks of protocols with their first and last ports."""
    found: dict[str, None] = {}
    for protocol, low, high in spans:
        names = list(dict.fromkeys(risky(protocol, low, high)))
        if names:
            said = ports(protocol, low, high)
            found[f"{said} ({', '.join(names)})" if protocol and len(names) <= _NAMED else said] = None
    return list(found)


def risky(protocol: str, low: int, high: int) -> list[str]:
    """Name what listens on the risky ones of these ports. No protocol means all of them."""
    if protocol not in ("", "tcp", "udp"):
        return []
    return [name for port, name in RISKY.items() if low <= port <= high and (protocol != "udp" or port in _UDP)]
