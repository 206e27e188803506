"""Every way by its key, in the order of the page. A module in this folder that has a way is all it takes."""

from projects.plugins import each
from services.cli_access.ways.base import Way

WAYS: dict[str, Way] = {
    one.key: one for one in sorted(each(__path__, __name__, Way, "key"), key=lambda one: one.position)
}
