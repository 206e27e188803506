"""What /operator/ requires of a login: class, method and age of its authentication, and the way to a better one."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.identity import checks
from portal.identity.models import Grant
from tests.providers.hostile import HostileProvider
from tests.providers.login import come_back, log_in
from tests.unit.identity_cast import is_logged_in, operator

pytestmark = pytest.mark.django_db


def sent_on(client: Client, answer: Any) -> dict[str, str]:
    """Follow to the provider; return the parameters of the authorization request."""
    assert answer.status_code == 302
    while answer["Location"].startswith("/"):
        answer = client.get(answer["Location"])
        assert answer.status_code == 302, answer.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def test_any_login_of_an_operator_is_enough_by_default(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    assert client.get("/operator/").status_code == 200


def test_weak_login_is_sent_back_for_a_stronger_one(
    client: Client, hostile: HostileProvider, settings: Settings
) -> None:
    settings.OPERATOR_ACR = ["gold", "platinum"]
    operator(hostile)
    hostile.claims |= {"acr": "silver"}
    log_in(client, hostile)
    begun = sent_on(client, client.get("/operator/projects/location/?q=1"))
    assert begun["acr_values"] == "gold platinum"
    assert client.get("/").status_code == 200  # still logged in, for everything else
    hostile.claims |= {"acr": "platinum"}
    back = come_back(client, hostile, begun)
    assert back["Location"] == "/operator/projects/location/?q=1"
    assert client.get(back["Location"]).status_code == 200
    assert Grant.objects.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("claims", [{}, {"acr": "silver"}, {"acr": ["gold"]}, {"acr": ""}, {"acr": 2}])
def test_page_says_why_when_the_provider_does_not_deliver(
    client: Client, hostile: HostileProvider, settings: Settings, claims: dict[str, Any]
) -> None:
    settings.OPERATOR_ACR = ["gold"]
    operator(hostile)
    hostile.claims |= claims
    log_in(client, hostile)
    page = come_back(client, hostile, sent_on(client, client.get("/operator/")))
    assert page.status_code == 403
    text = page.content.decode()
    assert "second factor" in text
    assert "gold" in text
    assert "Request ID" in text
    assert is_logged_in(client)
    assert client.get("/operator/").status_code == 302


def test_method_counts_where_the_provider_names_it(
    client: Client, hostile: HostileProvider, settings: Settings
) -> None:
    settings.OPERATOR_AMR = ["otp", "hwk"]
    operator(hostile)
    hostile.claims |= {"amr": ["pwd"]}
    log_in(client, hostile)
    begun = sent_on(client, client.get("/operator/"))
    assert begun["prompt"] == "login"  # no parameter asks for a method
    hostile.claims |= {"amr": ["pwd", "otp"]}
    come_back(client, hostile, begun)
    assert client.get("/operator/").status_code == 200


def test_old_login_is_sent_back_for_a_new_one(client: Client, hostile: HostileProvider, settings: Settings) -> None:
    settings.OPERATOR_MAX_AGE = 3600
    operator(hostile)
    hostile.claims |= {"auth_time": int(time.time()) - 4000}
    log_in(client, hostile)
    begun = sent_on(client, client.get("/operator/"))
    assert (begun["max_age"], begun["prompt"]) == ("3600", "login")
    old = come_back(client, hostile, begun)
    assert old.status_code == 403
    assert "60 minutes" in old.content.decode()
    hostile.claims |= {"auth_time": int(time.time())}
    come_back(client, hostile, sent_on(client, client.get("/operator/")))
    assert client.get("/operator/").status_code == 200


def test_login_without_a_time_counts_as_old(client: Client, hostile: HostileProvider, settings: Settings) -> None:
    settings.OPERATOR_MAX_AGE = 3600
    operator(hostile)
    log_in(client, hostile)
    assert client.get("/operator/").status_code == 302


def test_form_of_a_weak_login_is_not_carried_out(client: Client, hostile: HostileProvider, settings: Settings) -> None:
    operator(hostile)
    log_in(client, hostile)
    settings.OPERATOR_ACR = ["gold"]
    answer = client.post("/operator/projects/location/add/", {"name": "north"})
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "not carried out" in text
    assert "/oidc/step-up/?next=" in text


def test_provider_that_refuses_a_stronger_login_is_named(
    client: Client, hostile: HostileProvider, settings: Settings
) -> None:
    settings.OPERATOR_ACR = ["gold"]
    operator(hostile)
    log_in(client, hostile)
    begun = sent_on(client, client.get("/operator/"))
    error = {"error": "unmet_authentication_requirements", "state": begun["state"]}
    answer = client.get("/oidc/callback/", error)
    assert answer.status_code == 403
    assert "second factor" in answer.content.decode()
    assert is_logged_in(client)


def test_who_is_no_operator_is_not_sent_anywhere(client: Client, hostile: HostileProvider, settings: Settings) -> None:
    settings.OPERATOR_ACR = ["gold"]
    log_in(client, hostile)
    assert client.get("/operator/").status_code == 404
    assert client.get("/oidc/step-up/?next=/operator/").status_code == 404


def test_step_up_leads_to_no_other_site(client: Client, hostile: HostileProvider, settings: Settings) -> None:
    settings.OPERATOR_ACR = ["gold"]
    operator(hostile)
    log_in(client, hostile)
    hostile.claims |= {"acr": "gold"}
    begun = sent_on(client, client.get("/oidc/step-up/?next=https://evil.example.org/"))
    assert come_back(client, hostile, begun)["Location"] == "/"


def test_deployment_check_names_a_missing_requirement(settings: Settings) -> None:
    assert [one.id for one in checks.operators_need_a_second_factor()] == ["identity.W001"]
    settings.OPERATOR_ACR = ["gold"]
    assert checks.operators_need_a_second_factor() == []
    settings.OPERATOR_ACR, settings.OPERATOR_AMR = [], ["otp"]
    assert checks.operators_need_a_second_factor() == []
