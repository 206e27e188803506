"""The form of a new server, or of several at once."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis.exceptions import RedisError

from portal.ui import formats
from portal.ui.forms import Card, CardField, CardSelect, FigureField, ManyCardsField, Ticks, Way
from portal.ui.forms import Refusal as Refused
from projects.actions import private_text as user_data
from projects.actions import quota
from projects.actions.base import Params
from projects.forms.base import ActionForm
from projects.models import Limit
from projects.operations.asking import RefusedError
from projects.outcomes import Refusal
from services.block_storage.models import VolumeType
from services.block_storage.volumes import storage
from services.block_storage.volumes.create_volume import least_for
from services.compute.flavors import cards as flavors
from services.compute.models import Flavor
from services.compute.servers import booting
from services.compute.servers import choices as server_choices
from services.compute.servers.create_server import FIELDS
from services.images.models import Image
from services.openstack.words import Service

MOST = 20
# What can be booted from, and the fields that belong to each; those that it needs are in NEEDED.
BOOTS: Mapping[str, Sequence[str]] = {
    "image": ("image_id",),
    "new": ("image_id", "volume_gb", "volume_type", "keep_volume"),
    "volume": ("volume_id", "keep_volume"),
    "snapshot": ("snapshot_id", "volume_gb", "volume_type", "keep_volume"),
}


NEEDED: Mapping[str, Sequence[str]] = {
    "image": ("image_id",),
    "new": ("image_id", "volume_gb"),
    "volume": ("volume_id",),
    "snapshot": ("snapshot_id", "volume_gb"),
}


class CreateServerForm(ActionForm):
    """All of a new server on one page, with sensible beginnings. `count` of them are one operation each."""

    action = "create-server"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=250)
    count = FigureField(label=gettext_lazy("How many"), least=1, most=MOST, initial=1)
    boot = CardField(label=gettext_lazy("Boot from"))
    image_id = CardField(label=gettext_lazy("Image"), required=False, widget=CardSelect)
    volume_id = CardField(label=gettext_lazy("Volume"), required=False, widget=CardSelect)
    snapshot_id = CardField(label=gettext_lazy("Snapshot"), required=False, widget=CardSelect)
    volume_gb = FigureField(label=gettext_lazy("Size of the volume"), unit="GB", least=1, required=False)
    volume_type = CardField(label=gettext_lazy("Type"), required=False, widget=CardSelect)
    keep_volume = forms.BooleanField(
        label=gettext_lazy("Keep the volume when the server is deleted"), required=False, initial=True
    )
    flavor_id = flavors.FlavorField(label=gettext_lazy("Flavor"))
    network_ids = ManyCardsField(label=gettext_lazy("Networks"), required=False, widget=Ticks)
    security_group_ids = ManyCardsField(label=gettext_lazy("Security groups"), required=False, widget=Ticks)
    key_name = CardField(label=gettext_lazy("Key pair"), required=False, widget=CardSelect)
    zone = CardField(label=gettext_lazy("Zone"), required=False, widget=CardSelect)
    user_data = forms.CharField(
        label=gettext_lazy("User data"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 6, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Run by cloud-init at the first start, 48 KB at most. It may hold secrets: Meshdeck keeps it encrypted, "
            "for half an hour at most."
        ),
    )

    def prepare(self) -> None:
        self._boot()
        self._networks()
        self._volume_types()
        self._zones()
        self._flavors()
        for name in NEEDED.get(self.boot_value, ()):
            self.fields[name].required = True

    @property
    def boot_value(self) -> str:
        """What is chosen to boot from."""
        return str(self["boot"].value() or "image")

    @property
    def times(self) -> int:
        """How many are wanted; 1 while the figure makes no sense."""
        said = str(self["count"].value() or "")
        return int(said) if said.isdecimal() and 1 <= int(said) <= MOST else 1

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        kept = super().as_params(cleaned)
        boot = kept.pop("boot", "image")
        kept.pop("count", None)
        others = {field for fields in BOOTS.values() for field in fields} - set(BOOTS.get(boot, ()))
        kept = {name: value for name, value in kept.items() if name not in others}
        kept["name"] = names(str(kept.get("name", "")), self.times)[0]
        if text := kept.get("user_data"):
            kept["user_data"] = user_data.name_of(self.visit.user.pk, str(cleaned.get("key", "")), str(text))
        return kept

    def clean_user_data(self) -> str:
        """Return what the cloud takes, and no more."""
        text = str(self.cleaned_data["user_data"]).replace("\r\n", "\n")
        size = len(text.encode())
        if size > user_data.MOST_BYTES:
            said = _("It has %(n)s bytes, and the cloud takes %(most)s at most.")
            raise Refused(said % {"n": formats.number(size), "most": formats.number(user_data.MOST_BYTES)})
        return text if text.strip() else ""

    def clean(self) -> dict[str, Any]:
        """Whether all of them fit."""
        cleaned = super().clean()
        if self.wanted is not None and self.times > 1:
            self._all_fit(self.wanted)
        return cleaned

    def each(self) -> list[Params]:
        """Return what is asked for, one after the other."""
        if self.wanted is None:
            return []
        said = names(str(self.cleaned_data.get("name") or "NAME") if self.is_bound else "NAME", self.times)
        return [self.wanted.model_copy(update={"name": name}) for name in said]

    def asked(self, grant: UUID) -> Sequence[tuple[str, Params]]:
        key, text = self.cleaned_data["key"], self.cleaned_data.get("user_data", "")
        found = []
        for number, wanted in enumerate(self.each()):
            own = f"{key}/{number}" if number else key
            if text:
                name = user_data.name_of(self.visit.user.pk, own, text)
                self._keep(grant, name, text)
                wanted = wanted.model_copy(update={"user_data": name})
            found.append((own, wanted))
        return found

    def _keep(self, grant: UUID, name: str, text: str) -> None:
        try:
            user_data.keep(grant, name, text)
        except RedisError as away:
            said = _("Meshdeck's memory, where user data lies until the cloud has it, is away. Try again in a moment.")
            raise RefusedError([Refusal("user_data", said)]) from away

    def _all_fit(self, wanted: Params) -> None:
        costs = self.of().costs(self.tenant, wanted)
        singles = {one.field for one in quota.too_much(self.tenant, costs, FIELDS)}
        if singles:
            return  # not even one fits, which its own field says
        together = {measure: amount * self.times for measure, amount in costs.items()}
        limits = Limit.objects.filter(tenant=self.tenant, measure__in=costs)
        rests = [
            (one.allowed - one.used) // costs[one.measure]
            for one in limits
            if one.allowed is not None and one.used is not None and costs[one.measure]
        ]
        most = min(rests, default=self.times)
        for refusal in quota.too_much(self.tenant, together, dict.fromkeys(together, "count")):
            ways = [Way(_("Make %(n)d") % {"n": most}, value=str(most), field="count")] if most else []
            self.refuse(Refusal("count", refusal.reason, [*ways, *(way for way in refusal.ways if way.url)]))

    def _boot(self) -> None:
        images = server_choices.images(self.tenant)
        volumes, snapshots = server_choices.boot_volumes(self.tenant), server_choices.boot_snapshots(self.tenant)
        self.choose("image_id", [("", _("Choose one")), *images])
        self.choose("volume_id", [("", _("Choose one")), *volumes])
        self.choose("snapshot_id", [("", _("Choose one")), *snapshots])
        none, cinder = _("None here"), storage.zones_of(self.tenant, Service.BLOCK_STORAGE)
        no_volumes = "" if cinder else _("No block storage here")
        self.choose(
            "boot",
            (
                ("image", Card(_("Image"), _("On the server's own disk"), "" if images else none)),
                ("new", Card(_("New volume"), _("Made of an image"), no_volumes or ("" if images else none))),
                ("volume", Card(_("Volume"), _("One that is there"), no_volumes or ("" if volumes else none))),
                ("snapshot", Card(_("Snapshot"), _("A volume as it was"), no_volumes or ("" if snapshots else none))),
            ),
        )
        given = next((name for name in ("volume", "snapshot") if self.initial.get(f"{name}_id")), "image")
        self.initial.setdefault("boot", given)
        self.initial.setdefault("image_id", server_choices.first_image(images))
        self.initial.setdefault("volume_gb", self._least())
        names_ = server_choices.key_pairs(self.visit)
        wanted = str(self.initial.get("key_name") or "")
        if wanted and wanted not in names_ and not self.is_bound:
            del self.initial["key_name"]
        self.choose("key_name", [("", _("None: log in by the console")), *((name, name) for name in names_)])
        self.initial.setdefault("key_name", names_[0] if names_ else "")
        said = names(str(self["name"].value() or ""), self.times)
        if self.times > 1 and said[0]:
            words = {"first": said[0], "last": said[-1]}
            self._hint("count", _("%(first)s to %(last)s, one operation each.") % words)

    def _least(self) -> int:
        """Return the GB that a form begins with: what the image or the snapshot needs, and some room."""
        chosen = str(self.initial.get("snapshot_id") or "")
        snapshot = storage.snapshot_of(self.tenant, chosen) if chosen else None
        image = self.image
        return max(snapshot.size_gb if snapshot else 0, least_for(image) if image else 0, 10)

    @property
    def image(self) -> Image | None:
        """The image that is chosen, while it is one that is booted from."""
        if self.boot_value not in ("image", "new"):
            return None
        return Image.objects.filter(tenant=self.tenant, external_id=str(self["image_id"].value() or "")).first()

    def _networks(self) -> None:
        networks, groups = server_choices.networks(self.tenant), server_choices.groups(self.tenant)
        self.choose("network_ids", networks)
        self.choose("security_group_ids", groups)
        self.initial.setdefault("network_ids", server_choices.likely_network(self.tenant, networks))
        self.initial.setdefault(
            "security_group_ids", server_choices.default_groups(self.tenant, groups, self.initial["network_ids"])
        )
        if not self["network_ids"].value():
            self._hint("network_ids", _("Without one nobody reaches the server but by its console."))

    def _hint(self, name: str, text: str) -> None:
        # The bound field has taken its words already, when its value was asked for.
        self[name].help_text = text

    def _volume_types(self) -> None:
        types = list(VolumeType.objects.filter(tenant=self.tenant))
        if not types or not booting.types_offered(self.tenant):
            del self.fields["volume_type"]
            return
        self.choose("volume_type", [("", _("The cloud's default")), *((one.name, str(one)) for one in types)])

    def _zones(self) -> None:
        """Offer a choice of zones only where there is one to make."""
        zones = storage.zones_of(self.tenant, Service.COMPUTE)
        if len(zones) < 2:
            del self.fields["zone"]
            return
        self.choose("zone", [("", _("The cloud chooses")), *((zone, zone) for zone in zones)])

    def _flavors(self) -> None:
        image, on_volume = self.image, self.boot_value != "image"

        def blocked(flavor: Flavor) -> str:
            return booting.no_room(image, flavor, on_volume=on_volume) if image else ""

        found = flavors.cards(self.tenant, blocked=blocked, times=self.times)
        self.choose("flavor_id", found)
        self.initial.setdefault("flavor_id", flavors.first_that_fits(found))


def names(name: str, count: int) -> list[str]:
    """Return the names of so many servers: "web" gives web-01, web-02 …, "web-07" goes on from there."""
    name = name.strip()
    if count == 1:
        return [name]
    numbered = re.fullmatch(r"(.+-)(\d{1,4})", name)
    stem, first, width = (numbered[1], int(numbered[2]), len(numbered[2])) if numbered else (f"{name}-", 1, 2)
    return [f"{stem}{first + number:0{width}d}" for number in range(count)] if name else [""] * count
