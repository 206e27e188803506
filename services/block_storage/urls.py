"""The pages of the wing, below a tenant."""

from typing import Any

from django.urls import path

from services.block_storage.volumes import volume_pages as volume_forms

in_tenant: list[Any] = [
    path("volumes/create/", volume_forms.create, name="create-volume"),
    path("volumes/<str:external_id>/detach/", volume_forms.detach, name="detach-volume"),
    path("volumes/<str:external_id>/extend/", volume_forms.extend, name="extend-volume"),
    path("volumes/<str:external_id>/snapshot/", volume_forms.snapshot, name="create-snapshot"),
    path("volumes/<str:external_id>/edit/", volume_forms.edit, name="edit-volume"),
    path("volumes/<str:external_id>/delete/", volume_forms.delete, name="delete-volume"),
    path("snapshots/<str:external_id>/revert/", volume_forms.revert, name="revert-volume"),
    path("snapshots/<str:external_id>/edit/", volume_forms.edit_snapshot, name="edit-snapshot"),
    path("snapshots/<str:external_id>/delete/", volume_forms.delete_snapshot, name="delete-snapshot"),
]
