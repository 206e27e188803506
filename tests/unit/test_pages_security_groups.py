"""The pages of security groups: made, named and deleted, with what each loses or refuses."""

import pytest
from django.test import Client

from projects.models import Operation, Tenant
from services.network.models import Port, SecurityGroup
from tests import factories
from tests.unit.group_pages import HERE, LOOK, asked, at, group, made, other, rule, text

pytestmark = pytest.mark.django_db

CREATE = f"{HERE}security-groups/create/"
HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_group_is_made_with_presets_and_leads_to_the_list_with_its_operation(member: Client) -> None:
    sent = rule(name="shop", description="The shop", what=["http", "https"])
    response = member.post(CREATE, sent)
    operation = Operation.objects.get()
    assert response["Location"] == f"{HERE}security-groups/?op={operation.pk}"
    assert (operation.action, operation.params["name"]) == ("create-security-group", "shop")
    assert made() == [
        ("IPv4", "tcp", 80, 80, "0.0.0.0/0"),
        ("IPv6", "tcp", 80, 80, "::/0"),
        ("IPv4", "tcp", 443, 443, "0.0.0.0/0"),
        ("IPv6", "tcp", 443, 443, "::/0"),
    ]


def test_a_group_can_begin_without_rules(member: Client) -> None:
    member.post(CREATE, {"name": "later", "key": "k"})
    assert asked()["rules"] == []


def test_what_was_typed_is_kept_and_escaped(member: Client) -> None:
    sent = other(name=HOSTILE, description=HOSTILE, ports="80-", note=HOSTILE)
    response = member.post(CREATE, sent)
    assert response.status_code == 422
    assert HOSTILE.encode() not in response.content
    page = text(response)
    assert f'value="{HOSTILE}"' in page
    assert 'value="80-"' in page
    assert "“80-” is no port" in page
    assert not Operation.objects.exists()


def test_a_name_that_another_group_has_is_warned_of(member: Client) -> None:
    assert "is easily mistaken" in text(member.post(CREATE, {"name": "app"}, headers=LOOK))
    assert "is easily mistaken" not in text(member.post(CREATE, {"name": "apple"}, headers=LOOK))


def test_the_command_and_terraform_follow_the_form(member: Client) -> None:
    page = text(member.post(CREATE, rule(name="shop", family="IPv4"), headers=LOOK))
    joined = " ".join(page.replace("\\\n", " ").split())
    assert "security group create shop" in joined
    assert "security group rule create --ingress --ethertype IPv4 --protocol tcp --dst-port 80" in joined
    assert 'resource "openstack_networking_secgroup_v2" "shop" {' in page


def test_a_form_that_lacked_a_group_is_gone_back_to(member: Client) -> None:
    back = f"{HERE}servers/x/?port=p&tick=a"
    response = member.post(f"{CREATE}?next={back.replace('&', '%26')}", {"name": "fresh", "key": "k"})
    assert response["Location"] == f"{back}&op={Operation.objects.get().pk}"


def test_a_group_is_renamed_and_its_words_are_kept(member: Client) -> None:
    page = text(member.get(at("ssh-office", "edit/")))
    assert 'value="ssh-office"' in page
    assert 'value="Office"' in page
    was = '["ssh-office", "Office"]'
    sent = {"name": "ssh", "description": "Office", "was": was, "key": "k"}
    assert member.post(at("ssh-office", "edit/"), sent).status_code == 302
    assert (asked()["was_name"], asked()["name"]) == ("ssh-office", "ssh")


def test_the_second_editor_is_told_and_may_insist(member: Client) -> None:
    address = at("ssh-office", "edit/")
    sent = {"name": "ssh", "description": "Ours", "was": '["ssh-office", "Office"]', "key": "k"}
    SecurityGroup.objects.filter(pk=group("ssh-office").pk).update(description="Theirs")
    response = member.post(address, sent)
    assert response.status_code == 422
    assert "its description “Theirs”" in text(response)
    assert 'value="Ours"' in text(response)
    assert not Operation.objects.exists()


def test_deleting_says_what_goes_and_asks_for_the_name(member: Client) -> None:
    Port.objects.all().delete()
    page = text(member.get(at("app", "delete/")))
    assert "Of db-internal" in page
    assert "5432/tcp from group app" in page
    assert "Type app to confirm" in page
    wrong = member.post(at("app", "delete/"), {"typed": "web"})
    assert wrong.status_code == 422
    assert "“web” does not match" in text(wrong)
    assert not Operation.objects.exists()
    response = member.post(at("app", "delete/"), {"typed": "app"})
    assert response.status_code == 302
    assert asked() == {"group_id": group("app").external_id}


def test_a_group_in_use_is_not_deleted_and_the_servers_are_named(member: Client) -> None:
    page = text(member.get(at("ssh-office", "delete/")))
    assert "3 servers use it, so it can't be deleted. Take it off first, at" in page
    assert "/#reach" in page
    assert "Type ssh-office" not in page
    assert member.post(at("ssh-office", "delete/"), {"typed": "ssh-office"}).status_code == 422
    assert not Operation.objects.exists()


def test_many_servers_that_have_it_are_all_to_be_found(member: Client, atlas: Tenant) -> None:
    factories.many_servers(atlas, 9)
    page = text(member.get(at("web-public", "delete/")))
    assert f'href="{at("web-public")}">see all ' in page


def test_the_default_group_is_not_deleted(member: Client) -> None:
    assert "belongs to the project" in text(member.get(at("default", "delete/")))


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
