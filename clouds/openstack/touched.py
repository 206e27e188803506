"""When Cinder last changed something, which it tells of volumes and snapshots alike."""

from pydantic import BaseModel, TypeAdapter

from clouds.openstack.inventory.values import Text


class Touched(BaseModel):
    """The time in the cloud's own words and by its own clock; empty while nothing was ever changed."""

    updated_at: Text = ""


TOUCHED = TypeAdapter(Touched)
