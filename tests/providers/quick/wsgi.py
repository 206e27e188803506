"""The provider for tests as gunicorn starts it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.providers.quick.settings"
application = get_wsgi_application()
