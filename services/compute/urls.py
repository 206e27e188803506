"""The pages of the wing below a tenant, besides those that its kinds and actions declare."""

from typing import Any

from django.urls import path

from services.compute.key_pairs import create_key_pair_page
from services.compute.servers import console, tabs

in_tenant: list[Any] = [
    path("servers/<str:external_id>/console/", console.show, name="server-console"),
    path("servers/<str:external_id>/console/open/", console.open_, name="server-console-open"),
    path("servers/<str:external_id>/log/", tabs.log, name="server-log"),
    path("servers/<str:external_id>/snapshots/", tabs.snapshots, name="server-snapshots"),
    path("servers/<str:external_id>/metadata/", tabs.metadata, name="server-metadata"),
    path("key-pairs/create/", create_key_pair_page.create, name="create-key-pair"),
]
