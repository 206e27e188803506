"""Key pairs: each person's own, and nobody else's."""

from django.utils.translation import gettext_lazy as _

from projects.api.shapes import shape_of
from projects.kinds import Kind
from projects.searching import by_name
from services.compute.models import KeyPair
from services.openstack.words import Service

KEY_PAIRS = Kind(
    key="key-pairs",
    one="key pair",
    name=_("Key pair"),
    names=_("Key pairs"),
    noun=_("key pairs"),
    icon="key-round",
    group="compute",
    position=30,
    hint=lambda pair: pair.fingerprint,
    model=KeyPair,
    service=Service.COMPUTE,
    shape=shape_of("KeyPair", KeyPair),
    search=lambda q: by_name(q, "fingerprint"),
    personal=True,
)
