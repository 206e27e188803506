"""The fields that every inventory row has, and ids derived from names."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from projects.models import Tenant


def ident(name: str) -> str:
    """Return the same id for the same name, shaped like a cloud's."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def seen(now: datetime, tenant: Tenant, external_id: str, name: str) -> dict[str, Any]:
    """Return the fields that every inventory row has."""
    return {
        "tenant": tenant,
        "external_id": external_id,
        "name": name,
        "first_seen_at": now - timedelta(days=1),
        "changed_at": now,
    }
