"""The Celery application: every call to a cloud happens in one of its workers, never in a page."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("meshdeck")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["projects"])
