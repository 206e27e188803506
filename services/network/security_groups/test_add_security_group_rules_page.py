"""The form that adds rules to a security group: what its fields make, open, warn of and refuse."""

from typing import Any

import pytest
from django.test import Client

from projects.models import Operation, Tenant
from services.network.models import SecurityGroup
from tests import factories
from tests.unit.group_pages import LOOK, asked, at, group, made, other, text
from tests.unit.group_pages import rule as filled

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ports": "0"}, "“0” is not a valid port"),
        ({"ports": "65536"}, "“65536” is not a valid port"),
        ({"ports": "http"}, "“http” is not a valid port"),
        ({"ports": "80,٤٤٣"}, "is not a valid port"),
        ({"ports": "9100-9000"}, "ends before it begins"),
        ({"protocol": "teleport"}, "Select a valid choice"),
        ({"protocol": "number"}, "number is still needed"),
        ({"protocol": "number", "number": "256"}, "At most 255"),
        ({"protocol": "icmp", "icmp_code": "0"}, "A code needs its type"),
        ({"protocol": "icmp", "icmp_type": "8"}, "differ between IPv4 and IPv6"),
        ({"end": "network"}, "The network is still needed"),
        ({"end": "network", "cidr": "10.0.0.0/33"}, "“10.0.0.0/33” is not a valid network"),
        ({"end": "network", "cidr": "office"}, "is not a valid network"),
        ({"end": "network", "cidr": "2001:db8::/32", "family": "IPv4"}, "a network of IPv6, and only IPv4 is chosen"),
        ({"end": "group"}, "The security group is still needed"),
        ({"end": "group", "group": "nowhere"}, "Select a valid choice"),
        ({"end": "everywhere"}, "Select a valid choice"),
        ({"direction": "sideways"}, "Select a valid choice"),
        ({"what": []}, "Choose what the rule is about"),
        ({"what": ["telnet"]}, "Select a valid choice"),
        ({"note": "x" * 256}, "at most 255"),
        ({"ports": ",".join(map(str, range(1000, 1060)))}, "At most 100 can be made at once"),
    ],
)
def test_a_rule_that_can_not_be_is_refused_in_words(member: Client, values: dict[str, Any], words: str) -> None:
    response = member.post(at("app", "rules/"), other() | values)
    assert response.status_code == 422
    assert words in text(response)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({"ports": ""}, [("IPv4", "tcp", None, None, "0.0.0.0/0"), ("IPv6", "tcp", None, None, "::/0")]),
        ({"ports": "8000 - 8100", "family": "IPv4"}, [("IPv4", "tcp", 8000, 8100, "0.0.0.0/0")]),
        (
            {"ports": "80, 443;9000:9100", "family": "IPv6"},
            [
                ("IPv6", "tcp", 80, 80, "::/0"),
                ("IPv6", "tcp", 443, 443, "::/0"),
                ("IPv6", "tcp", 9000, 9100, "::/0"),
            ],
        ),
        ({"protocol": "udp", "ports": "53", "family": "IPv4"}, [("IPv4", "udp", 53, 53, "0.0.0.0/0")]),
        ({"protocol": "any", "family": "IPv4"}, [("IPv4", "", None, None, "0.0.0.0/0")]),
        ({"protocol": "number", "number": "47", "family": "IPv4"}, [("IPv4", "47", None, None, "0.0.0.0/0")]),
        (
            {"protocol": "icmp", "icmp_type": "8", "icmp_code": "0", "family": "IPv4"},
            [("IPv4", "icmp", 8, 0, "0.0.0.0/0")],
        ),
        (
            {"end": "network", "cidr": "203.0.113.7/24, 2001:DB8::/32"},
            [("IPv4", "tcp", 8080, 8080, "203.0.113.0/24"), ("IPv6", "tcp", 8080, 8080, "2001:db8::/32")],
        ),
        ({"end": "network", "cidr": "203.0.113.9"}, [("IPv4", "tcp", 8080, 8080, "203.0.113.9/32")]),
        ({"what": ["other", "http"], "ports": "80", "family": "IPv4"}, [("IPv4", "tcp", 80, 80, "0.0.0.0/0")]),
    ],
)
def test_the_fields_make_rules(member: Client, values: dict[str, Any], rules: list[tuple[Any, ...]]) -> None:
    sent = other() | values
    response = member.post(at("app", "rules/"), sent | {"warned": warning(member, sent)})
    assert response.status_code == 302, text(response)
    assert made() == rules


def warning(client: Client, sent: dict[str, Any]) -> str:
    """Return what the form warns of, as the page has it."""
    page = text(client.post(at("app", "rules/"), sent, headers=LOOK))
    return page.partition('name="warned" value="')[2].partition('"')[0]


def test_a_group_may_be_the_other_end_also_the_group_itself(member: Client) -> None:
    own = group("app").external_id
    page = text(member.get(at("app")))
    assert f'<option value="{own}">This group itself</option>' in page
    member.post(at("app", "rules/"), other(end="group", group=own, family="IPv4"))
    assert (asked()["rules"][0]["remote_group_id"], asked()["rules"][0]["remote_cidr"]) == (own, "")


def test_a_rule_about_what_leaves(member: Client) -> None:
    member.post(at("app", "rules/"), other(direction="egress", family="IPv4"))
    assert asked()["rules"][0]["direction"] == "egress"


def test_adding_leads_back_to_the_group_with_its_operation(member: Client) -> None:
    response = member.post(at("app", "rules/"), filled())
    assert response["Location"] == f"{at('app')}?op={Operation.objects.get().pk}"


def test_a_risky_port_is_warned_of_and_not_refused(member: Client) -> None:
    sent = filled(what=["ssh"])
    looked = text(member.post(at("app", "rules/"), sent, headers=LOOK))
    assert "22/tcp (SSH) from anywhere is what break-ins begin with" in looked.replace("</b>", "").replace(
        '<b class="strong">', ""
    )
    assert "Check the warning first" not in looked
    # Without scripts nobody has seen it yet.
    first = member.post(at("app", "rules/"), sent)
    assert first.status_code == 422
    assert "Check the warning first" in text(first)
    assert 'name="warned" value="22/tcp (SSH)"' in text(first)
    assert not Operation.objects.exists()
    assert member.post(at("app", "rules/"), sent | {"warned": "22/tcp (SSH)"}).status_code == 302


def test_a_warning_of_something_else_does_not_count(member: Client) -> None:
    sent = other(ports="3306") | {"warned": "22/tcp (SSH)"}
    assert member.post(at("app", "rules/"), sent).status_code == 422
    assert not Operation.objects.exists()


def test_a_preview_says_what_opens_and_does_nothing(member: Client) -> None:
    page = text(member.post(at("web-public", "rules/"), filled(what=["http", "ssh"]), headers=LOOK))
    opening = page.partition('id="opening"')[2].partition("</ul>")[0]
    assert ("22/tcp" in opening, "80/tcp" in opening) == (True, False)  # 80 is open already
    page = text(member.post(at("web-public", "rules/"), filled(), headers=LOOK))
    assert "Nothing new: other rules let it through already." in page
    assert not Operation.objects.exists()


def test_a_preview_without_scripts_does_nothing_either(member: Client) -> None:
    response = member.post(at("app", "rules/"), filled(preview="1"))
    assert response.status_code == 200
    assert "80/tcp" in text(response).partition('id="opening"')[2]
    assert not Operation.objects.exists()


def test_rules_that_are_there_are_refused(member: Client) -> None:
    response = member.post(at("web-public", "rules/"), filled())
    assert response.status_code == 422
    assert "The group has these already." in text(response)


def test_what_is_left_shows_what_the_form_takes(member: Client, atlas: Tenant) -> None:
    factories.limits(atlas, security_group_rules=(98, 100))
    page = text(member.post(at("app", "rules/"), filled(what=["http", "https"]), headers=LOOK))
    assert "<b>98</b>" in page
    assert "+ 4" in page
    response = member.post(at("app", "rules/"), filled(what=["http", "https"]))
    assert response.status_code == 422
    assert "4 more security group rules are wanted, and atlas has 2 of 100 left in north." in text(response)


def test_a_group_of_another_tenant_is_no_other_end(member: Client, cast: factories.Cast) -> None:
    foreign = SecurityGroup.objects.filter(tenant=cast.borealis).first()
    assert foreign is not None
    response = member.post(at("app", "rules/"), other(end="group", group=foreign.external_id))
    assert response.status_code == 422
    assert not Operation.objects.exists()


def test_a_location_that_is_down_changes_nothing(member: Client, cast: factories.Cast) -> None:
    factories.down(cast.north)
    response = member.post(at("app", "rules/"), filled())
    assert response.status_code == 422
    assert "is not answering, so nothing can be changed there now" in text(response)


def test_a_double_click_is_one_operation(member: Client) -> None:
    for _ in range(2):
        assert member.post(at("app", "rules/"), filled()).status_code == 302
    assert Operation.objects.count() == 1
