"""The pages of the wing, below a tenant."""

from typing import Any

from django.urls import path

from services.compute.key_pairs import create_key_pair_page as key_pair_create
from services.compute.key_pairs import key_pair_pages as key_pair_forms
from services.compute.servers import connect_server_page as connect
from services.compute.servers import console as server_console
from services.compute.servers import create_server_page as server_create
from services.compute.servers import server_pages as server_forms
from services.compute.servers import set_port_groups_page as server_groups
from services.compute.servers import tabs as server_tabs

in_tenant: list[Any] = [
    path("servers/create/", server_create.create, name="create-server"),
    path("servers/<str:external_id>/rename/", server_forms.rename, name="rename-server"),
    path("servers/<str:external_id>/resize/", server_forms.resize, name="resize-server"),
    path("servers/<str:external_id>/snapshot/", server_forms.snapshot, name="create-image"),
    path("servers/<str:external_id>/reboot/", server_forms.reboot, name="reboot-server"),
    path("servers/<str:external_id>/delete/", server_forms.delete, name="delete-server"),
    path("servers/<str:external_id>/console/", server_console.show, name="server-console"),
    path("servers/<str:external_id>/console/open/", server_console.open_, name="server-console-open"),
    path("servers/<str:external_id>/log/", server_tabs.log, name="server-log"),
    path("servers/<str:external_id>/snapshots/", server_tabs.snapshots, name="server-snapshots"),
    path("servers/<str:external_id>/metadata/", server_tabs.metadata, name="server-metadata"),
    path("servers/<str:external_id>/groups/", server_groups.edit, name="server-groups"),
    path("key-pairs/create/", key_pair_create.create, name="create-key-pair"),
    path("key-pairs/import/", key_pair_forms.import_, name="import-key-pair"),
    path("key-pairs/<str:external_id>/delete/", key_pair_forms.delete, name="delete-key-pair"),
    path("servers/<str:external_id>/connect/", connect.show, name="connect-server"),
]
