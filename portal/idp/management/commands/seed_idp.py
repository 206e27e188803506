"""`manage.py seed_idp` under DJANGO_SETTINGS_MODULE=portal.idp.settings."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.idp import settings
from portal.idp.adapters import FOUNDATION_AUDIENCE
from portal.idp.cast import CAST, PASSWORD, Person
from portal.idp.hashers import ClientSecretHasher

SCOPES = ["openid", "profile", "email", "groups", "offline_access"]
SECRET_LENGTH = 32


class Command(BaseCommand):
    """Write the clients and, in a demo, its people. Running it again restores what was changed."""

    help = "Seed the built-in identity provider: clients always, the demo's users only if MESHDECK_IDP_DEMO is on."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Seed the provider. Passwords of existing users stay as they are."""
        if len(settings.CLIENT_SECRET) < SECRET_LENGTH:
            raise CommandError(f"MESHDECK_IDP_CLIENT_SECRET is shorter than {SECRET_LENGTH} characters.")
        if 0 < len(settings.CLOUDFOUNDRY_SECRET) < SECRET_LENGTH:
            raise CommandError(f"MESHDECK_IDP_CLOUDFOUNDRY_SECRET is shorter than {SECRET_LENGTH} characters.")
        seed_portal_client()
        seed_command_line_client()
        if settings.CLOUDFOUNDRY_SECRET:
            seed_cloudfoundry_client()
        if settings.KEYSTONE_REDIRECT_URIS:
            seed_keystone_client()
        for person in CAST if settings.DEMO else ():
            seed_person(person)
        self.stdout.write(f"clients: {Client.objects.count()}, users: {User.objects.count()}")


def portals() -> list[str]:
    """Return the portal's origins, from its callbacks."""
    return sorted({"{0.scheme}://{0.netloc}".format(urlsplit(uri)) for uri in settings.REDIRECT_URIS})


def seed_portal_client() -> None:
    """Seed the portal's client: it keeps its secret on the server and needs no consent, being part of the product."""
    client, _ = Client.objects.get_or_create(id="portal")
    client.name = "Meshdeck"
    client.type = Client.Type.CONFIDENTIAL
    client.skip_consent = True
    if not client.check_secret(settings.CLIENT_SECRET):
        client.secret = make_password(settings.CLIENT_SECRET, hasher=ClientSecretHasher.algorithm)
    client.set_scopes(SCOPES)
    client.set_grant_types([Client.GrantType.AUTHORIZATION_CODE, Client.GrantType.REFRESH_TOKEN])
    client.set_response_types([Client.ResponseType.CODE])
    client.set_redirect_uris(settings.REDIRECT_URIS)
    farewells = [f"{origin}{path}" for origin in portals() for path in ("/", "/logged-out/")]
    client.set_post_logout_redirect_uris(farewells)
    client.save()


def seed_command_line_client() -> None:
    """Seed the command line's client: public, so the user confirms each login.

    Its callback is any port of 127.0.0.1, or the portal, where people get offline tokens for it.
    """
    client, _ = Client.objects.get_or_create(id="meshdeck-cli")
    client.name = "Meshdeck CLI"
    client.type = Client.Type.PUBLIC
    client.skip_consent = False
    client.set_scopes(SCOPES)
    client.set_default_scopes(["openid", "profile", "email", "groups"])
    client.set_grant_types(
        [Client.GrantType.AUTHORIZATION_CODE, Client.GrantType.DEVICE_CODE, Client.GrantType.REFRESH_TOKEN]
    )
    client.set_response_types([Client.ResponseType.CODE])
    client.set_redirect_uris(["http://127.0.0.1/callback", *(f"{origin}/oidc/offline/" for origin in portals())])
    client.save()


def seed_cloudfoundry_client() -> None:
    """Seed Cloud Foundry's UAA: no consent, so that a logged-in person gets a passcode with one click."""
    client, _ = Client.objects.get_or_create(id=FOUNDATION_AUDIENCE)
    client.name = "Cloud Foundry"
    client.type = Client.Type.CONFIDENTIAL
    client.skip_consent = True
    if not client.check_secret(settings.CLOUDFOUNDRY_SECRET):
        client.secret = make_password(settings.CLOUDFOUNDRY_SECRET, hasher=ClientSecretHasher.algorithm)
    client.set_scopes(["openid", "profile", "email", "groups"])
    client.set_grant_types([Client.GrantType.AUTHORIZATION_CODE])
    client.set_response_types([Client.ResponseType.CODE])
    client.set_redirect_uris(settings.CLOUDFOUNDRY_REDIRECT_URIS)
    client.save()


def seed_keystone_client() -> None:
    """Seed the client of Keystones that log in browsers (WebSSO): PKCE and exact callbacks instead of a secret."""
    client, _ = Client.objects.get_or_create(id="keystone")
    client.name = "OpenStack"
    client.type = Client.Type.PUBLIC
    client.skip_consent = True
    client.set_scopes(["openid", "profile", "email", "groups"])
    client.set_grant_types([Client.GrantType.AUTHORIZATION_CODE])
    client.set_response_types([Client.ResponseType.CODE])
    client.set_redirect_uris(settings.KEYSTONE_REDIRECT_URIS)
    client.save()


def seed_person(person: Person) -> None:
    """Seed one person with exactly their groups; the e-mail claim is read from the address row."""
    first, last = person.name.split(" ", 1)
    user, created = User.objects.update_or_create(
        username=person.username,
        defaults={"email": person.email, "first_name": first, "last_name": last, "is_active": True},
    )
    if created:
        user.set_password(PASSWORD)
        user.save()
    user.groups.set([Group.objects.get_or_create(name=name)[0] for name in person.groups])
    EmailAddress.objects.update_or_create(user=user, email=person.email, defaults={"verified": True, "primary": True})
