"""The site's root URLs: each part brings its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import health, metrics

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("portal.identity.urls")),
    path("api/", include("portal.api.root")),
    path("", include("projects.urls")),
    path("operator/", admin.site.urls),
]
if settings.GALLERY:
    urlpatterns.append(path("ui/", include("portal.ui.gallery")))

handler400 = "portal.ui.errors.bad_request"
handler403 = "projects.pages.errors.forbidden"
handler404 = "projects.pages.errors.not_found"
handler500 = "portal.ui.errors.server_error"
