"""Every format by its key, in the order of the page. A module in this folder that has a format is all it takes."""

from projects.plugins import each
from services.cli_access.formats.base import Format

FORMATS: dict[str, Format] = {
    one.key: one for one in sorted(each(__path__, __name__, Format, "key"), key=lambda one: one.position)
}
