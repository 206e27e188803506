"""The page that rebuilds a server: from which image, and what is lost."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, CardSelect
from projects.forms.confirming import NameAgainForm
from projects.outcomes import Refusal
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.compute.servers import choices
from services.compute.servers.forms import against
from services.compute.servers.kind import SERVERS
from services.compute.servers.rebuild_server import Params, RebuildServer, too_large
from services.images.models import Image


class RebuildServerForm(NameAgainForm):
    """The image, and the server's name once more."""

    action = "rebuild-server"

    image_id = CardField(label=gettext_lazy("Image"), widget=CardSelect)

    field_order = ("image_id", "typed")

    def prepare(self) -> None:
        super().prepare()
        server = self.initial["thing"]
        images = {one.external_id: one for one in Image.objects.filter(tenant=self.tenant)}

        def fitting(key: str, card: Card) -> Card:
            reason = next((str(one.reason) for one in too_large(server, images[key])), "")
            return Card(card.title, card.text, card.blocked or reason)

        groups = choices.images(self.tenant)
        self.choose("image_id", [(name, [(key, fitting(key, card)) for key, card in cards]) for name, cards in groups])
        self.initial.setdefault("image_id", server.image_id)

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {"server_id": self.initial["thing"].external_id, "image_id": cleaned.get("image_id", "")}


def words(about: About) -> Words:
    """Say what stands on the page."""
    server = about.thing
    wanted = Params(server_id=server.external_id, image_id=server.image_id)
    title = _("Rebuild %(server)s") % {"server": server}
    why = against(RebuildServer(), server)
    if why is None and not server.image_id:
        why = Refusal("", next(str(one.reason) for one in RebuildServer().wrong(server, wanted)))
    return Words(
        title=title,
        text=_("In %(place)s. An image is written over its disk.") % {"place": about.place},
        button=title,
        template=CONFIRM,
        context=confirming(RebuildServer().ends_of(server, wanted), "refresh-cw", _("There is no undo.")),
        against=why,
    )


PAGE = ActionPage(kind=SERVERS, path="rebuild/", form=RebuildServerForm, words=words)
