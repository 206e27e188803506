"""The pages that make, rotate and revoke."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import access
from projects.access import Visit
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Operation
from projects.pages import acting
from projects.pages.acting import FormPage
from projects.pages.action_pages import form_view
from services.service_users import rows, words
from services.service_users.models import ServiceUser
from services.service_users.pages.create_form import CreateServiceUserForm
from services.service_users.pages.forms import EndingForm, RevokeServiceUserForm, RotateServiceUserForm

KEY = "service-users"
LIST = (gettext_lazy("Service users"), f"{KEY}/")


def to_download(visit: Visit, form: ActionForm) -> str:
    """The page on which the download begins by itself."""
    if not isinstance(form, EndingForm):
        raise TypeError("a form that hands nothing over")
    operation = Operation.objects.get(user=visit.user, key=form.cleaned_data["key"])
    kind = urlencode({"as": form.file_of()})
    return f"/{visit.tenant.handle}/{KEY}/made/{operation.pk}/?{kind}"


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """A new one."""
    page = FormPage(
        form=CreateServiceUserForm,
        title=gettext_lazy("Create service user"),
        text=_("For a machine, in %(handle)s only.") % {"handle": f"{handle.project} @ {handle.location}"},
        key=KEY,
        crumb=LIST,
        template="service_users/create.html",
        button=lambda _form: _("Create and download"),
        context=lambda _request, form: {
            "may": may_of(form),
            # What others log in with may make more of its like.
            "alone": form.wanted is None or kind_of(form) == ServiceUser.Kind.APPLICATION_CREDENTIAL,
            "foot_note": _("You get its secret once, as a file."),
        },
        after=to_download,
    )
    return acting.show(request, access.enter(request, handle), page)


def kind_of(form: ActionForm) -> str:
    """What the new one is."""
    return str(form.wanted.model_dump(mode="json")["kind"]) if form.wanted else ""


def may_of(form: ActionForm) -> str:
    """What the new one may, in words."""
    if form.wanted is None:
        return ""
    said = form.wanted.model_dump(mode="json")
    return words.may(said["roles"], said["access_rules"])


@form_view
def rotate(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A new secret for one that is there."""
    row = own(request, handle, external_id)
    page = FormPage(
        form=RotateServiceUserForm,
        title=_("Rotate %(name)s") % {"name": row.label},
        text=_("A new secret that may the same. Nobody can look up the old one."),
        key=KEY,
        crumb=LIST,
        template="service_users/rotate.html",
        button=lambda _form: _("Rotate and download"),
        after=to_download,
    )
    return acting.show(request, access.enter(request, handle), page, thing=row)


@form_view
def revoke(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The end of one."""
    row = own(request, handle, external_id)
    name = {"name": row.label}
    title = _("End the old secret of %(name)s") if row.ends_at else _("Revoke %(name)s")
    page = FormPage(
        form=RevokeServiceUserForm,
        title=title % name,
        text=_("At once, and for good."),
        key=KEY,
        crumb=LIST,
        template="projects/action_confirm.html",
        button=lambda _form: title % name,
        context=lambda _request, _form: {
            "lost": [
                {
                    "text": row.label,
                    "small": _("Whatever logs in with this secret is refused from now on, and its tokens end"),
                }
            ],
            "kept": [{"text": _("What it has made"), "small": _("Servers, volumes and objects stay as they are")}],
            "icon": "ban",
            "foot_note": _("There is no way back. A new one is made in a minute."),
        },
    )
    return acting.show(request, access.enter(request, handle), page, thing=row)


def own(request: HttpRequest, handle: Handle, external_id: str) -> ServiceUser:
    """One of this tenant that the visitor may change; 404 for all others."""
    visit = access.enter(request, handle)
    row = rows.changeable(visit.tenant, visit.user, visit.role).filter(external_id=external_id).first()
    if row is None:
        raise Http404
    return row
