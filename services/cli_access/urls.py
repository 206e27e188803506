"""The pages of CLI access: a tenant's, and the files of all of a person's tenants."""

from django.urls import path

from services.cli_access.pages import chooser, files, offline

in_tenant = [
    path("cli/", chooser.show, name="cli"),
    path("cli/files/<slug:way>/<slug:kind>/", files.show, name="cli-file"),
    path("cli/secret-files/<slug:way>/<slug:kind>/", files.issue, name="cli-secret-file"),
    path("cli/ca.pem", files.certificates, name="cli-ca"),
    path("cli/offline/new/", offline.start, name="cli-offline-new"),
    path("cli/offline/<uuid:pk>/", offline.show, name="cli-offline"),
    path("cli/offline/<uuid:pk>/files/", offline.take, name="cli-offline-files"),
    path("cli/offline/<uuid:pk>/revoke/", offline.revoke, name="cli-offline-revoke"),
]
urlpatterns = [
    path("cli/<slug:way>/clouds.yaml", files.everywhere, name="cli-clouds"),
    path("cli/<slug:way>/secure.yaml", files.secure, name="cli-secure"),
]
