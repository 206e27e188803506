"""The pages of security groups: made, named and deleted, with what each loses or refuses."""

import pytest
from django.test import Client

from projects.models import Operation
from services.network.models import SecurityGroup
from tests import factories
from tests.unit.group_pages import HERE, at, rule, text

pytestmark = pytest.mark.django_db

CREATE = f"{HERE}security-groups/create/"
HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_reader_sees_all_and_no_button(reader: Client) -> None:
    for address in (f"{HERE}security-groups/", at("ssh-office")):
        page = text(reader.get(address))
        assert "22/tcp" in page
        for word in ("Create security group", "Add rule", "Remove", "Delete", ">Edit<"):
            assert word not in page, (address, word)


@pytest.mark.parametrize("verb", ["rules/", "edit/", "delete/"])
def test_a_reader_is_told_whom_to_ask_and_changes_nothing(reader: Client, verb: str) -> None:
    for response in (reader.get(at("app", verb)), reader.post(at("app", verb), rule(typed="app", name="x"))):
        assert response.status_code == 403
        assert "Ask one of its admins" in text(response)
    assert reader.post(CREATE, {"name": "x"}).status_code == 403
    assert not Operation.objects.exists()


def test_a_group_of_another_tenant_is_not_found(member: Client, cast: factories.Cast) -> None:
    foreign = SecurityGroup.objects.filter(tenant=cast.borealis).first()
    assert foreign is not None
    for verb in ("rules/", "edit/", "delete/"):
        assert member.get(f"{HERE}security-groups/{foreign.external_id}/{verb}").status_code == 404
    stranger = Client()
    factories.log_in(stranger, cast.stranger)
    assert stranger.post(CREATE, {"name": "x"}).status_code == 404
    assert not Operation.objects.exists()
