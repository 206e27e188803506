"""WSGI entry point of the built-in identity provider."""

import os

from django.core.wsgi import get_wsgi_application

# Not setdefault: both processes may be started from an environment that names the portal's own settings module.
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.idp.settings"
application = get_wsgi_application()
