"""The pages of projects, and of every wing. A tenant's pages stand under its handle: /atlas@north/servers/."""

from typing import Any

from django.conf import settings
from django.urls import include, path, register_converter

from projects import routes
from projects.converters import HandleConverter
from projects.pages import (
    account,
    acting,
    action_pages,
    empty,
    location,
    locations,
    operation,
    operations,
    project,
    search,
    tenant,
    welcome,
)
from projects.pages import (
    recent_changes as happened,
)
from projects.wings import urls_in_tenant, urls_of_site

register_converter(HandleConverter, "handle")

in_tenant: list[Any] = [
    path("", tenant.show, name="tenant"),
    path("try-now/", tenant.try_now, name="try-now"),
    path("do/<slug:name>/", acting.act, name="act"),
    path("changes/", happened.index, name="changes"),
    path("operations/", operations.index, name="operations"),
    path("operations/<str:operation_id>/", operation.show, name="operation"),
    path("operations/<str:operation_id>/cancel/", operation.cancel, name="cancel-operation"),
    path("operations/<str:operation_id>/retry/", operation.retry, name="retry-operation"),
    path("operations/<str:operation_id>/undo/", operation.undo, name="undo-operation"),
    # From the narrow to the wide: servers/bulk/delete/ is no server "bulk", servers/create/ none called "create".
    *routes.lists(),
    *urls_in_tenant(),
    *action_pages.urls(),
    *routes.things(),
]

urlpatterns: list[Any] = [
    path("", welcome.show, name="welcome"),
    path("projects/<slug:slug>/", project.show, name="project"),
    path("locations/", locations.index, name="locations"),
    path("locations/<slug:name>/", location.show, name="location"),
    path("search/", search.show, name="search"),
    path("account/", account.show, name="account"),
    path("account/logins/end-others/", account.end_others, name="end-other-logins"),
    path("account/logins/<uuid:pk>/end/", account.end_login, name="end-login"),
    path("account/command-lines/<uuid:pk>/end/", account.end_command_line, name="end-command-line"),
    *urls_of_site(),
    path("<handle:handle>/", include(in_tenant)),
]
if settings.BENCH:
    urlpatterns.append(path("bench/empty/", empty.show, name="empty"))
