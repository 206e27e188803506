"""When Cinder last changed a volume or a snapshot."""

from pydantic import BaseModel, TypeAdapter

from clouds.openstack.inventory.values import Text


class LastChange(BaseModel):
    """The time as the cloud writes it, by the cloud's own clock; empty if nothing was ever changed."""

    updated_at: Text = ""


LAST_CHANGE = TypeAdapter(LastChange)
