"""What else there is to a server: who reaches a port of it, its log, the way to its console.

Log and console are fetched by a worker when they are asked for: 202 until they are there. An answer is kept for a
minute, for the one who asked.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Status
from ninja.errors import HttpError
from pydantic import Field

from projects import freshness
from projects.access import Visit
from projects.api.base import HandleText, HandleToChange, IdText, KeyText, caller, visit_of
from projects.api.paging import known_only
from projects.api.routes import Routes
from projects.api.shapes import Shape
from projects.fetching import asking
from projects.fetching.asking import Note, Wanted
from services.compute.models import Server
from services.compute.servers.tabs import LINES
from services.network.models import FloatingIP, Port, SecurityGroup, SecurityGroupRule
from services.network.security_groups import reach

router = Router(tags=["servers"])


class Fetched(Shape):
    """What the cloud said, or why it said nothing (`reason`). `at` null: it is on its way, ask again."""

    at: datetime | None
    text: str = Field(description="The log, or the console's address.")
    reason: str
    detail: str
    request_id: str


class LogAsked(Shape):
    """How much of the log is wanted."""

    lines: int = Field(LINES[0], ge=1, le=LINES[-1], description=f"At least so many lines: {LINES} can be had.")


class WayIn(Shape):
    """One that is let in: everyone, a network, the members of a group or the addresses of an address group; and the
    groups whose rules do it. `unread`: fields of the cloud's rule that are not known here, so whom it lets in isn't.
    """

    anywhere: bool
    cidr: str
    group_id: str
    address_group_id: str
    unread: list[str]
    families: list[int] = Field(description="4, 6 or both.")
    by_group_ids: list[str]


class PortReach(Shape):
    """Who reaches a server through one of its ports. `filtered` false: no rules hold there, everyone does.

    `complete` false: more may get in than is told, since the rules of `unknown_group_ids` are not shown to this
    project, or not all of a rule is known here.
    """

    port_id: str
    network_id: str
    addresses: list[str]
    floating_addresses: list[str]
    filtered: bool
    complete: bool
    unknown_group_ids: list[str]
    ways: list[WayIn]


class ReachAsked(Shape):
    """What is asked about."""

    port: int = Field(ge=0, le=65535)
    protocol: str = Field("tcp", pattern="^(tcp|udp|sctp|dccp|udplite)$")


@router.get(
    "/servers/{external_id}/reach",
    response=list[PortReach],
    operation_id="get_server_reach",
    url_name="get_server_reach",
    summary="Who can reach a port of a server",
)
def show(request: HttpRequest, handle: HandleText, external_id: IdText, asked: Annotated[ReachAsked, Query()]) -> Any:
    """By the security groups on each of its ports. The first to ask when nobody gets in."""
    visit = visit_of(request)
    known_only(request, ReachAsked)
    _must_be(visit, external_id)
    freshness.look_at(visit.tenant, caller(request).grant)
    ports = list(Port.objects.filter(tenant=visit.tenant, device_id=external_id).order_by("external_id"))
    rules = _rules(visit, ports)
    floating: dict[str, list[str]] = defaultdict(list)
    for one in FloatingIP.objects.filter(tenant=visit.tenant, port_id__in=[port.external_id for port in ports]):
        floating[one.port_id].append(one.address)
    ids = {id_ for port in ports for id_ in port.security_group_ids}
    known = SecurityGroup.objects.filter(tenant=visit.tenant, external_id__in=ids)
    unknown = ids - set(known.values_list("external_id", flat=True))
    return [_reach_of(port, rules, unknown, sorted(floating[port.external_id]), asked) for port in ports]


def _reach_of(
    port: Port,
    rules: Mapping[str, Sequence[SecurityGroupRule]],
    unknown: set[str],
    outside: list[str],
    asked: ReachAsked,
) -> PortReach:
    own = [one for id_ in port.security_group_ids for one in rules.get(id_, ())]
    ways = reach.who(asked.port, own, asked.protocol)
    hidden = sorted(unknown.intersection(port.security_group_ids))
    return PortReach(
        port_id=port.external_id,
        network_id=port.network_id,
        addresses=[ip["address"] for ip in port.fixed_ips],
        floating_addresses=outside,
        filtered=port.port_security,
        complete=not (hidden or any(way.source.unread for way in ways)),
        unknown_group_ids=hidden,
        ways=[
            WayIn(
                anywhere=way.source.anywhere,
                cidr=way.source.cidr,
                group_id=way.source.group_id,
                address_group_id=way.source.address_group_id,
                unread=list(way.source.unread),
                families=list(way.families),
                by_group_ids=list(way.group_ids),
            )
            for way in ways
        ],
    )


@router.get(
    "/servers/{external_id}/log",
    response={200: Fetched, 202: Fetched},
    operation_id="get_server_log",
    url_name="get_server_log",
    summary="The end of a server's log",
)
def log(
    request: HttpRequest,
    response: HttpResponse,
    handle: HandleText,
    external_id: IdText,
    asked: Annotated[LogAsked, Query()],
) -> Status[Fetched]:
    """Give what a server wrote to its console. 202 while a worker fetches it; what came is kept for a minute."""
    visit = visit_of(request)
    known_only(request, LogAsked)
    _must_be(visit, external_id)
    lines = next(many for many in LINES if many >= asked.lines)
    wanted = Wanted(visit.tenant.pk, caller(request).grant, "console-log", external_id, lines)
    return _fetched(response, wanted, asking.look(wanted))


@router.post(
    "/servers/{external_id}/console",
    response={200: Fetched, 202: Fetched},
    operation_id="open_server_console",
    url_name="open_server_console",
    summary="The way to a server's console",
)
def console(
    request: HttpRequest, response: HttpResponse, handle: HandleToChange, external_id: IdText, key: KeyText = ""
) -> Status[Fetched]:
    """Return an address for a browser. It lets in whoever has it, and is given once. 202 while a worker fetches it."""
    visit = visit_of(request)
    _must_be(visit, external_id)
    wanted = Wanted(visit.tenant.pk, caller(request).grant, "console", external_id)
    return _fetched(response, wanted, asking.take(wanted))


def _fetched(response: HttpResponse, wanted: Wanted, note: Note | None) -> Status[Fetched]:
    if note is not None:
        return Status(200, Fetched.model_validate(note))
    if not asking.ask(wanted):
        raise HttpError(503, "")
    response["Retry-After"] = "1"
    return Status(202, Fetched(at=None, text="", reason="", detail="", request_id=""))


def _rules(visit: Visit, ports: Sequence[Port]) -> dict[str, list[SecurityGroupRule]]:
    """Return the rules of all groups on these ports, by group (one query)."""
    ids = {id_ for port in ports for id_ in port.security_group_ids}
    found: dict[str, list[SecurityGroupRule]] = defaultdict(list)
    for rule in SecurityGroupRule.objects.filter(tenant=visit.tenant, group_id__in=ids).order_by("external_id"):
        found[rule.group_id].append(rule)
    return found


def _must_be(visit: Visit, external_id: str) -> None:
    """404 for a server that is not of this tenant."""
    if not Server.objects.filter(tenant=visit.tenant, external_id=external_id).exists():
        raise Http404


ROUTES = Routes("servers", router)
