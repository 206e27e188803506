"""The site's root: each part brings its own addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("portal.identity.urls")),
    path("", include("projects.urls")),
    path("operator/", admin.site.urls),
]
