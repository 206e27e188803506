"""Every component in its states on one page, for the eye, for axe and for screenshots.

Only with MESHDECK_DEBUG or MESHDECK_GALLERY; the data is made up.
"""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from portal.ui import charts, errors, gallery_changing, status
from portal.ui.gallery_data import NOON, servers, shell
from portal.ui.listing import Filter, Option
from portal.ui.shell import Stamp
from portal.ui.templatetags.meshdeck import FleetPart


def _plots() -> tuple[charts.Plot, charts.Plot]:
    start = NOON - timedelta(days=7)
    steps = [22, 24, 26, 28, 26, 30, 32, 28, 32, 34, 38, 36, 38]
    samples = [charts.Sample(start + timedelta(hours=2 * n), steps[n * len(steps) // 85], 40) for n in range(85)]
    holed = [s for n, s in enumerate(samples) if not 30 < n < 45]
    every = timedelta(hours=2)
    return charts.plot(samples, start, NOON, every), charts.plot(holed, start, NOON, every, unit="GB")


def components(request: HttpRequest) -> HttpResponse:
    """Show all components."""
    whole, holed = _plots()
    context = {
        "shell": shell(int(request.GET.get("places", 2))),
        "stamp": Stamp(NOON),
        "old": Stamp(NOON - timedelta(minutes=23), old=True),
        "unseen": Stamp(None),
        "fleet": [
            FleetPart("ok", 11, _("running")),
            FleetPart("off", 2, _("stopped")),
            FleetPart("bad", 1, _("in error")),
        ],
        "busy": [
            FleetPart("ok", 3, _("running")),
            FleetPart("work", 2, _("building")),
            FleetPart("warn", 1, _("waiting")),
            FleetPart("un", 1, _("not stated")),
        ],
        "crowd": [
            FleetPart("ok", 180, _("running")),
            FleetPart("work", 9, _("building")),
            FleetPart("off", 40, _("stopped")),
            FleetPart("bad", 5, _("in error")),
        ],
        "vocabulary": [(kind, list(words)) for kind, words in status.VOCABULARY.items()],
        "roles": ["ok", "work", "off", "warn", "bad", "un"],
        "events": [
            {"role": "work", "name": "db-01", "what": _("is being resized"), "meta": _("seen 14:31:58")},
            {"role": "ok", "name": "web-02", "what": _("got 198.51.100.27"), "meta": _("seen 13:44:02"), "url": "#"},
            {"role": "un", "name": "web-03", "what": _("was stopped"), "meta": _("outside Meshdeck · seen 14:21:15")},
            {
                "role": "bad",
                "name": "worker-07",
                "what": "",
                "bad": _("failed: no host had 16 GB of memory free"),
                "meta": "14:18:03",
            },
        ],
        "whole": whole,
        "holed": holed,
        "nothing": charts.plot([], NOON - timedelta(days=7), NOON, timedelta(hours=2)),
        "ranges": [
            {"label": "24 h", "url": "?", "on": False},
            {"label": "7 d", "url": "?", "on": True},
            {"label": "30 d", "url": "?", "on": False},
        ],
        "views": [{"label": _("Plot"), "url": "?", "on": True}, {"label": _("Table"), "url": "?", "on": False}],
        "measures": [
            {"label": "vCPUs", "url": "?", "on": True},
            {"label": _("Memory"), "url": "?"},
            {"label": _("Servers"), "url": "?"},
        ],
        "facts": [
            {"label": _("Flavor"), "value": "m1.medium", "soft": "2 vCPU, 8 GB"},
            {"label": _("Image"), "value": "Debian 13", "url": "#"},
            {"label": _("Addresses"), "chips": ["10.0.4.17", "198.51.100.24"]},
            {"label": _("Key pair")},
            {"label": _("Id"), "chip": "9b1f4c7e-2f6d-4d7c-9a54-0d9b6f1a7c11"},
        ],
        "filters": [
            Filter("status", _("Status"), chosen=_("running, error"), clear_url="?"),
            Filter("flavor", _("Flavor"), [Option("m1.medium", "?flavor=m1.medium", 6), Option("m1.large", "?", 4)]),
            Filter("network", _("Network"), [Option("app-net", "?", 12)]),
        ],
        "servers": servers(),
        "page": Paginator(range(214), 50).page(2),
        "one_page": Paginator(range(12), 50).page(1),
        "values": [4, 6, 5, 7, 9, None, 8, 9, 11, 10],
        "lines": [_("9 volumes, 7 attached"), _("4 snapshots")],
    }
    return render(request, "gallery.html", context)


def search(request: HttpRequest) -> HttpResponse:
    """Show a response of the palette."""
    query = request.GET.get("q", "")
    groups = [
        {
            "title": _("Servers"),
            "items": [
                {"icon": "server", "label": name, "url": "#", "where": "atlas@north", "kind": "server", "state": state}
                for name, state in (("web-01", "ACTIVE"), ("web-02", "SHUTOFF"))
            ],
        },
        {
            "title": _("Volumes"),
            "items": [
                {
                    "icon": "hard-drive",
                    "label": "web-assets",
                    "url": "#",
                    "hint": _("100 GB, on web-01"),
                    "where": "atlas@north",
                }
            ],
        },
    ]
    found = groups if not query or query in "web-assets" else []
    return render(request, "components/palette_results.html", {"q": query, "groups": found})


def trouble(request: HttpRequest, name: str) -> HttpResponse:
    """Show an error page by name."""
    around = shell() if "shell" in request.GET else None
    pages = {
        "400": lambda: errors.bad_request(request, Exception(), around),
        "403": lambda: errors.forbidden(request, Exception(), around),
        "429": lambda: errors.too_many(request, 30, around),
        "500": lambda: errors.server_error(request),
        "csrf": lambda: errors.csrf_failure(request),
        "session": lambda: errors.session_ended(request),
        "provider": lambda: errors.provider_down(request),
    }
    return pages.get(name, lambda: errors.not_found(request, Exception(), around))()


def gate(request: HttpRequest) -> HttpResponse:
    """Show the login page's gate."""
    return render(request, "gallery_gate.html")


urlpatterns = [
    path("", components, name="gallery"),
    path("search/", search, name="gallery-search"),
    path("gate/", gate, name="gallery-gate"),
    path("errors/<name>/", trouble, name="gallery-trouble"),
    *gallery_changing.urlpatterns,
]
