"""Who gets what at every address of the site, as one table. An address that is not in it fails the test."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django.fixtures import Settings

from portal.identity.models import OfflineToken, User
from projects.models import Operation, Tenant
from services.block_storage.models import Snapshot, Volume
from services.compute.models import KeyPair, Server
from services.images.models import Image
from services.network.models import FloatingIP, Network, Router, SecurityGroup, Subnet
from services.object_storage.models import Container
from services.service_users.models import ServiceUser
from tests import factories, operations_factory

pytestmark = pytest.mark.django_db

# What anonymous, stranger, reader, member and admin (an operator) get. "login": sent to the login, and back after it; a
# form that is sent without a login is told so (401), because it can't be sent again by itself.
MEMBERS = ("login", 404, 200, 200, 200)
EVERYONE = ("login", 200, 200, 200, 200)
# A page that changes something: a reader is told whom to ask.
CHANGE = ("login", 404, 403, 200, 200)

TENANT = "/atlas@north/"
# By the name of the address: the method ("form" is got and posted), an example, and the answers.
PAGES: dict[str, tuple[str, str, tuple[object, ...]]] = {
    "welcome": ("get", "/", EVERYONE),
    "account": ("get", "/account/", EVERYONE),
    # Of logins that are not one's own.
    "end-login": ("post", "/account/logins/00000000-0000-0000-0000-000000000000/end/", (401, 404, 404, 404, 404)),
    "end-command-line": (
        "post",
        "/account/command-lines/00000000-0000-0000-0000-000000000000/end/",
        (401, 404, 404, 404, 404),
    ),
    "end-other-logins": ("post", "/account/logins/end-others/", (401, 302, 302, 302, 302)),
    "locations": ("get", "/locations/", EVERYONE),
    "location": ("get", "/locations/north/", MEMBERS),
    "search": ("get", "/search/?q=web", EVERYONE),
    "project": ("get", "/projects/atlas/", MEMBERS),
    "tenant": ("get", TENANT, MEMBERS),
    "changes": ("get", f"{TENANT}changes/", MEMBERS),
    # A button that asks for nothing in particular.
    "act": ("post", f"{TENANT}do/attach-volume/", (401, 404, 403, 404, 404)),
    "operations": ("get", f"{TENANT}operations/", MEMBERS),
    "operation": ("get", f"{TENANT}operations/{{operation}}/", MEMBERS),
    "cancel-operation": ("post", f"{TENANT}operations/{{operation}}/cancel/", (401, 404, 403, 302, 302)),
    # Nothing that can be tried again or taken back (test_operations_pages.py has what can).
    "retry-operation": ("post", f"{TENANT}operations/{{operation}}/retry/", (401, 404, 403, 422, 422)),
    "undo-operation": ("post", f"{TENANT}operations/{{operation}}/undo/", (401, 404, 403, 422, 422)),
    "try-now": ("post", f"{TENANT}try-now/", (401, 404, 302, 302, 302)),
}
KINDS: dict[str, tuple[str, type[Any]]] = {
    "servers": ("server", Server),
    "volumes": ("volume", Volume),
    "snapshots": ("snapshot", Snapshot),
    "images": ("image", Image),
    "key-pairs": ("key-pair", KeyPair),
    "networks": ("network", Network),
    "routers": ("router", Router),
    "floating-ips": ("floating-ip", FloatingIP),
    "security-groups": ("security-group", SecurityGroup),
    "containers": ("container", Container),
}
for key, (name, _model) in KINDS.items():
    PAGES[key] = ("get", f"{TENANT}{key}/", MEMBERS)
    PAGES[name] = ("get", f"{TENANT}{key}/{{{key}}}/", MEMBERS)
# A key pair of the member's: nobody else sees it, whatever they may do in the tenant.
PAGES["key-pair"] = (*PAGES["key-pair"][:2], ("login", 404, 404, 200, 404))
# What can be done with one of them, for who can; of a key pair its owner.
for key, (name, _model) in KINDS.items():
    if key not in ("images", "containers"):
        PAGES[f"{name}-menu"] = ("get", f"{TENANT}{key}/{{{key}}}/menu/", CHANGE)
PAGES["key-pair-menu"] = (*PAGES["key-pair-menu"][:2], ("login", 404, 403, 200, 404))
PAGES |= {
    "bulk-volumes": ("form", f"{TENANT}volumes/bulk/detach/?ids={{volumes}}", CHANGE),
    "bulk-snapshots": ("form", f"{TENANT}snapshots/bulk/delete/?ids={{snapshots}}", CHANGE),
    "create-volume": ("form", f"{TENANT}volumes/create/", CHANGE),
    "attach-volume": ("form", f"{TENANT}volumes/{{volumes}}/attach/", CHANGE),
    "detach-volume": ("form", f"{TENANT}volumes/{{volumes}}/detach/", CHANGE),
    "extend-volume": ("form", f"{TENANT}volumes/{{volumes}}/extend/", CHANGE),
    "create-snapshot": ("form", f"{TENANT}volumes/{{volumes}}/snapshot/", CHANGE),
    "edit-volume": ("form", f"{TENANT}volumes/{{volumes}}/edit/", CHANGE),
    "delete-volume": ("form", f"{TENANT}volumes/{{volumes}}/delete/", CHANGE),
    "revert-volume": ("form", f"{TENANT}snapshots/{{snapshots}}/revert/", CHANGE),
    "edit-snapshot": ("form", f"{TENANT}snapshots/{{snapshots}}/edit/", CHANGE),
    "delete-snapshot": ("form", f"{TENANT}snapshots/{{snapshots}}/delete/", CHANGE),
}

PAGES |= {
    "create-server": ("form", f"{TENANT}servers/create/", CHANGE),
    "bulk-servers": ("form", f"{TENANT}servers/bulk/stop/?ids={{servers}}", CHANGE),
    "rename-server": ("form", f"{TENANT}servers/{{servers}}/rename/", CHANGE),
    "resize-server": ("form", f"{TENANT}servers/{{servers}}/resize/", CHANGE),
    "create-image": ("form", f"{TENANT}servers/{{servers}}/snapshot/", CHANGE),
    "shelve-server": ("form", f"{TENANT}servers/{{servers}}/shelve/", CHANGE),
    "rescue-server": ("form", f"{TENANT}servers/{{servers}}/rescue/", CHANGE),
    "rebuild-server": ("form", f"{TENANT}servers/{{servers}}/rebuild/", CHANGE),
    "reboot-server": ("form", f"{TENANT}servers/{{servers}}/reboot/", CHANGE),
    "delete-server": ("form", f"{TENANT}servers/{{servers}}/delete/", CHANGE),
    "server-log": ("get", f"{TENANT}servers/{{servers}}/log/", MEMBERS),
    "server-snapshots": ("get", f"{TENANT}servers/{{servers}}/snapshots/", MEMBERS),
    "server-metadata": ("get", f"{TENANT}servers/{{servers}}/metadata/", MEMBERS),
    # Who has a console changes the server. Without one to open, its page is where it leads.
    "server-console": ("get", f"{TENANT}servers/{{servers}}/console/", CHANGE),
    "server-console-open": ("get", f"{TENANT}servers/{{servers}}/console/open/", ("login", 404, 403, 302, 302)),
    "create-key-pair": ("form", f"{TENANT}key-pairs/create/?key=k", CHANGE),
    "import-key-pair": ("form", f"{TENANT}key-pairs/import/", CHANGE),
    # A key pair of the member's own, as above.
    "delete-key-pair": ("form", f"{TENANT}key-pairs/{{key-pairs}}/delete/", ("login", 404, 403, 200, 404)),
}
PAGES |= {
    "set-port-groups": ("form", f"{TENANT}servers/{{servers}}/groups/", CHANGE),
    "create-security-group": ("form", f"{TENANT}security-groups/create/", CHANGE),
    "add-security-group-rules": ("form", f"{TENANT}security-groups/{{security-groups}}/rules/", CHANGE),
    "edit-security-group": ("form", f"{TENANT}security-groups/{{security-groups}}/edit/", CHANGE),
    "delete-security-group": ("form", f"{TENANT}security-groups/{{security-groups}}/delete/", CHANGE),
}

PAGES |= {
    "create-network": ("form", f"{TENANT}networks/create/", CHANGE),
    "edit-network": ("form", f"{TENANT}networks/{{networks}}/edit/", CHANGE),
    "delete-network": ("form", f"{TENANT}networks/{{networks}}/delete/", CHANGE),
    "create-subnet": ("form", f"{TENANT}networks/{{networks}}/subnets/create/", CHANGE),
    "delete-subnet": ("form", f"{TENANT}networks/{{networks}}/subnets/{{subnet}}/delete/", CHANGE),
    "create-router": ("form", f"{TENANT}routers/create/", CHANGE),
    "set-router-gateway": ("form", f"{TENANT}routers/{{routers}}/gateway/", CHANGE),
    "clear-router-gateway": ("form", f"{TENANT}routers/{{routers}}/close/", CHANGE),
    "connect-subnet": ("form", f"{TENANT}routers/{{routers}}/connect/", CHANGE),
    "delete-router": ("form", f"{TENANT}routers/{{routers}}/delete/", CHANGE),
    "allocate-floating-ip": ("form", f"{TENANT}floating-ips/create/", CHANGE),
    "bulk-floating-ips": ("form", f"{TENANT}floating-ips/bulk/release/?ids={{floating-ips}}", CHANGE),
    "associate-floating-ip": ("form", f"{TENANT}floating-ips/{{floating-ips}}/associate/", CHANGE),
    "release-floating-ip": ("form", f"{TENANT}floating-ips/{{floating-ips}}/release/", CHANGE),
    # Of a server that can be connected; one that can't is told why (test_pages_networking.py).
    "connect-server": ("form", f"{TENANT}servers/{{unconnected}}/connect/", CHANGE),
}

PAGES |= {
    # What a person takes away is their own login, which may what they may.
    "cli": ("get", f"{TENANT}cli/", MEMBERS),
    "cli-file": ("get", f"{TENANT}cli/files/device/sh/", MEMBERS),
    "cli-secret-file": ("post", f"{TENANT}cli/secret-files/token/sh/", (401, 404, 200, 200, 200)),
    # The location's authority is a public one (test_cli_pages.py has one of its own).
    "cli-ca": ("get", f"{TENANT}cli/ca.pem", ("login", 404, 404, 404, 404)),
    # The provider does not answer here (test_offline_tokens.py has one that does).
    "cli-offline-new": ("get", f"{TENANT}cli/offline/new/", ("login", 404, 404, 404, 404)),
    # The member's own.
    "cli-offline": ("get", f"{TENANT}cli/offline/{{offline}}/", ("login", 404, 404, 200, 404)),
    "cli-offline-files": ("post", f"{TENANT}cli/offline/{{offline}}/files/", (401, 404, 404, 404, 404)),
    "cli-offline-revoke": ("form", f"{TENANT}cli/offline/{{offline}}/revoke/", ("login", 404, 404, 200, 404)),
    "cli-clouds": ("get", "/cli/device/clouds.yaml", EVERYONE),
    "cli-secure": ("post", "/cli/token/secure.yaml", (401, 200, 200, 200, 200)),
}

PAGES |= {
    # Whoever has a role gives it on, and changes their own only: here the member's.
    "service-users": ("get", f"{TENANT}service-users/", MEMBERS),
    "create-service-user": ("form", f"{TENANT}service-users/create/", MEMBERS),
    "service-user-made": ("get", f"{TENANT}service-users/made/{{made}}/", ("login", 404, 404, 200, 404)),
    "service-user-files": ("post", f"{TENANT}service-users/made/{{made}}/files/", (401, 404, 404, 404, 404)),
    "rotate-service-user": ("form", f"{TENANT}service-users/machine/rotate/", ("login", 404, 404, 200, 404)),
    "revoke-service-user": ("form", f"{TENANT}service-users/machine/revoke/", ("login", 404, 404, 200, 404)),
}

# Addresses of others that are tested where they are at home: the login's, the operators', the machines', components.
ELSEWHERE = {
    "login",
    "oidc_callback",
    "step_up",
    "oidc_authentication_callback",
    "logout",
    "logged_out",
    "offline_answer",
    "healthz",
    "readyz",
    "metrics",
    "empty",
}
ELSEWHERE_BELOW = ("operator/", "ui/", "api/")


def walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern


@pytest.fixture
def cast() -> factories.Cast:
    people = factories.cast()
    attach = operations_factory.attaching(people.atlas, "logs-archive", "web-01")
    operations_factory.operation(people.atlas, people.member, "attach-volume", attach, state=Operation.State.RUNNING)
    machine(people.atlas, people.member)
    OfflineToken.objects.create(user=people.member, about="atlas@north", revoker="x", made_at=timezone.now())
    return people


def machine(tenant: Tenant, owner: User) -> None:
    """Return a service user of the member's, and the operation that made it."""
    ends = timezone.now() + timedelta(days=90)
    params = {"name": "ci-deploy", "expires_at": ends.isoformat()}
    made = operations_factory.operation(tenant, owner, "create-service-user", params)
    ServiceUser.objects.create(
        tenant=tenant,
        owner=owner,
        operation=made,
        external_id="machine",
        name=f"ci-deploy.{made.pk}",
        label="ci-deploy",
        expires_at=ends,
        first_seen_at=made.asked_at,
        changed_at=made.asked_at,
    )


def ids(tenant: Tenant) -> dict[str, str]:
    found = {key: model.objects.filter(tenant=tenant).first().external_id for key, (_n, model) in KINDS.items()}
    subnet = Subnet.objects.get(tenant=tenant, network_id=found["networks"]).external_id
    unconnected = Server.objects.get(tenant=tenant, name="web-02").external_id
    operation = Operation.objects.get(tenant=tenant, action="attach-volume").pk
    made = Operation.objects.get(tenant=tenant, action="create-service-user").pk
    offline = str(OfflineToken.objects.get().pk)
    return found | {
        "offline": offline,
        "operation": operation,
        "made": made,
        "subnet": subnet,
        "unconnected": unconnected,
    }


def people(cast: factories.Cast) -> list[User | None]:
    return [None, cast.stranger, cast.reader, cast.member, cast.admin]


def test_every_address_of_the_site_is_in_the_table() -> None:
    unknown = [
        f"{route} ({pattern.name})"
        for route, pattern in walk(get_resolver().url_patterns)
        if pattern.name not in PAGES and pattern.name not in ELSEWHERE and not route.startswith(ELSEWHERE_BELOW)
    ]
    assert not unknown, f"Say in PAGES who gets these: {unknown}"


def test_everyone_gets_what_the_table_says(cast: factories.Cast, client: Client) -> None:
    wrong = []
    for number, user in enumerate(people(cast)):
        client.logout()
        if user:
            factories.log_in(client, user)
        for name, (method, address, answers) in PAGES.items():
            url = address.format(**ids(cast.atlas))
            response = client.generic("GET" if method == "form" else method.upper(), url)
            sent = response.status_code == 302 and "/oidc/login/" in response["Location"]
            got = "login" if sent else response.status_code
            if got != answers[number]:
                wrong.append(f"{user or 'anonymous'} {name} {url}: {got} and not {answers[number]}")
    assert not wrong, "\n".join(wrong)


def test_a_form_is_taken_from_nobody_who_does_not_get_it(cast: factories.Cast, client: Client) -> None:
    answers = {None: 401, cast.stranger: 404, cast.reader: 403}
    # A reader gives a reader's role on; the forms of the member's own are not there for anybody else.
    readers = {"create-service-user": 422, "rotate-service-user": 404, "revoke-service-user": 404}
    readers["cli-offline-revoke"] = 404
    for user, expected in answers.items():
        client.logout()
        if user:
            factories.log_in(client, user)
        for name, (method, address, _answers) in PAGES.items():
            if method == "form":
                code = readers.get(name, expected) if user == cast.reader else expected
                assert client.post(address.format(**ids(cast.atlas))).status_code == code, (name, user)


def without_address(page: bytes) -> bytes:
    """Return a page without what each answer has for itself: the address asked for, the request's id, the form's
    token.
    """
    return re.sub(rb"borealis@\w+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8}\xe2\x80\xa6|value=\"\w{64}\"", b"", page)


def test_another_method_than_the_pages_own_is_405(cast: factories.Cast, client: Client, settings: Settings) -> None:
    settings.RATES = settings.RATES | {"changes": ""}  # nobody sends so many
    factories.log_in(client, cast.member)
    for name, (method, address, _answers) in PAGES.items():
        url = address.format(**ids(cast.atlas))
        other = {"post": "GET", "form": "PUT"}.get(method, "POST")
        assert client.generic(other, url).status_code == 405, name
        assert client.generic("DELETE", url).status_code == 405, name


def test_a_tenant_of_others_answers_like_one_that_does_not_exist(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.reader)
    of_others = client.get("/borealis@north/")
    nowhere = client.get("/borealis@nowhere/")
    assert of_others.status_code == nowhere.status_code == 404
    assert without_address(of_others.content) == without_address(nowhere.content)


def test_an_operator_sees_no_tenant_without_being_a_member(cast: factories.Cast, client: Client) -> None:
    cast.admin.memberships.all().delete()
    factories.log_in(client, cast.admin)
    assert client.get("/atlas@north/").status_code == 404
    assert client.get("/locations/north/").status_code == 200


def test_a_location_that_is_switched_off_takes_its_tenants_along(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.member)
    cast.south.enabled = False
    cast.south.save()
    assert client.get("/atlas@south/").status_code == 404
    assert b"atlas@south" not in client.get("/projects/atlas/").content


def test_a_lost_membership_is_a_lost_sight(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.member)
    assert client.get("/atlas@north/servers/").status_code == 200
    cast.member.memberships.filter(tenant=cast.atlas).delete()
    assert client.get("/atlas@north/servers/").status_code == 404


def test_a_resource_of_another_tenant_is_not_found_in_mine(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.member)
    other = Server.objects.filter(tenant=cast.borealis).first()
    assert other is not None
    assert client.get(f"/borealis@north/servers/{other.external_id}/").status_code == 200
    assert client.get(f"/atlas@north/servers/{other.external_id}/").status_code == 404
