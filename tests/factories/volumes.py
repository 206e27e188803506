"""Volumes."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from projects.models import Tenant
from services.block_storage.models import Volume
from tests.factories.rows import ident, seen


def volume(
    tenant: Tenant, name: str, size: int, *, server: str = "", device: str = "/dev/vdb", **values: Any
) -> Volume:
    """Create a volume, attached if a server's name is given."""
    now, handle = timezone.now(), tenant.handle
    attachments = (
        [{"server_id": ident(f"{handle}/server/{server}"), "device": device, "attached_at": now.isoformat()}]
        if server
        else []
    )
    values = {"status": "in-use" if server else "available", "volume_type": "ssd", "zone": "nova"} | values
    return Volume.objects.create(
        **seen(now, tenant, ident(f"{handle}/volume/{name}"), name),
        size_gb=size,
        attachments=attachments,
        created_at=now - timedelta(days=41),
        **values,
    )
