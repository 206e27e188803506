"""Who may see what. A stranger gets 404 for everything: an address tells nothing about what belongs to others."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from portal.identity.models import User
from projects.converters import Handle
from projects.models import Membership, Role, Tenant


@dataclass(frozen=True, slots=True)
class Visit:
    """A person in a tenant: what a tenant's page starts from."""

    user: User
    tenant: Tenant
    role: Role


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


def enter(request: HttpRequest, handle: Handle) -> Visit:
    """The tenant at this address, in one query; 404 for whoever is not a member of it."""
    user = person(request)
    one = memberships(user).filter(tenant__project__slug=handle.project, tenant__location__name=handle.location)
    try:
        found = one.select_related("tenant__project", "tenant__location").order_by().get()
    except Membership.DoesNotExist as absent:
        raise Http404 from absent
    return Visit(user, found.tenant, Role(found.role))


def tenant_for(request: HttpRequest, handle: Handle) -> Tenant:
    """Like `enter`, when the role does not matter."""
    return enter(request, handle).tenant
