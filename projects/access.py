"""Who may see what. A stranger gets 404 for everything: an address tells nothing about what belongs to others."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest

from portal.identity.models import User
from projects import platforms
from projects.converters import Handle
from projects.models import Membership, Operation, Role, Tenant
from services.compute.models import KeyPair


@dataclass(frozen=True, slots=True)
class Visit:
    """A person in a tenant: what a tenant's page starts from.

    `key_pairs` is how many the person has there, and `key_pairs_as_of` when that was read. None: not read yet.
    `running` counts the operations on their way there.
    """

    user: User
    tenant: Tenant
    role: Role
    key_pairs: int | None = None
    key_pairs_as_of: datetime | None = None
    running: int = 0

    @property
    def busy(self) -> bool:
        """Whether something is changing there, so that pages look again sooner."""
        return self.tenant.changing or self.running > 0


def person(request: HttpRequest) -> User:
    """The one who is logged in; the views are behind `login_required`, so there is one."""
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


def own(user: User) -> Q:
    """The rows of a personal kind (key pairs) that are this person's, by the cloud's id of the person in each tenant.

    Whom the cloud has not named yet has none.
    """
    owners = Membership.objects.filter(user=user, tenant=OuterRef("tenant"), cloud_user_id=OuterRef("user_id"))
    return Q(Exists(owners.exclude(cloud_user_id="")))


# Of each membership: how many key pairs are its person's own.
_KEY_PAIRS = Coalesce(
    Subquery(
        KeyPair.objects.filter(tenant=OuterRef("tenant"), user_id=OuterRef("cloud_user_id"))
        .exclude(user_id="")
        .order_by()
        .values("tenant")
        .annotate(many=Count("pk"))
        .values("many")
    ),
    0,
)
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
    """The tenant at this address, in one query; 404 for whoever is not a member of it.

    And where there is nothing of what pages show: a Cloud Foundry space has no servers.
    """
    return _enter(request, handle, with_inventory(person(request)))


def enter_any(request: HttpRequest, handle: Handle) -> Visit:
    """The same for pages of every kind of location."""
    return _enter(request, handle, memberships(person(request)))


def _enter(request: HttpRequest, handle: Handle, mine: QuerySet[Membership]) -> Visit:
    user = person(request)
    one = mine.filter(tenant__project__slug=handle.project, tenant__location__name=handle.location)
    try:
        found = (
            one.select_related("tenant__project", "tenant__location")
            .annotate(own=_KEY_PAIRS, running=_RUNNING)
            .order_by()
            .get()
        )
    except Membership.DoesNotExist as absent:
        raise Http404 from absent
    as_of = found.key_pairs_as_of
    return Visit(user, found.tenant, Role(found.role), None if as_of is None else found.own, as_of, found.running)


def tenant_for(request: HttpRequest, handle: Handle) -> Tenant:
    """Like `enter`, where the role does not matter."""
    return enter(request, handle).tenant
