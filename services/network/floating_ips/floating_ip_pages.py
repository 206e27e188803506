"""The pages that change floating IPs: allocate, lead to a server, release."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import access
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.pages import acting
from projects.pages.acting import FormPage
from projects.pages.action_pages import form_view, place
from services.block_storage.volumes.volume_pages import thing_of
from services.network.floating_ips.bulk import leads_to
from services.network.floating_ips.floating_ip_forms import (
    AllocateFloatingIPForm,
    AssociateFloatingIPForm,
    ReleaseFloatingIPForm,
)
from services.network.models import FloatingIP

CONFIRM = "projects/action_confirm.html"


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """A new floating IP."""
    said = _("In %(place)s. An address of the world outside, which the project keeps until it is released.")
    page = FormPage(
        form=AllocateFloatingIPForm,
        title=gettext_lazy("Allocate floating IP"),
        text=said % {"place": f"{handle.project} @ {handle.location}"},
        key="floating-ips",
        crumb=(gettext_lazy("Floating IPs"), "floating-ips/"),
        button=lambda form: _("Allocate and lead there") if form["end"].value() else _("Allocate floating IP"),
    )
    return acting.show(request, access.enter(request, handle), page)


@form_view
def associate(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A floating IP gets a server."""
    floating = thing_of(request, handle, FloatingIP, external_id, AssociateFloatingIPForm)
    server = leads_to(floating.tenant, [floating]).get(floating.external_id, "")
    text = _("In %(place)s. The server is reachable at this address within seconds, as far as its groups let in.")
    if server:
        text = _("In %(place)s. It leads to %(server)s now, which is not reachable at this address any more then.")
    page = _about(
        floating,
        AssociateFloatingIPForm,
        _("Lead %(address)s to a server") % {"address": floating},
        text % {"place": place(floating.tenant), "server": server},
        _("Lead it there"),
    )
    return acting.show(request, access.enter(request, handle), page, thing=floating)


@form_view
def release(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A floating IP is given back."""
    floating = thing_of(request, handle, FloatingIP, external_id, ReleaseFloatingIPForm)
    server = leads_to(floating.tenant, [floating]).get(floating.external_id, "")
    small = _("Anybody may get it next, and you can't ask for it again")
    lost = [{"text": floating.address, "small": small}]
    if server:
        lost.append({"text": server, "small": _("Is not reachable at this address any more")})
    page = _about(
        floating,
        ReleaseFloatingIPForm,
        _("Release %(address)s") % {"address": floating},
        _("In %(place)s. DNS names and firewalls that know it should be changed before.")
        % {"place": place(floating.tenant)},
        _("Release %(address)s") % {"address": floating},
        CONFIRM,
        back="floating-ips/",
        lost=lost,
        icon="trash-2",
        foot_note=_("There is no undo."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=floating)


def _about(
    floating: FloatingIP,
    form: type[ActionForm],
    title: str,
    text: str,
    button: str,
    template: str = "projects/action_form.html",
    back: str = "",
    **context: object,
) -> FormPage:
    """The page of a form about a floating IP, which leads back to it, or to `back` in the tenant."""
    url = f"floating-ips/{floating.external_id}/"
    return FormPage(
        form=form,
        title=title,
        text=text,
        key="floating-ips",
        crumb=(floating.address, url),
        template=template,
        button=lambda _form: button,
        context=lambda _request, _form: context,
        after=lambda visit, _form: f"/{visit.tenant.handle}/{back or url}",
    )
