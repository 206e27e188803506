"""Shared by the gallery's pages: a filled shell, servers, a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from portal.ui.shell import Crumb, NavGroup, NavItem, Place, ProjectLink, Shell, Stamp

NOON = datetime(2026, 11, 23, 14, 32, 7, tzinfo=UTC)


def shell(places: int = 2) -> Shell:
    """Return a filled shell with this many locations."""
    tabs = [
        Place("north", "#north", "ok", _("Answering"), current=True),
        Place("south", "#south", "warn", _("Not answering")),
        Place("west", "#west", "ok", _("Answering")),
        Place("east", "#east", "bad", _("Access denied")),
    ]
    groups = [
        NavGroup([NavItem("overview", _("Overview"), "#", "layout-dashboard")]),
        NavGroup(
            [NavItem("servers", _("Servers"), "#", "server", 14), NavItem("images", _("Images"), "#", "image", 8)],
            _("Compute"),
        ),
        NavGroup(
            [
                NavItem("volumes", _("Volumes"), "#", "hard-drive", 9),
                NavItem("snapshots", _("Snapshots"), "#", "camera", 4),
                NavItem("containers", _("Containers"), "#", "folder-open", 3),
            ],
            _("Storage"),
        ),
        NavGroup(
            [
                NavItem("networks", _("Networks"), "#", "network", 2),
                NavItem("floating-ips", _("Floating IPs"), "#", "globe", 3),
                NavItem("security-groups", _("Security groups"), "#", "shield", 6),
            ],
            _("Network"),
        ),
    ]
    return Shell(
        active="overview",
        project="atlas",
        location="north",
        projects=[ProjectLink("atlas", "#", 2, current=True), ProjectLink("borealis", "#", 1)],
        places=tabs[:places],
        groups=groups,
        crumbs=[Crumb(_("Projects"), "/"), Crumb("atlas @ north")],
        stamp=Stamp(NOON),
    )


def servers() -> list[dict[str, Any]]:
    """Return servers in all kinds of states."""
    rows = [
        ("bastion", "ACTIVE", "", ["10.0.4.5", "198.51.100.11"], "m1.tiny", "1 vCPU, 1 GB", "ssh-office", 212),
        ("db-01", "BUILD", "", ["10.0.4.21"], "m1.large", "4 vCPU, 16 GB", "db-internal", 96),
        ("web-01", "ACTIVE", "", ["10.0.4.17", "198.51.100.24"], "m1.medium", "2 vCPU, 8 GB", "ssh-office +1", 41),
        ("web-03", "SHUTOFF", "", ["10.0.4.19"], "m1.medium", "2 vCPU, 8 GB", "default", 41),
        ("worker-07", "ERROR", _("no host free"), [], "m1.large", "4 vCPU, 16 GB", "default", 0),
        ("odd-01", "TELEPORTING", "", [], "c1.medium", "3 vCPU, 6 GB", "default", 3),
    ]
    keys = ("name", "state", "reason", "addresses", "flavor", "shape", "groups", "days")
    return [dict(zip(keys, row, strict=True)) | {"created": NOON - timedelta(days=row[7], minutes=14)} for row in rows]
