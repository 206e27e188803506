"""Addresses of projects and their tenants."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
