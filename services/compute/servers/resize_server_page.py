"""The page that gives a server another flavor."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.pages.action_pages import About, ActionPage, Words
from services.compute.flavors import cards
from services.compute.models import Flavor
from services.compute.servers import resizing
from services.compute.servers.forms import OfServer, against
from services.compute.servers.kind import SERVERS
from services.compute.servers.resize_server import ResizeServer
from services.images.models import Image
from services.openstack.words import Measure


class ResizeServerForm(OfServer):
    """The flavor that it gets."""

    action = "resize-server"

    flavor_id = cards.FlavorField(label=gettext_lazy("New flavor"))

    def prepare(self) -> None:
        server = self.server
        found = Image.objects.filter(tenant=self.tenant, external_id=server.image_id) if server.image_id else None
        image = found.first() if found is not None else None

        def blocked(flavor: Flavor) -> str:
            if flavor.name == server.flavor_name:
                return _("It has this one now.")
            return next((str(one.reason) for one in resizing.too_small(flavor, server, image)), "")

        has: dict[str, int] = {Measure.VCPUS: server.vcpus, Measure.RAM_MB: server.ram_mb}
        self.choose("flavor_id", cards.cards(self.tenant, blocked=blocked, has=has))


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Resize %(server)s") % {"server": about.thing},
        text=_(
            "The server is shut down, moved and started again. Check that it works, then confirm or revert the resize."
        ),
        button=_("Resize"),
        template="compute/server_resize.html",
        against=against(ResizeServer(), about.thing),
    )


PAGE = ActionPage(kind=SERVERS, path="resize/", form=ResizeServerForm, words=words)
