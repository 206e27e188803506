"""Key pairs: each person's own, and nobody else's."""

from projects.api.kinds import Kind
from projects.api.shapes import shape_of
from projects.models import Service
from projects.pages.searching import by_name
from services.compute.models import KeyPair

KEY_PAIRS = Kind(
    key="key-pairs",
    one="key pair",
    model=KeyPair,
    service=Service.COMPUTE,
    shape=shape_of("KeyPair", KeyPair),
    search=lambda q: by_name(q, "fingerprint"),
    personal=True,
)
