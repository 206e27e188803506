"""The pages of the wing, below a tenant."""

from typing import Any

from django.urls import path

from services.network.floating_ips import floating_ip_pages as floating_ip_forms
from services.network.networks import network_pages as network_forms
from services.network.routers import router_pages as router_forms
from services.network.security_groups import security_group_pages as security_group_forms

in_tenant: list[Any] = [
    path("networks/create/", network_forms.create, name="create-network"),
    path("networks/<str:external_id>/edit/", network_forms.edit, name="edit-network"),
    path("networks/<str:external_id>/delete/", network_forms.delete, name="delete-network"),
    path("networks/<str:external_id>/subnets/create/", network_forms.create_subnet, name="create-subnet"),
    path(
        "networks/<str:external_id>/subnets/<str:subnet_id>/delete/", network_forms.delete_subnet, name="delete-subnet"
    ),
    path("routers/create/", router_forms.create, name="create-router"),
    path("routers/<str:external_id>/gateway/", router_forms.gateway, name="set-router-gateway"),
    path("routers/<str:external_id>/close/", router_forms.close, name="clear-router-gateway"),
    path("routers/<str:external_id>/connect/", router_forms.connect, name="connect-subnet"),
    path("routers/<str:external_id>/delete/", router_forms.delete, name="delete-router"),
    path("floating-ips/create/", floating_ip_forms.create, name="allocate-floating-ip"),
    path("floating-ips/<str:external_id>/associate/", floating_ip_forms.associate, name="associate-floating-ip"),
    path("floating-ips/<str:external_id>/release/", floating_ip_forms.release, name="release-floating-ip"),
    path("security-groups/create/", security_group_forms.create, name="create-security-group"),
    path("security-groups/<str:external_id>/rules/", security_group_forms.add_rules, name="add-security-group-rules"),
    path("security-groups/<str:external_id>/edit/", security_group_forms.edit, name="edit-security-group"),
    path("security-groups/<str:external_id>/delete/", security_group_forms.delete, name="delete-security-group"),
]
