"""The pages that import and delete a key pair of one's own."""

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.ui.changing import Action
from projects import access
from projects.actions import ACTIONS
from projects.converters import Handle
from projects.models import Tenant
from projects.pages import acting
from projects.pages.acting import FormPage
from projects.pages.action_pages import form_view
from services.compute.key_pairs.key_pair_forms import DeleteKeyPairForm, ImportKeyPairForm
from services.compute.models import KeyPair, Server

LIST = (gettext_lazy("Key pairs"), "key-pairs/")


def create_key_pair(tenant: Tenant) -> Action:
    """To the page that makes one."""
    return Action(_("Create key pair"), f"/{tenant.handle}/key-pairs/create/", "plus")


def of_key_pair(tenant: Tenant, pair: KeyPair) -> list[Action]:
    """What can be done with one."""
    url = f"/{tenant.handle}/key-pairs/{quote(pair.name)}/delete/"
    return [Action(_("Delete"), url, "trash-2", danger=True)]


@form_view
def import_(request: HttpRequest, handle: Handle) -> HttpResponse:
    """The public half of a key pair that is there already."""
    page = FormPage(
        form=ImportKeyPairForm,
        title=gettext_lazy("Import key pair"),
        text=gettext_lazy("New servers take its public key. The private one stays with you, and is never asked for."),
        key="key-pairs",
        crumb=LIST,
        button=lambda _form: _("Import"),
    )
    return acting.show(request, access.enter(request, handle), page)


@form_view
def delete(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The end of a key pair."""
    visit = access.enter(request, handle)
    acting.demand(visit, ACTIONS[DeleteKeyPairForm.action])
    mine = KeyPair.objects.filter(access.own(visit.user), tenant=visit.tenant)
    pair = mine.filter(external_id=external_id).first()
    if pair is None:
        raise Http404
    servers = Server.objects.filter(tenant=visit.tenant, user_id=pair.user_id, key_name=pair.name).count()
    kept = ngettext("%(n)d server here was made with it", "%(n)d servers here were made with it", servers)
    page = FormPage(
        form=DeleteKeyPairForm,
        title=_("Delete key pair %(name)s") % {"name": pair.name},
        text=_("In all your projects in %(place)s.") % {"place": visit.tenant.location.name},
        key="key-pairs",
        crumb=LIST,
        template="projects/action_confirm.html",
        button=lambda _form: _("Delete %(name)s") % {"name": pair.name},
        context=lambda _request, _form: {
            "lost": [{"text": pair.name, "small": _("New servers can't take it any more")}],
            "kept": [{"text": kept % {"n": servers}, "small": _("They keep its public key: you still get in")}]
            if servers
            else [],
            "icon": "trash-2",
            "foot_note": _("With its public key you can import it again."),
        },
    )
    return acting.show(request, access.enter(request, handle), page, thing=pair)
