"""The site's root: each part brings its own addresses."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("portal.identity.urls")),
    path("", include("projects.urls")),
    path("operator/", admin.site.urls),
]
if settings.GALLERY:
    urlpatterns.append(path("ui/", include("portal.ui.gallery")))

handler400 = "portal.ui.errors.bad_request"
handler403 = "portal.ui.errors.forbidden"
handler404 = "projects.pages.errors.not_found"
handler500 = "portal.ui.errors.server_error"
