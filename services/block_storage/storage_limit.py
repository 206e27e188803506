"""The limit of volume storage, in which some clouds count snapshots too."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from projects.models import Limit
from projects.pages.gauges import Remark
from services.openstack.words import Measure


def label(limit: Limit, figures: Mapping[str, Any]) -> str:
    """Name snapshots too where the cloud counts them, which is its operator's choice and seen in its sums."""
    volumes, snapshots = (figures.get(part, {}).get("gb", 0) for part in ("volumes", "snapshots"))
    counted = limit.measure == Measure.VOLUME_GB and snapshots > 0 and limit.used == volumes + snapshots
    return _("Volumes and snapshots") if counted else ""


REMARK = Remark("volume storage", label=label)
