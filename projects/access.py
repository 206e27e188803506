"""Who may see what. A stranger gets 404 for everything: an address tells nothing about what belongs to others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest

from portal.identity.models import User
from projects import platforms
from projects.converters import Handle
from projects.kinds import KINDS
from projects.models import Location, Membership, Operation, Project, Role, Tenant
from projects.prepared import Prepared, columns, instance


@dataclass(frozen=True, slots=True)
class Visit:
    """A person in a tenant: what a tenant's page starts from.

    `own` is how many things there are the person's own (key pairs), and `own_as_of` when they were read. None: not
    read yet.
    `running` counts the operations on their way there.
    """

    user: User
    tenant: Tenant
    role: Role
    own: int | None = None
    own_as_of: datetime | None = None
    running: int = 0

    @property
    def busy(self) -> bool:
        """Whether something is changing there, so that pages look again sooner."""
        return self.tenant.changing or self.running > 0


def person(request: HttpRequest) -> User:
    """Return the one who is logged in; the views are behind `login_required`, so there is one."""
    if not isinstance(request.user, User):
        raise TypeError("This view must be behind login_required.")
    return request.user


def memberships(user: User) -> QuerySet[Membership]:
    """Where this person belongs, in the order of pages. Locations that an operator switched off are left out."""
    return Membership.objects.filter(user=user, tenant__location__enabled=True).order_by(
        "tenant__project__name", "tenant__location__position", "tenant__location__name"
    )


def with_inventory(user: User) -> QuerySet[Membership]:
    """Those of them of which there is an inventory: on platforms that have one."""
    return memberships(user).filter(tenant__location__kind__in=platforms.with_inventory())


def own(user: User | int) -> Q:
    """Return the rows of a personal kind (key pairs) that are this person's, by the cloud's id of the person in each
    tenant.

    Whom the cloud has not named yet has none.
    """
    owners = Membership.objects.filter(user=user, tenant=OuterRef("tenant"), cloud_user_id=OuterRef("user_id"))
    return Q(Exists(owners.exclude(cloud_user_id="")))


def _own_count() -> Any:
    """Of each membership: how many things are its person's own."""
    found: Any = Value(0)
    for kind in KINDS.values():
        if kind.personal:
            model: Any = kind.model  # a personal kind has the column user_id
            rows = model._default_manager.filter(tenant=OuterRef("tenant"), user_id=OuterRef("cloud_user_id"))
            counted = rows.exclude(user_id="").order_by().values("tenant").annotate(many=Count("pk")).values("many")
            found = found + Coalesce(Subquery(counted), 0)
    return found


# Of each membership: how many operations are on their way in its tenant.
_RUNNING = Coalesce(
    Subquery(
        Operation.objects.open()
        .filter(tenant=OuterRef("tenant"))
        .order_by()
        .values("tenant")
        .annotate(many=Count("pk"))
        .values("many")
    ),
    0,
)


def enter(request: HttpRequest, handle: Handle) -> Visit:
    """Return the tenant at this address, in one query; 404 for whoever is not a member of it.

    And where there is nothing of what pages show: a Cloud Foundry space has no servers.
    """
    return _enter(request, handle, _WITH_INVENTORY)


def enter_any(request: HttpRequest, handle: Handle) -> Visit:
    """Do the same for pages of every kind of location."""
    return _enter(request, handle, _ANY)


_PARTS = (
    [*columns(Tenant, "tenant__")],
    [*columns(Project, "tenant__project__")],
    [*columns(Location, "tenant__location__")],
)


def _visits(mine: Callable[[Any], QuerySet[Membership]]) -> Prepared:
    """Where a person comes in; every page of a tenant begins with it."""

    def build(user: int, project: str, location: str) -> QuerySet[Membership, Any]:
        one = mine(user).filter(tenant__project__slug=project, tenant__location__name=location)
        counted = one.annotate(own=_own_count(), running=_RUNNING).order_by()
        return counted.values_list("role", "own_as_of", "own", "running", *chain(*_PARTS))

    return Prepared(build, user=-1, project="project", location="location")


_WITH_INVENTORY, _ANY = _visits(with_inventory), _visits(memberships)


def _enter(request: HttpRequest, handle: Handle, visits: Prepared) -> Visit:
    user = person(request)
    rows = visits.rows(user=user.pk, project=handle.project, location=handle.location)
    if not rows:
        raise Http404
    ((role, as_of, own_ones, running, *values),) = rows
    rest = iter(values)
    of_tenant, of_project, of_location = (list(islice(rest, len(part))) for part in _PARTS)
    tenant = instance(Tenant, of_tenant)
    tenant.project, tenant.location = instance(Project, of_project), instance(Location, of_location)
    return Visit(user, tenant, Role(role), None if as_of is None else own_ones, as_of, running)


def tenant_for(request: HttpRequest, handle: Handle) -> Tenant:
    """Like `enter`, where the role does not matter."""
    return enter(request, handle).tenant
