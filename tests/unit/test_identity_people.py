"""Who comes in by a login: the same person or another, in a session that is new, with the rights of now."""

import pytest
from django.test import Client

from portal.identity.models import Grant, User
from tests.providers.hostile import HostileProvider
from tests.providers.login import begin, come_back, log_in
from tests.unit.identity_cast import is_logged_in, refused

pytestmark = pytest.mark.django_db


def test_a_good_login_gets_in(client: Client, hostile: HostileProvider) -> None:
    answer = log_in(client, hostile, "/projects/atlas/")
    assert (answer.status_code, answer["Location"]) == (302, "/projects/atlas/")
    assert is_logged_in(client)
    assert User.objects.get().subject == "person-1"


def test_a_session_from_before_the_login_is_not_taken_over(client: Client, hostile: HostileProvider) -> None:
    """Session fixation: neither the key nor what lay in the session survives the login."""
    planted = client.session
    planted["planted"] = "by an attacker"
    planted.save()
    old_key = str(planted.session_key)
    client.cookies["meshdeck"] = old_key
    log_in(client, hostile)
    assert client.session.session_key != old_key
    assert "planted" not in client.session
    assert not type(planted)().exists(old_key)


def test_the_same_person_again_gets_a_new_session_and_the_old_grant_ends(
    client: Client, hostile: HostileProvider
) -> None:
    begun = begin(client)
    log_in(client, hostile)
    first = client.session.session_key
    come_back(client, hostile, begun)
    assert client.session.session_key != first
    assert sorted(Grant.objects.values_list("end_reason", flat=True)) == ["", "replaced"]


def test_a_person_who_was_switched_off_is_not_let_in(client: Client, hostile: HostileProvider) -> None:
    User.objects.create(issuer=hostile.issuer, subject="person-1", username="member", is_active=False)
    refused(client, log_in(client, hostile), 403, "disabled here")


def test_the_same_address_at_another_provider_is_another_person(client: Client, hostile: HostileProvider) -> None:
    User.objects.create(
        issuer="https://other.example.org", subject="person-1", username="a", email="member@example.org"
    )
    User.objects.create(
        issuer=hostile.issuer, subject="person-2", username="b", email="member@example.org", is_staff=True
    )
    log_in(client, hostile)
    assert User.objects.count() == 3
    assert not User.objects.get(issuer=hostile.issuer, subject="person-1").is_staff


def test_the_operators_right_comes_and_goes_with_the_group(client: Client, hostile: HostileProvider) -> None:
    hostile.claims = {"groups": ["meshdeck-operators"]}
    log_in(client, hostile)
    assert User.objects.get().is_staff
    hostile.claims = {"groups": ["atlas-member"], "preferred_username": "renamed"}
    log_in(Client(), hostile)
    assert not User.objects.get().is_staff
    assert User.objects.get().username == "renamed"
