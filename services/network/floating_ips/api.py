"""Floating IPs."""

from projects.api.kinds import Kind
from projects.api.shapes import shape_of
from projects.models import Service
from projects.pages.searching import by_name
from services.network.models import FloatingIP

FLOATING_IPS = Kind(
    key="floating-ips",
    one="floating IP",
    model=FloatingIP,
    service=Service.NETWORK,
    shape=shape_of("FloatingIP", FloatingIP),
    search=lambda q: by_name(q, "address", "fixed_address", "description"),
)
