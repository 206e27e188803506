"""Account pages that allauth lacks: the command lines that stay logged in, and how to end them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.idp import families
from portal.idp.context import minutes_of_access


@require_safe
@never_cache
@login_required
def long_logins(request: HttpRequest) -> HttpResponse:
    """Show the programs that can act as this person while they are away."""
    found = families.living_of(request.user)  # type: ignore[arg-type]  # login_required: nobody is anonymous here
    return render(request, "families/list.html", {"families": found, "minutes": minutes_of_access()})


@require_POST
@login_required
def end_long_login(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the person's own long logins; 404 for others' and for ended ones."""
    with transaction.atomic():
        # Don't check that its token still works: a concurrent renewal may just have changed it.
        family = families.own(request.user, pk)  # type: ignore[arg-type]
        if family is None:
            raise Http404
        families.end(family, "ended by its owner")
    messages.success(request, _("Ended. This login can no longer be renewed."))
    return redirect("long_logins")
