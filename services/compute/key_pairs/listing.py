"""The list of a person's own key pairs. Nobody sees those of another, not even in the same tenant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from portal.ui.commands import Command
from projects.models import Tenant
from projects.pages.listing import Column, Empty, Listing
from services.compute.key_pairs import buttons
from services.compute.key_pairs.kind import KEY_PAIRS
from services.compute.models import KeyPair, Server


def beside(tenant: Tenant, pairs: Sequence[KeyPair], _seen: datetime | None) -> dict[str, Any]:
    """Count the tenant's servers that were made with each of them, by the owner and not by the name alone."""
    servers = Server.objects.filter(tenant=tenant, key_name__in=[pair.name for pair in pairs]).order_by()
    counted = servers.values_list("user_id", "key_name").annotate(n=Count("pk"))
    counts = {(owner, name): n for owner, name, n in counted}
    return {"rows": [(pair, type_said(pair.type), counts.get((pair.user_id, pair.name), 0)) for pair in pairs]}


def type_said(kind: str) -> str:
    """Say the type as people write it; one of a newer cloud as that wrote it."""
    return {"ssh": "SSH", "x509": "X.509"}.get(kind, kind)


LISTING = Listing(
    kind=KEY_PAIRS,
    template="compute/key_pairs.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("type", _("Type"), sort=("type",)),
        Column("fingerprint", _("Fingerprint"), sort=("fingerprint",)),
        Column("servers", _("Servers"), "r"),
    ),
    placeholder=_("Name or fingerprint"),
    command="keypair list",
    empty=Empty(
        _("No key pairs of yours yet"),
        _("A new server takes the public half of one, so that you log in without a password. They are yours alone."),
        Command("keypair create", [("--public-key", "~/.ssh/id_ed25519.pub")], ["my-key"]),
    ),
    csv={
        "name": lambda pair: pair.name,
        "type": lambda pair: pair.type,
        "fingerprint": lambda pair: pair.fingerprint,
    },
    beside=beside,
    create=buttons.create_key_pair,
    menu=buttons.menu,
)
