"""WSGI entry point of the built-in identity provider."""

import os

from django.core.wsgi import get_wsgi_application

# Not setdefault: the portal's own settings module may be in the environment that both are started from.
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.idp.settings"
application = get_wsgi_application()
