"""System checks: the provider is safe to send secrets to, and the vault's keys decrypt what it holds."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection

from portal.identity import crypto
from portal.identity.discovery import safe_to_send_secrets
from portal.identity.errors import VaultKeyError


def register() -> None:
    """Register the checks; the vault's runs with `migrate` and `check --database default`."""
    checks.register(issuer_is_safe, checks.Tags.security)
    checks.register(api_audience_is_apart, checks.Tags.security)
    checks.register(operators_need_a_second_factor, checks.Tags.security, deploy=True)
    checks.register(vault_opens, checks.Tags.database)


def issuer_is_safe(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that MESHDECK_OIDC_ISSUER is https, or on this machine."""
    if safe_to_send_secrets(settings.OIDC_ISSUER, settings.OIDC_ISSUER):
        return []
    return [
        checks.Error("MESHDECK_OIDC_ISSUER has to be an https URL (http on this machine only).", id="identity.E001")
    ]


def api_audience_is_apart(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that MESHDECK_API_AUDIENCE is set and is not the portal's client, for which ID tokens are issued."""
    if settings.API_AUDIENCE and settings.OIDC_RP_CLIENT_ID not in settings.API_AUDIENCE:
        return []
    said = "MESHDECK_API_AUDIENCE has to name an audience of access tokens, and not the client of the portal."
    return [checks.Error(said, id="identity.E003")]


def vault_opens(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that the given keys decrypt the newest live grant and the newest offline token."""
    from portal.identity.models import Grant, OfflineToken  # checks are registered before the models are loaded

    tables = connection.introspection.table_names() if "default" in (databases or []) else []
    for model, column in ((Grant, "access_token"), (OfflineToken, "revoker")):
        if model._meta.db_table not in tables:
            continue
        sealed = model._default_manager.exclude(**{column: ""}).values_list(column, flat=True).first()
        try:
            if sealed:
                crypto.decrypt(sealed.encode())
        except VaultKeyError as error:
            return [checks.Error(str(error), id="identity.E002")]
    return []


def operators_need_a_second_factor(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn, with `check --deploy`, if any login of an operator opens /operator/."""
    if settings.OPERATOR_ACR or settings.OPERATOR_AMR:
        return []
    said = (
        "/operator/ requires no second factor: set MESHDECK_OPERATOR_ACR or MESHDECK_OPERATOR_AMR (docs/operators.md)."
    )
    return [checks.Warning(said, id="identity.W001")]
