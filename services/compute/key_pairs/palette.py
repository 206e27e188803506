"""What the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way

WAYS = (Way("import-key-pair", _("Import a key pair…"), "import-key-pair"),)
