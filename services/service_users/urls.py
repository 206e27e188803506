"""The pages of service users, below each tenant."""

from django.urls import path

from services.service_users.pages import download, listing

HERE = "service-users/"

in_tenant = [
    path(HERE, listing.index, name="service-users"),
    path(f"{HERE}made/<str:operation_id>/", download.show, name="service-user-made"),
    path(f"{HERE}made/<str:operation_id>/files/", download.take, name="service-user-files"),
]
