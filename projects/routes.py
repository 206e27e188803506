"""Addresses that every kind of thing has."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

View = Callable[..., HttpResponse]


def kind(key: str, name: str, index: View, show: View) -> list[URLPattern]:
    """Return the list of a kind and the page of one of it."""
    return [path(f"{key}/", index, name=key), path(f"{key}/<str:external_id>/", show, name=name)]
