"""The part of the site that takes tenants to a shell."""

from django.apps import AppConfig


class CliAccessConfig(AppConfig):
    name = "services.cli_access"
    label = "cli_access"
