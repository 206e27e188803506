"""The page of one key pair, for its owner."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from projects.models import Tenant
from projects.pages.detail import Detail, Fact
from services.compute.key_pairs import buttons
from services.compute.key_pairs.kind import KEY_PAIRS
from services.compute.key_pairs.listing import type_said
from services.compute.models import KeyPair, Server
from services.images.detail import SHOWN


def context(_request: HttpRequest, tenant: Tenant, pair: KeyPair) -> dict[str, Any]:
    """Return the servers that its owner made with it. Another member's key pair may have the same name."""
    servers = Server.objects.filter(tenant=tenant, user_id=pair.user_id, key_name=pair.name)
    return {
        "facts": [
            Fact(_("Type"), type_said(pair.type)),
            Fact(_("Fingerprint"), chips=(pair.fingerprint,) if pair.fingerprint else (), missing=_("not stated")),
            Fact(
                _("Belongs to"), _("you"), soft=_("in all your projects in %(place)s") % {"place": tenant.location.name}
            ),
        ],
        "servers": list(servers[:SHOWN]),
        "servers_total": servers.count(),
    }


DETAIL = Detail(
    kind=KEY_PAIRS,
    template="compute/key_pair.html",
    command="keypair show",
    context=context,
    more=buttons.menu,
)
