"""The files themselves. One that holds a secret is made for who asks, by POST, and is kept nowhere."""

from collections.abc import Callable

import certifi
import structlog
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe
from redis.exceptions import RedisError

from portal import rates
from portal.identity import pages, sessions, vault
from portal.identity.errors import ProviderUnreachable, SessionEnded, VaultKeyError
from portal.identity.models import User
from portal.ui import errors
from projects import access, platforms
from projects.access import Visit
from projects.converters import Handle
from services.cli_access import places
from services.cli_access.description import Issued, Login
from services.cli_access.formats import FORMATS, clouds_yaml
from services.cli_access.formats.base import Format
from services.cli_access.ways import WAYS
from services.cli_access.ways.base import Way

log = structlog.get_logger(__name__)

# A person clicks; a script that empties the vault does not.
_MOST, _SECONDS = 20, 60


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle, way: str, kind: str) -> HttpResponse:
    """Send a file without a secret."""
    visit = access.enter(request, handle)
    wanted, file = _wanted(way, kind)
    if file.secret and (wanted.issues or file.key == "secure"):
        raise Http404
    login = _login(wanted, visit)
    return answer(file.render(login), file.file_name(login.place), file.content_type)


@require_POST
@login_required
def issue(request: HttpRequest, handle: Handle, way: str, kind: str) -> HttpResponse:
    """Send a file with a secret that is made for it."""
    visit = access.enter(request, handle)
    wanted, file = _wanted(way, kind)
    if not (wanted.issues and file.secret):
        raise Http404

    def made(issued: Issued) -> HttpResponse:
        login = _login(wanted, visit, issued)
        log.info("cli_file_issued", user=visit.user.pk, tenant=visit.tenant.pk, way=way, kind=kind)
        return answer(file.render(login), file.file_name(login.place), file.content_type)

    return _issued(request, visit.user, made)


@require_safe
@login_required
def everywhere(request: HttpRequest, way: str) -> HttpResponse:
    """clouds.yaml with all tenants of the person, without any secret."""
    user = access.person(request)
    return answer(clouds_yaml.clouds(_logins(_way(way), user)), "clouds.yaml", FORMATS["clouds"].content_type)


@require_POST
@login_required
def secure(request: HttpRequest, way: str) -> HttpResponse:
    """Send the secure.yaml that belongs to it."""
    user, wanted = access.person(request), _way(way)
    if not wanted.issues:
        raise Http404

    def made(issued: Issued) -> HttpResponse:
        log.info("cli_file_issued", user=user.pk, way=way, kind="secure")
        text = clouds_yaml.secure(_logins(wanted, user, issued))
        return answer(text, "secure.yaml", FORMATS["secure"].content_type)

    return _issued(request, user, made)


@require_safe
@login_required
def certificates(request: HttpRequest, handle: Handle) -> HttpResponse:
    """Send the certificates of a location with its own authority, and the public ones, which OS_CACERT replaces."""
    place = places.place_of(access.enter(request, handle))
    if not place.ca_bundle:
        raise Http404
    return answer(f"{certifi.contents()}\n{place.ca_bundle}", place.ca_file, "application/x-pem-file")


def answer(text: str, name: str, content_type: str) -> HttpResponse:
    """Answer with a download that nobody keeps on the way. Names are made of slugs."""
    response = HttpResponse(text.encode(), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _issued(request: HttpRequest, user: User, made: Callable[[Issued], HttpResponse]) -> HttpResponse:
    """Return what `made` makes of a token of this very login, or why there is none."""
    try:
        if wait := rates.wait_for(f"cli-file:{user.pk}", _MOST, _SECONDS):
            return errors.too_many(request, wait)
        token = vault.fresh_token(sessions.grant_of(request))
    except SessionEnded:
        return pages.session_ended(request, request.headers.get("Referer", ""))
    except (ProviderUnreachable, RedisError) as error:
        log.warning("cli_file_not_issued", user=user.pk, error=type(error).__name__)
        return pages.not_now(request)
    except VaultKeyError as error:
        log.critical("vault_unreadable", error=str(error))
        return pages.vault_closed(request)
    return made(Issued(token.value, token.expires_at))


def _way(key: str) -> Way:
    if key not in WAYS or WAYS[key].separate:
        raise Http404
    return WAYS[key]


def _wanted(way: str, kind: str) -> tuple[Way, Format]:
    if kind not in FORMATS:
        raise Http404
    return _way(way), FORMATS[kind]


def _login(way: Way, visit: Visit, issued: Issued | None = None) -> Login:
    """Return the way into this tenant; 404 where it is not offered."""
    place, provider = places.place_of(visit), places.provider()
    if not platforms.has_inventory(visit.tenant.location) or way.against(place, provider):
        raise Http404
    return way.login(place, provider, visit.user.username, issued)


def _logins(way: Way, user: User, issued: Issued | None = None) -> list[Login]:
    provider = places.provider()
    return [
        way.login(place, provider, user.username, issued)
        for place in places.places_of(user)
        if not way.against(place, provider)
    ]
