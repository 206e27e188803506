"""Components that change things, with made-up data; part of the gallery (gallery.py).

A form that follows the typing, a list to pick from, an operation in each state, a confirmation.
"""

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui import forms, row_actions
from portal.ui.changing import Action, CommandText, Fact, OperationView, Step
from portal.ui.commands import Command, given, lines
from portal.ui.gallery_data import NOON, servers, shell
from portal.ui.shell import Crumb, Shell, Stamp

USED, ALLOWED = 560, 1000


class VolumeForm(django_forms.Form):
    """Create a volume, as far as a form without a cloud can."""

    use_required_attribute = False
    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = django_forms.CharField(label=gettext_lazy("Description"), required=False)
    source = forms.CardField(
        label=gettext_lazy("Start from"),
        initial="empty",
        choices=[
            ("empty", forms.Card(gettext_lazy("Empty"), gettext_lazy("Format it yourself"))),
            ("image", forms.Card(gettext_lazy("Image"), gettext_lazy("A bootable disk"))),
            ("snapshot", forms.Card(gettext_lazy("Snapshot"), gettext_lazy("4 in this project"))),
            (
                "volume",
                forms.Card(gettext_lazy("Volume"), gettext_lazy("A copy of another"), gettext_lazy("None is free.")),
            ),
        ],
    )
    size = forms.FigureField(label=gettext_lazy("Size"), unit="GB", least=1)
    kind = django_forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=[("ssd", "ssd, 3,000 IOPS"), ("hdd", "hdd, 500 IOPS")],
        help_text=gettext_lazy("Can be changed later while the volume is detached."),
    )
    server = forms.CardField(
        label=gettext_lazy("Attach to"),
        required=False,
        widget=forms.CardSelect,
        choices=[
            ("", gettext_lazy("Nothing for now")),
            ("db-01", forms.Card("db-01", gettext_lazy("running, zone nova"))),
            ("db-02", forms.Card("db-02", gettext_lazy("running"), gettext_lazy("in another zone"))),
        ],
        help_text=gettext_lazy("Only servers in the same zone can be chosen."),
    )

    def clean_size(self) -> int:
        """Refuse a size that exceeds what is left."""
        size: int = self.cleaned_data["size"]
        left = ALLOWED - USED
        if size > left:
            text = _("%(size)d GB is %(over)d GB more than atlas has left in north (%(left)d of 1,000 GB).")
            raise forms.Refusal(
                text % {"size": size, "over": size - left, "left": left},
                [
                    forms.Way(_("Use %(left)d GB") % {"left": left}, str(left)),
                    forms.Way(_("find volumes to delete"), url="#volumes"),
                ],
            )
        return size


class GroupsForm(django_forms.Form):
    """Security groups of a port."""

    use_required_attribute = False
    groups = forms.ManyCardsField(
        label=gettext_lazy("Groups on port app-net"),
        required=False,
        initial=["ssh-office", "db-internal", "backup"],
        choices=[
            ("web-public", forms.Card("web-public", gettext_lazy("80, 443/tcp from anywhere"))),
            ("ssh-office", forms.Card("ssh-office", gettext_lazy("22/tcp from 203.0.113.0/24"))),
            ("db-internal", forms.Card("db-internal", gettext_lazy("5432/tcp from group app"))),
            ("app", forms.Card("app", gettext_lazy("lets nothing in, used as a source by db-internal"))),
            (
                "backup",
                forms.Card("backup", gettext_lazy("873/tcp from 10.0.9.0/24"), gettext_lazy("Owned by the operator.")),
            ),
        ],
    )


class EveryForm(django_forms.Form):
    """The controls that the other two forms lack."""

    use_required_attribute = False
    user_data = django_forms.CharField(
        label=gettext_lazy("User data"),
        required=False,
        widget=django_forms.Textarea({"rows": 4, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy("Run by cloud-init at the first start, 64 KB at most."),
    )
    key = django_forms.FileField(label=gettext_lazy("Public key"), required=False)
    start = django_forms.BooleanField(
        label=gettext_lazy("Start the server when it is built"), required=False, initial=True
    )
    port = forms.FigureField(label=gettext_lazy("Port"), least=1, most=65535)

    def clean(self) -> dict[str, Any]:
        """Refuse the form always, to show how that looks."""
        self.add_error(None, forms.Refusal(_("The group was changed by admin at 14:31:12."), [_CHANGES]))
        return self.cleaned_data


_CHANGES = forms.Way(gettext_lazy("See what changed"), url="#changes")


def _shell(around: Shell, *crumbs: str) -> Shell:
    around.operations_url = reverse("gallery-operations")
    around.running = 1
    around.crumbs = [Crumb("atlas @ north", "#"), *(Crumb(crumb, "#") for crumb in crumbs)]
    return around


def _operation(name: str) -> OperationView:
    """Return an operation in the state that its id names: op-running, op-failed, op-cancelled; any other is done."""
    url = reverse("gallery-operation", args=[name])
    facts = [
        Fact(_("Asked by"), _("member, on the page")),
        Fact(_("Asked at"), "23 Nov, 14:31:58"),
        Fact(_("Operation"), chip="op-01JD9Q7F3C"),
        Fact(_("Cloud request"), chip="req-4f1c-9a20"),
    ]
    title = _("Create volume pg-data-02 and attach it to db-01")
    checked = Step(_("Checked the limits"), "done", _("80 of 440 GB left, 1 of 12 volumes left"), "0.1 s")
    made = Step(_("Created the volume"), "done", _("Accepted by north in 0.4 s, ready after 5.1 s"), "5.5 s")
    command = lines(["openstack"], Command("volume create", [("--size", "80"), ("--type", "ssd")], ["pg-data-02"]))
    retry = Action(_("Try again"), url, "rotate-cw", post=True)
    if name == "op-failed":
        note = _("The cloud says: Invalid volume: already attached")
        return OperationView(
            title,
            "bad",
            _("Failed at step 3 of 4"),
            url,
            time=_("after 8.2 s"),
            steps=[checked, made, Step(_("Attaching to db-01"), "failed", note, "2.6 s")],
            facts=facts,
            command=command,
            failure=_("north did not attach pg-data-02."),
            remedy=_("The volume is there and detached. Try again or delete it."),
            request_id="req-4f1c-9a20",
            actions=[retry],
        )
    if name == "op-cancelled":
        steps = [checked, made, Step(_("Attaching to db-01"), "cancelled", _("Given up by member at 14:32:06"))]
        return OperationView(title, "off", _("Cancelled"), url, time=_("after 8.2 s"), steps=steps, facts=facts)
    if name == "op-running":
        working = Step(_("Attaching to db-01"), "working", _("The cloud says: attaching. Looked 4 times"), "2.6 s")
        waiting = Step(_("See it in use"), "waiting", _("Done when north reports in-use on db-01"))
        return OperationView(
            title,
            "work",
            _("Running, step 3 of 4"),
            url,
            running=True,
            time=_("8.2 s so far, usually 11 s"),
            steps=[checked, made, working, waiting],
            facts=facts,
            command=command,
            text=_("You can close this or leave: it goes on, and ends exactly once."),
            actions=[Action(_("Cancel operation"), url, "ban", post=True)],
        )
    attached = Step(_("Attached to db-01"), "done", _("In use as /dev/vdc"), "3.1 s")
    return OperationView(title, "ok", _("Done"), url, time="8.7 s", steps=[checked, made, attached], facts=facts)


MENU = [
    Action(gettext_lazy("Rename"), "#rename"),
    Action(gettext_lazy("Resize"), "#resize", blocked=gettext_lazy("Only a running or stopped server can be resized.")),
    Action(gettext_lazy("Take a snapshot"), "#snapshot", "camera", post=True),
    Action(gettext_lazy("Delete"), "#delete", "trash-2", danger=True),
]
BUTTONS = [
    Action(gettext_lazy("Console"), "#console", "terminal"),
    Action(gettext_lazy("Reboot"), "#reboot", "rotate-cw", post=True, name="how", value="soft"),
    Action(gettext_lazy("Stop"), "#stop", "square", blocked=gettext_lazy("It is being resized: wait until that ends.")),
]
BULK = [
    Action(gettext_lazy("Start"), "#start", "play", post=True),
    Action(gettext_lazy("Stop"), "#stop", "square", post=True),
    Action(gettext_lazy("Reboot"), "#reboot", "rotate-cw", post=True),
    Action(gettext_lazy("Delete"), "#delete", "trash-2", danger=True),
]


def form_page(request: HttpRequest) -> HttpResponse:
    """Show a form that follows the typing; sent, it leads to the list beside which its operation runs."""
    form = VolumeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and not forms.is_preview(request):
        return redirect(f"{reverse('gallery-list')}?op=op-running")
    size = form["size"].value() or "0"
    kind, description = form["kind"].value() or "ssd", form["description"].value() or ""
    options = given(("--size", size), ("--type", kind), ("--description", description))
    text = lines(["openstack"], Command("volume create", options, [form["name"].value() or "NAME"]))
    terraform = 'resource "openstack_blockstorage_volume_v3" "volume" {\n  size = ' + size + "\n}"
    context = {
        "shell": _shell(shell(), _("Volumes"), _("Create")),
        "form": form,
        "used": USED,
        "allowed": ALLOWED,
        "planned": int(size) if size.isdigit() else 0,
        "formats": [CommandText("openstack", "openstack", text), CommandText("terraform", "Terraform", terraform)],
        "stamp": Stamp(NOON),
    }
    return render(request, "gallery_form.html", context)


def list_page(request: HttpRequest) -> HttpResponse:
    """Show a list whose rows can be picked, with menus and a drawer."""
    context = {
        "shell": _shell(shell(), _("Servers")),
        "servers": servers(),
        "stamp": Stamp(NOON),
        "create": Action(_("Create server"), "#create", "plus"),
        "bulk": BULK,
        "states": ["op-running", "op-done", "op-failed", "op-cancelled"],
    }
    return render(request, "gallery_list.html", context)


def row_menu(_request: HttpRequest, name: str) -> HttpResponse:
    """Show the menu of one of its rows."""
    return HttpResponse(row_actions.items(MENU))


def detail_page(request: HttpRequest) -> HttpResponse:
    """Show the controls that change one resource: buttons, tabs, groups, undo, a confirmation."""
    tabs: list[dict[str, Any]] = [
        {"label": _("Overview"), "url": "#", "on": True},
        {"label": _("Log"), "url": "#"},
        {"label": _("Snapshots"), "url": "#", "count": 2},
        {"label": _("Operations"), "url": "#", "count": 17},
        {"label": _("Metadata"), "url": "#"},
    ]
    groups = ["web-public", "ssh-office", "backup"]
    context = {
        "shell": _shell(shell(), _("Servers"), "web-01"),
        "state": {"role": "ok", "word": _("Running")},
        "stamp": Stamp(NOON),
        "buttons": BUTTONS,
        "menu": MENU,
        "tabs": tabs,
        "groups": GroupsForm({"groups": groups}, auto_id="groups_%s"),
        "every": EveryForm({"port": "70000"}, auto_id="every_%s"),
        "lost": [
            {"text": "worker-07", "small": _("m1.large, made 14 minutes ago")},
            {"text": _("Its 20 GB boot volume")},
        ],
        "kept": [{"text": "logs-01", "small": _("40 GB, will be detached")}],
        "again": forms.NameAgain({"typed": "worker-7"}, expected="worker-07", auto_id="again_%s"),
    }
    return render(request, "gallery_detail.html", context)


def operation_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show an operation as a page, or for the drawer with ?drawer=1."""
    view = _operation(name)
    if "drawer" in request.GET:
        return render(request, "components/drawer.html", {"op": view})
    return render(request, "gallery_operation.html", {"op": view, "shell": _shell(shell(), _("Operations"))})


urlpatterns = [
    path("form/", form_page, name="gallery-form"),
    path("list/", list_page, name="gallery-list"),
    path("list/<slug:name>/menu/", row_menu, name="gallery-menu"),
    path("detail/", detail_page, name="gallery-detail"),
    path("operations/", list_page, name="gallery-operations"),
    path("operations/<slug:name>/", operation_page, name="gallery-operation"),
]
