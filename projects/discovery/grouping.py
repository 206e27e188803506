"""Which project a tenant belongs to: Keystone projects of the same name in several locations are one Project."""

import structlog
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from projects.models import Location, Project, Tenant
from projects.platforms import Place

log = structlog.get_logger(__name__)

_TRIES = 5
_SLUG_LENGTH = 100


def tenant_of(location: Location, seen: Place) -> Tenant:
    """Return the tenant for a cloud's project, made when it is new, moved when it was renamed (unless an operator
    pinned it).

    A place with a `space` is one of several within the name: see platforms.Place.
    Safe when several workers find the same project at once: who comes second meets a unique constraint and looks again.
    """
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return _tenant_of(location, seen)
        except IntegrityError:
            if attempt == _TRIES - 1:
                raise
            log.info("tenant_made_by_another", location=location.name, external_id=seen.external_id)
    raise AssertionError("unreachable")


def _tenant_of(location: Location, seen: Place) -> Tenant:
    tenant = Tenant.objects.filter(location=location, external_id=seen.external_id).select_related("project").first()
    if tenant is None:
        tenant = Tenant.objects.create(
            location=location,
            project=_project_for(location, seen),
            external_id=seen.external_id,
            external_name=seen.name,
            domain_id=seen.domain_id,
            space=seen.space,
        )
    elif (tenant.external_name, tenant.domain_id, tenant.space) != (seen.name, seen.domain_id, seen.space):
        renamed = tenant.external_name != seen.name
        tenant.external_name, tenant.domain_id, tenant.space = seen.name, seen.domain_id, seen.space
        left = tenant.project
        if renamed and not tenant.pinned:
            tenant.project = _project_for(location, seen)
        tenant.save(update_fields=["external_name", "domain_id", "space", "project"])
        if left != tenant.project and not left.tenants.exists():
            left.delete()
    if seen.description and not tenant.project.description:
        Project.objects.filter(pk=tenant.project_id).update(description=seen.description)
    return tenant


def _project_for(location: Location, seen: Place) -> Project:
    """Return the project of that name; with domain or space in its name where the location has another one."""
    qualified = f"{seen.name[:120]} ({(seen.space or seen.domain_id or seen.external_id)[:120]})"
    for name in (seen.name, qualified):
        project = Project.objects.filter(name=name).order_by("pk").first()
        if project is None:
            return Project.objects.create(name=name, slug=_free_slug(name), description=seen.description)
        if not project.tenants.filter(location=location).exclude(external_id=seen.external_id).exists():
            return project
    # The same name twice in one domain can't be in Keystone, but a deleted project's tenant may still be here.
    name = f"{seen.name[:180]} ({seen.external_id})"
    return Project.objects.create(name=name, slug=_free_slug(name), description=seen.description)


def _free_slug(name: str) -> str:
    """Return a slug that no project has: names that differ only in what a slug leaves out get a number."""
    stem = slugify(name)[: _SLUG_LENGTH - 6].strip("-_") or "project"
    taken = set(Project.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{stem}-{number}") not in taken)
