"""The part of the site that takes tenants to a shell."""

from projects.wings import Wing


class CliAccessConfig(Wing):
    name = "services.cli_access"
    label = "cli_access"
