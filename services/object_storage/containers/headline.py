"""Objects among the headline figures."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from projects.pages.figures import Facts, Figure, Headline


def hero(facts: Facts) -> Figure:
    """Return the figure of all objects, with their size."""
    objects = facts.figures["containers"]
    containers = objects["total"]
    return Figure(
        _("Objects"),
        "",
        formats.count(objects["objects"]),
        lines=(
            str(formats.size(objects["bytes"])),
            ngettext("in %(n)s container", "in %(n)s containers", containers) % {"n": formats.number(containers)},
        ),
    )


HEADLINE = Headline("containers", 50, hero)
