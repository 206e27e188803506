"""The pages of projects. A tenant's pages stand under its handle: /atlas@north/servers/."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import URLPattern, include, path, register_converter

from projects.converters import HandleConverter
from projects.pages import (
    acting,
    connect,
    container,
    containers,
    empty,
    floating_ip,
    floating_ip_forms,
    floating_ips,
    happened,
    image,
    images,
    key_pair,
    key_pair_create,
    key_pair_forms,
    key_pairs,
    location,
    locations,
    network,
    network_forms,
    networks,
    operation,
    operations,
    project,
    router,
    router_forms,
    routers,
    row_menu,
    search,
    security_group,
    security_group_forms,
    security_groups,
    server,
    server_console,
    server_create,
    server_forms,
    server_groups,
    server_tabs,
    servers,
    snapshot,
    snapshots,
    tenant,
    volume,
    volume_forms,
    volumes,
    welcome,
)
from projects.pages.listing import Listing

register_converter(HandleConverter, "handle")

View = Callable[..., HttpResponse]


def kind(key: str, name: str, index: View, show: View, listing: Listing | None = None) -> list[URLPattern]:
    """The list of a kind and the page of one of it, and the menus of the list's rows where it has some."""
    found = [path(f"{key}/", index, name=key), path(f"{key}/<str:external_id>/", show, name=name)]
    if listing is not None:
        found.append(path(f"{key}/<str:external_id>/menu/", row_menu.of(listing), name=f"{name}-menu"))
    return found


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
    path("servers/create/", server_create.create, name="create-server"),
    path("servers/bulk/<slug:key>/", servers.several, name="bulk-servers"),
    *kind("servers", "server", servers.index, server.show, servers.SERVERS),
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
    path("volumes/bulk/<slug:key>/", volumes.several, name="bulk-volumes"),
    path("snapshots/bulk/<slug:key>/", snapshots.several, name="bulk-snapshots"),
    path("volumes/create/", volume_forms.create, name="create-volume"),
    path("volumes/<str:external_id>/attach/", volume_forms.attach, name="attach-volume"),
    path("volumes/<str:external_id>/detach/", volume_forms.detach, name="detach-volume"),
    path("volumes/<str:external_id>/extend/", volume_forms.extend, name="extend-volume"),
    path("volumes/<str:external_id>/snapshot/", volume_forms.snapshot, name="create-snapshot"),
    path("volumes/<str:external_id>/edit/", volume_forms.edit, name="edit-volume"),
    path("volumes/<str:external_id>/delete/", volume_forms.delete, name="delete-volume"),
    path("snapshots/<str:external_id>/revert/", volume_forms.revert, name="revert-volume"),
    path("snapshots/<str:external_id>/edit/", volume_forms.edit_snapshot, name="edit-snapshot"),
    path("snapshots/<str:external_id>/delete/", volume_forms.delete_snapshot, name="delete-snapshot"),
    *kind("volumes", "volume", volumes.index, volume.show, volumes.VOLUMES),
    *kind("snapshots", "snapshot", snapshots.index, snapshot.show, snapshots.SNAPSHOTS),
    *kind("images", "image", images.index, image.show),
    path("key-pairs/create/", key_pair_create.create, name="create-key-pair"),
    path("key-pairs/import/", key_pair_forms.import_, name="import-key-pair"),
    *kind("key-pairs", "key-pair", key_pairs.index, key_pair.show, key_pairs.KEY_PAIRS),
    path("key-pairs/<str:external_id>/delete/", key_pair_forms.delete, name="delete-key-pair"),
    path("networks/create/", network_forms.create, name="create-network"),
    *kind("networks", "network", networks.index, network.show, networks.NETWORKS),
    path("networks/<str:external_id>/edit/", network_forms.edit, name="edit-network"),
    path("networks/<str:external_id>/delete/", network_forms.delete, name="delete-network"),
    path("networks/<str:external_id>/subnets/create/", network_forms.create_subnet, name="create-subnet"),
    path(
        "networks/<str:external_id>/subnets/<str:subnet_id>/delete/", network_forms.delete_subnet, name="delete-subnet"
    ),
    path("routers/create/", router_forms.create, name="create-router"),
    *kind("routers", "router", routers.index, router.show, routers.ROUTERS),
    path("routers/<str:external_id>/gateway/", router_forms.gateway, name="set-router-gateway"),
    path("routers/<str:external_id>/close/", router_forms.close, name="clear-router-gateway"),
    path("routers/<str:external_id>/connect/", router_forms.connect, name="connect-subnet"),
    path("routers/<str:external_id>/delete/", router_forms.delete, name="delete-router"),
    path("floating-ips/create/", floating_ip_forms.create, name="allocate-floating-ip"),
    path("floating-ips/bulk/<slug:key>/", floating_ips.several, name="bulk-floating-ips"),
    *kind("floating-ips", "floating-ip", floating_ips.index, floating_ip.show, floating_ips.FLOATING_IPS),
    path("floating-ips/<str:external_id>/associate/", floating_ip_forms.associate, name="associate-floating-ip"),
    path("floating-ips/<str:external_id>/release/", floating_ip_forms.release, name="release-floating-ip"),
    path("servers/<str:external_id>/connect/", connect.show, name="connect-server"),
    path("security-groups/create/", security_group_forms.create, name="create-security-group"),
    path("security-groups/<str:external_id>/rules/", security_group_forms.add_rules, name="add-security-group-rules"),
    path("security-groups/<str:external_id>/edit/", security_group_forms.edit, name="edit-security-group"),
    path("security-groups/<str:external_id>/delete/", security_group_forms.delete, name="delete-security-group"),
    *kind(
        "security-groups", "security-group", security_groups.index, security_group.show, security_groups.SECURITY_GROUPS
    ),
    *kind("containers", "container", containers.index, container.show),
]

urlpatterns: list[Any] = [
    path("", welcome.show, name="welcome"),
    path("projects/<slug:slug>/", project.show, name="project"),
    path("locations/", locations.index, name="locations"),
    path("locations/<slug:name>/", location.show, name="location"),
    path("search/", search.show, name="search"),
    path("<handle:handle>/", include(in_tenant)),
]
if settings.BENCH:
    urlpatterns.append(path("bench/empty/", empty.show, name="empty"))
