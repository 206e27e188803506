"""Every kind of service user by its key, in the order of the form. A module in this folder is all that a new one takes.

They call clouds: pages take no more of a kind than its words, and whether it is offered.
"""

from projects.plugins import each
from services.service_users.types.base import ServiceUserType

TYPES: dict[str, ServiceUserType] = {
    one.key: one for one in sorted(each(__path__, __name__, ServiceUserType, "key"), key=lambda one: one.position)
}
