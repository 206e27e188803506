"""The API keeps what its document says, whatever is sent to it: schemathesis makes the requests.

Each operation is called with what the document allows and with what it does not, by nobody, a reader and a member. The
requests are the same in each run; no cloud is asked, as operations stay in the queue.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.configuration import set_hypothesis_home_dir
from pytest_django.fixtures import Settings
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from portal.identity.models import User
from portal.wsgi import application
from projects.api.mount import kinds
from projects.models import Operation, Tenant
from tests import factories
from tests.operations_factory import history
from tests.support import environment
from tests.unit.api_calls import ROOT, trusted_issuer

pytestmark = pytest.mark.django_db

POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
# How many requests of each sort for each operation, by who sends them.
MANY = {"": {POSITIVE: 1}, "reader": {POSITIVE: 1}, "member": {POSITIVE: 2, NEGATIVE: 1}}
# One function makes the two operations of each action (projects/api/actions.py), and answers whoever may not ask before
# it looks at what was asked: of these every so many-th is tried as nobody and as a reader. What each of them answers to
# whom is in test_api.py. A member sends one right request to each, and one wrong one.
ACTIONS, EVERY = f"{ROOT}/tenants/{{handle}}/actions/", 8
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Send requests in the test's own transaction, as those of Django's test client are."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def headers(settings: Settings) -> Iterator[Callable[[str], Mapping[str, str]]]:
    """Return what each person of the cast sends along."""
    set_hypothesis_home_dir(str(environment.STATE / "hypothesis"))
    with trusted_issuer(settings) as issuer:
        cast = factories.cast()
        history(cast)
        User.objects.update(issuer=issuer.url)

        def of(name: str) -> Mapping[str, str]:
            if not name:
                return {}
            token = issuer.token(sub=f"sub-{name}", preferred_username=name, aud="openstack")
            return {"Authorization": f"Bearer {token}"}

        yield of


class Real:
    """Ids that are there, so that requests come further than to what is not found."""

    def __init__(self, tenant: Tenant) -> None:
        self.random = random.Random(1)  # noqa: S311 (no secret)
        self.ids = {
            kind.one: list(kind.model._default_manager.filter(tenant=tenant).values_list("external_id", flat=True))
            for kind in kinds()
        }
        self.operations = list(Operation.objects.filter(tenant=tenant).values_list("pk", flat=True))

    def path(self, path: str) -> dict[str, str]:
        """Parameters of an operation's path."""
        one = next((kind.one for kind in kinds() if f"/{kind.key}/" in path), "server")
        values = {"handle": "atlas@north", "slug": "atlas", "name": "north"}
        values |= {"external_id": self.random.choice(self.ids[one])}
        values |= {"operation_id": self.random.choice(self.operations)}
        return {name: value for name, value in values.items() if f"{{{name}}}" in path}

    def body(self, value: Any, name: str = "") -> Any:
        """Return a body with ids that are there, where it has any."""
        if isinstance(value, dict):
            return {key: self.body(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.body(inner, name) for inner in value]
        one = name.removesuffix("s").removesuffix("_id").removeprefix("source_").replace("_", " ")
        found = self.ids.get({"group": "security group"}.get(one, one))
        return (
            self.random.choice(found) if found and isinstance(value, str) and name.endswith(("_id", "_ids")) else value
        )


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    """Let them all in: nobody sends so many."""
    settings.RATES = dict.fromkeys(settings.RATES, "")


def call(operation: Any, mode: GenerationMode, many: int, real: Real, headers: Mapping[str, str]) -> int:
    """Send so many requests to an operation, each of which is checked. How many were sent."""
    sent = []
    # Where only the path can be wrong, it is; else it is right, so that the rest is looked at.
    rest = operation.body or operation.query
    fixed = {"path_parameters": real.path(operation.path)} if mode is POSITIVE or rest else {}

    @settings(
        max_examples=many,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, **fixed))
    def send(case: Any) -> None:
        if mode is POSITIVE:
            case.body = real.body(case.body)
        sent.append(case.call_and_validate(headers=dict(headers), checks=CHECKS).status_code)

    send()
    return len(sent)


@pytest.mark.parametrize("name", MANY, ids=["anonymous", "reader", "member"])
def test_every_operation_keeps_what_the_document_says(headers: Callable[[str], Mapping[str, str]], name: str) -> None:
    document = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", application)
    real = Real(Tenant.objects.get(project__slug="atlas", location__name="north"))
    operations, mine = [found.ok() for found in document.get_all_operations()], headers(name)
    of_actions = [one for one in operations if one.path.startswith(ACTIONS)]
    assert len(operations) > len(of_actions) > 50
    alike = {one.label for number, one in enumerate(of_actions) if name != "member" and number % EVERY}
    for mode, many in MANY[name].items():
        silent = [
            one.label
            for one in operations
            if one.label not in alike and not call(one, mode, 1 if one in of_actions else many, real, mine)
        ]
        # A path without parameters can't be wrong.
        assert mode is NEGATIVE or not silent
    assert len(operations) == document.statistic.operations.total > 100
    assert (Operation.objects.filter(via="api").count() > 0) == (name == "member")
