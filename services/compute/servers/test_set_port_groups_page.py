"""The sheet of a server's security groups: what would open and close, who reaches a port, and nobody's change lost."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.models import Operation, OperationTarget, Tenant
from services.compute.models import Server
from services.network.models import Port, SecurityGroup, SecurityGroupRule
from services.network.security_groups.reach_panel import run_together
from tests import factories, operations_factory

pytestmark = pytest.mark.django_db

HERE = "/atlas@north/"
LOOK = {"X-Meshdeck-Preview": "1"}
HOSTILE = "<img src=x onerror=alert(1)>"


def ident(name: str) -> str:
    return factories.ident(f"atlas@north/{name}")


WEB = ident("server/web-01")
PAGE = f"{HERE}servers/{WEB}/"
GROUPS = f"{PAGE}groups/"
PORT = ident("port/web-01/app-net")
SECOND = ident("port/web-01/backup-net")
SSH, DB, PUBLIC, APP = (ident(f"group/{name}") for name in ("ssh-office", "db-internal", "web-public", "app"))


@pytest.fixture
def cast() -> factories.Cast:
    """web-01 has ssh-office and db-internal, and the workers have app: what the mock-up shows."""
    people = factories.cast()
    Port.objects.filter(device_id=WEB).update(security_group_ids=[SSH, DB])
    for row in Server.objects.filter(tenant=people.atlas, name__startswith="worker-0").exclude(name="worker-07"):
        port = factories.port(people.atlas, row)
        Port.objects.filter(pk=port.pk).update(security_group_ids=[APP])
    SecurityGroupRule.objects.filter(group_id=SSH).update(description="Office")
    return people


def text(response: Any) -> str:
    """Return the sheet as it is read: plain spaces, no escapes, no markup of stress."""
    page = unescape(response.content.decode()).replace("\xa0", " ")
    sheet = page[page.index('id="reach"') :]
    return re.sub(r"</?b( [^>]*)?>", "", sheet)


def ticks(*group_ids: str, **values: Any) -> dict[str, Any]:
    """Return the form as it is sent with these ticked."""
    return {"port_id": PORT, "seen": ",".join(sorted([SSH, DB])), "group_ids": list(group_ids), "key": "k1", **values}


def look(client: Client, *group_ids: str, **values: Any) -> str:
    response = client.post(GROUPS, ticks(*group_ids, **values), headers=LOOK)
    assert response.status_code == 200
    return text(response)


def lines(page: str) -> list[tuple[str, str, str]]:
    """Who, what, and what becomes of it."""
    row = r'md-wire--\w+"><span class="from">([^<]*)<.*?<span class="mono">([^<]*)</span><small>([^<]*)'
    return re.findall(row, page)


def cards(page: str) -> dict[str, bool]:
    """Return the names on the cards, and whether each is ticked."""
    found = re.findall(r'name="group_ids"[^>]*?( checked)?(?: disabled)?>.*?<span>([^<]+)<', page)
    return {name: bool(checked) for checked, name in found}


def test_all_groups_of_the_project_are_cards_and_those_on_the_port_are_ticked_and_first(member: Client) -> None:
    page = text(member.get(PAGE))
    found = cards(page)
    assert found == {
        "db-internal": True,
        "ssh-office": True,
        "app": False,
        "default": False,
        "monitoring": False,
        "web-public": False,
    }
    assert list(found)[:2] == ["db-internal", "ssh-office"]
    assert "80, 443/tcp from anywhere" in page
    assert "lets nothing in, used as a source by db-internal" in page
    assert "everything from the same group" in page
    assert lines(page) == [("Office", "22/tcp", "lets in"), ("Group app", "5432/tcp", "lets in")]
    assert "Who reaches 10.0.4.17" in page


def buttons(page: str) -> dict[str, str]:
    """Return what the cards' own buttons say, by the card's name."""
    return {name: said for said, name in re.findall(r'__text">([^<]+)<span class="sr"> ([^<]+)<', page)}


def lets(atlas: Tenant, direction: str, group_id: str, cidr: str) -> None:
    """Let the group in, or out, by one rule more."""
    SecurityGroupRule.objects.create(
        **factories.seen(timezone.now(), atlas, f"{direction} {group_id} {cidr}", ""),
        group_id=group_id,
        direction=direction,
        ethertype="IPv4",
        remote_cidr=cidr,
    )


def test_what_a_card_tells_whole_is_done_by_its_button(member: Client) -> None:
    found = buttons(text(member.get(PAGE)))
    assert found["web-public"] == "Add now"
    assert found["db-internal"] == found["ssh-office"] == "Remove now"


def test_the_last_group_goes_only_after_a_look(member: Client) -> None:
    Port.objects.filter(external_id=PORT).update(security_group_ids=[SSH])
    assert "ssh-office" not in buttons(text(member.get(PAGE)))


def test_a_group_that_alone_lets_out_goes_only_after_a_look(member: Client, atlas: Tenant) -> None:
    lets(atlas, "egress", SSH, "0.0.0.0/0")
    found = buttons(text(member.get(PAGE)))
    assert "ssh-office" not in found
    assert found["db-internal"] == "Remove now"
    lets(atlas, "egress", DB, "0.0.0.0/0")
    assert buttons(text(member.get(PAGE)))["ssh-office"] == "Remove now"


def test_a_group_that_others_let_in_goes_only_after_a_look(member: Client) -> None:
    Port.objects.filter(external_id=PORT).update(security_group_ids=[SSH, APP])
    found = buttons(text(member.get(PAGE)))
    assert "app" not in found
    assert found["ssh-office"] == "Remove now"


def test_what_does_not_stand_whole_on_a_card_is_looked_at_first(member: Client, atlas: Tenant) -> None:
    for group_id in (DB, PUBLIC):
        for n in range(4):
            lets(atlas, "ingress", group_id, f"10.{n}.0.0/16")
    found = buttons(text(member.get(PAGE)))
    assert not {"db-internal", "web-public"} & found.keys()


def test_the_button_of_a_card_takes_its_group_away(member: Client) -> None:
    member.post(GROUPS, ticks(SSH, DB, **{"group_ids-without": DB}))
    assert Operation.objects.get().params["group_ids"] == [SSH]


def test_what_changes_is_what_the_mock_up_shows(member: Client) -> None:
    page = look(member, SSH, PUBLIC, to="443")
    assert "What changes for 10.0.4.17" in page
    assert "2 open" in page
    assert "1 closes" in page
    assert lines(page) == [
        ("Anywhere", "80/tcp", "opens"),
        ("Anywhere", "443/tcp", "opens"),
        ("Group app", "5432/tcp", "closes"),
        ("Office", "22/tcp", "stays open"),
    ]
    assert "0.0.0.0/0 and ::/0" in page
    assert "6 servers" in page
    assert "198.51.100.24 is a floating IP, so anywhere means the internet." in page
    assert "worker-01 to worker-06 can no longer reach 5432/tcp here." in page
    assert "Now nobody." in page
    assert "After saving: everyone on the internet, by web-public." in page
    assert "port set" in page
    assert "--security-group=web-public" in page
    assert "port unset" in page
    assert "Apply to app-net" in page
    assert not Operation.objects.exists()


def test_a_preview_without_scripts_changes_nothing(member: Client) -> None:
    response = member.post(GROUPS, ticks(SSH, PUBLIC, preview="1"))
    assert response.status_code == 200
    assert "2 open" in text(response)
    assert cards(text(response))["web-public"]
    assert not Operation.objects.exists()


def test_without_a_floating_ip_anywhere_is_not_the_internet(member: Client) -> None:
    page = look(member, SSH, PUBLIC, port_id=SECOND, to="443")
    assert "Without a floating IP, anywhere means every network that has a way here." in page
    assert "everyone on its networks, by web-public" in page
    assert "Apply to backup-net" in page


def test_each_port_has_a_tab_of_its_own(member: Client) -> None:
    Port.objects.filter(external_id=SECOND).update(security_group_ids=[PUBLIC])
    page = text(member.get(f"{PAGE}?port={SECOND}"))
    assert [name for name, on in cards(page).items() if on] == ["web-public"]
    assert "backup-net 192.168.20.4" in page
    assert "Who reaches 192.168.20.4" in page
    assert f'name="port_id" value="{SECOND}"' in page


def test_saving_asks_for_all_of_it_at_once_and_comes_back(member: Client) -> None:
    response = member.post(GROUPS, ticks(SSH, PUBLIC, to="443"))
    operation = Operation.objects.get()
    assert response["Location"] == f"{PAGE}?port={PORT}&to=443&op={operation.pk}#reach"
    assert operation.action == "set-port-groups"
    assert operation.params == {
        "server_id": WEB,
        "port_id": PORT,
        "group_ids": sorted([SSH, PUBLIC]),
        "seen": sorted([SSH, DB]),
    }
    assert operation.names[PUBLIC] == "web-public"


def quick(page: str) -> list[str]:
    """Return the ids of the groups that can be added in one click."""
    return re.findall(r'<button[^>]* name="group_ids" value="([^"]+)" formnovalidate>', page)


def test_a_group_is_added_in_one_click_with_what_is_on_the_port(member: Client) -> None:
    """The button is one more tick: what is ticked already is sent along."""
    assert set(quick(text(member.get(PAGE)))) == {PUBLIC, APP, ident("group/default"), ident("group/monitoring")}
    assert member.post(GROUPS, ticks(SSH, DB, PUBLIC)).status_code == 302
    assert Operation.objects.get().params["group_ids"] == sorted([SSH, DB, PUBLIC])


def test_what_hardly_anyone_means_to_open_takes_a_second_look(member: Client, atlas: Tenant) -> None:
    SecurityGroupRule.objects.filter(group_id=PUBLIC, port_min=80).update(port_min=22, port_max=22)
    assert PUBLIC not in quick(text(member.get(PAGE)))
    assert APP in quick(text(member.get(PAGE)))


def test_where_something_is_ticked_already_it_is_saved_with_all_the_rest(member: Client) -> None:
    assert quick(look(member, SSH, PUBLIC)) == []
    assert APP in quick(look(member, SSH, DB))


def test_a_double_click_is_one_operation(member: Client) -> None:
    for _ in range(2):
        assert member.post(GROUPS, ticks(SSH)).status_code == 302
    assert Operation.objects.count() == 1


def test_nothing_ticked_anew_asks_for_nothing(member: Client) -> None:
    response = member.post(GROUPS, ticks(SSH, DB))
    assert response.status_code == 422
    assert "Nothing is changed yet." in text(response)
    assert not Operation.objects.exists()


def test_all_groups_off_is_told(member: Client) -> None:
    page = look(member)
    assert "Without any group nothing gets in, and nothing gets out." in page
    assert "2 close" in page


def test_a_group_whose_rules_others_have_too_changes_nothing(member: Client, atlas: Tenant) -> None:
    twin = factories.group(atlas, "twin", "", ("tcp", 22, "203.0.113.0/24", ""))
    page = look(member, SSH, DB, twin.external_id)
    assert "Who gets in does not change." in page
    assert {verdict for _who, _what, verdict in lines(page)} == {"stays open"}


def test_who_gets_in_by_another_group_loses_nothing(member: Client, atlas: Tenant) -> None:
    near = factories.group(atlas, "near", "", ("tcp", 5432, "10.0.4.0/24", ""))
    page = look(member, SSH, near.external_id)
    assert ("Group app", "5432/tcp", "closes") in lines(page)
    assert "can no longer reach" not in page


def test_who_loses_everything_is_told_and_the_server_itself_is_not(member: Client, atlas: Tenant) -> None:
    default = ident("group/default")
    Port.objects.filter(external_id=PORT).update(security_group_ids=[default])
    Port.objects.filter(device_id__in=[ident("server/worker-01"), ident("server/worker-03")]).update(
        security_group_ids=[default]
    )
    page = look(member, PUBLIC, seen=default)
    assert ". worker-01 and worker-03 can no longer reach every port here." in page
    assert ("Group default", "everything", "closes") in lines(page)


def test_what_leaves_is_told_where_it_changes(member: Client, atlas: Tenant) -> None:
    for family in ("IPv4", "IPv6"):
        SecurityGroupRule.objects.create(
            **factories.seen(timezone.now(), atlas, f"out-{family}", ""),
            group_id=DB,
            direction="egress",
            ethertype=family,
        )
    page = look(member, SSH)
    assert ("To anywhere", "everything", "no longer leaves") in lines(page)
    assert "leaves" not in text(member.get(PAGE))


def test_a_risky_port_is_warned_of(member: Client, atlas: Tenant) -> None:
    open_ssh = factories.group(atlas, "open-ssh", "", ("tcp", 22, "0.0.0.0/0", ""))
    page = look(member, SSH, DB, open_ssh.external_id)
    assert "22/tcp (SSH) from anywhere is what break-ins begin with." in page
    assert "break-ins" not in look(member, SSH, DB, PUBLIC)


def test_a_port_that_is_asked_for_is_answered_also_without_a_change(member: Client) -> None:
    assert "Office (203.0.113.0/24), by ssh-office." in text(member.get(f"{PAGE}?to=22"))
    assert "Group app, by db-internal." in text(member.get(f"{PAGE}?to=5432"))
    assert "Nobody." in text(member.get(f"{PAGE}?to=443"))
    assert "After saving: the same." in look(member, SSH, PUBLIC, to="22")


@pytest.mark.parametrize("asked", ["99999", "-1", "443x", "٤٤٣", "9" * 500])
def test_what_is_no_port_is_told(member: Client, asked: str) -> None:
    assert "A port is a number from 0 to 65535." in text(member.get(PAGE, {"to": asked}))
    assert "A port is a number from 0 to 65535." in look(member, SSH, PUBLIC, to=asked)


def test_hostile_names_and_answers_are_text(member: Client) -> None:
    SecurityGroup.objects.filter(external_id=APP).update(name=HOSTILE)
    SecurityGroupRule.objects.filter(group_id=SSH).update(description=HOSTILE)
    response = member.post(GROUPS, ticks(SSH, APP, to=HOSTILE), headers=LOOK)
    assert HOSTILE.encode() not in response.content
    assert HOSTILE in text(response)


def test_somebody_elses_change_is_told_and_not_overwritten(member: Client) -> None:
    Port.objects.filter(external_id=PORT).update(security_group_ids=[SSH, DB, APP])
    response = member.post(GROUPS, ticks(SSH, PUBLIC))
    assert response.status_code == 422
    page = text(response)
    assert "Somebody else has changed them meanwhile: app was added." in page
    assert f'href="{GROUPS}?port={PORT}">Begin again with what is there' in page
    assert cards(page)["web-public"]  # what was ticked is kept
    assert not Operation.objects.exists()
    # With eyes open it can be done: "Put mine in its place" fills in what is there now.
    now = ",".join(sorted([SSH, DB, APP]))
    assert f'data-fill="seen" data-value="{now}"' in page
    assert member.post(GROUPS, ticks(SSH, PUBLIC, seen=now)).status_code == 302


def test_a_group_that_is_gone_is_told(member: Client) -> None:
    SecurityGroup.objects.filter(external_id=PUBLIC).delete()
    response = member.post(GROUPS, ticks(SSH, DB, PUBLIC))
    assert response.status_code == 422
    assert "A group that was ticked is no longer there." in text(response)
    assert not Operation.objects.exists()


def test_a_group_of_another_project_stays_and_is_told(member: Client) -> None:
    Port.objects.filter(external_id=PORT).update(security_group_ids=[SSH, "foreign"])
    page = text(member.get(f"{PAGE}?to=443"))
    assert list(cards(page))[:2] == ["ssh-office", "foreign"]
    assert "Nobody, as far as is known here." in page
    assert "Another project shares it: it stays as it is" in page
    assert "More may get in than is shown: a group of another project is on the port." in page
    # Whatever is sent.
    member.post(GROUPS, ticks(PUBLIC, seen=f"{SSH},foreign"))
    assert Operation.objects.get().params["group_ids"] == sorted([PUBLIC, "foreign"])


def test_a_port_without_port_security_has_no_groups(member: Client) -> None:
    Port.objects.filter(external_id=PORT).update(port_security=False, security_group_ids=[])
    page = text(member.get(PAGE))
    assert "Port security is off for this port" in page
    assert "Apply" not in page
    assert member.post(GROUPS, ticks(PUBLIC, seen="")).status_code == 422
    assert not Operation.objects.exists()


def test_a_port_without_an_address_is_called_by_what_it_has(member: Client) -> None:
    Port.objects.filter(external_id=PORT).update(fixed_ips=[])
    assert "Who reaches fa:16:3e:11:22:33" in text(member.get(f"{PAGE}?port={PORT}"))


def test_a_server_without_ports_is_told(member: Client) -> None:
    Port.objects.filter(device_id=WEB).delete()
    assert "The server has no port on a network" in text(member.get(PAGE))


def test_a_port_that_is_gone_is_not_exchanged_for_another(member: Client) -> None:
    response = member.post(GROUPS, ticks(PUBLIC, port_id="gone"))
    assert response.status_code == 422
    assert "The server has no such port any more." in text(response)
    other = Port.objects.exclude(device_id=WEB).filter(device_owner="compute:nova").first()
    assert other is not None
    assert member.post(GROUPS, ticks(PUBLIC, port_id=other.external_id)).status_code == 422
    assert not Operation.objects.exists()


def test_a_group_is_made_on_the_way_and_all_ticks_stay(member: Client, cast: factories.Cast) -> None:
    response = member.post(GROUPS, ticks(SSH, PUBLIC, create="1"))
    assert response.status_code == 302
    form = response["Location"]
    assert form.startswith(f"{HERE}security-groups/create/?next=")
    back = member.post(form, {"name": "fresh", "key": "k2"})["Location"]
    assert back.startswith(PAGE)
    page = text(member.get(back))
    assert {name for name, on in cards(page).items() if on} == {"ssh-office", "web-public"}
    assert "1 closes" in page
    # When it is there, it is ticked too.
    fresh = factories.group(cast.atlas, "fresh", "")
    operation = Operation.objects.get()
    OperationTarget.objects.create(operation=operation, kind="securitygroup", external_id=fresh.external_id)
    page = text(member.get(back))
    assert {name for name, on in cards(page).items() if on} == {"ssh-office", "web-public", "fresh"}


def test_an_operation_of_somebody_elses_tenant_ticks_nothing(member: Client, cast: factories.Cast) -> None:
    foreign = operations_factory.operation(cast.borealis, cast.admin, "create-security-group", {"name": "x"})
    OperationTarget.objects.create(operation=foreign, kind="securitygroup", external_id=PUBLIC)
    page = text(member.get(f"{PAGE}?tick={SSH}&op={foreign.pk}"))
    assert {name for name, on in cards(page).items() if on} == {"ssh-office"}


def test_a_reader_sees_it_all_and_changes_nothing(reader: Client) -> None:
    page = text(reader.get(f"{PAGE}?to=22"))
    assert cards(page)["ssh-office"]
    assert "<fieldset" in page
    assert " disabled>" in page
    assert "Office (203.0.113.0/24), by ssh-office." in page
    for word in ("Apply", "Discard", "Create a security group", 'id="groups" method="post"'):
        assert word not in page, word
    for response in (reader.post(GROUPS, ticks(SSH)), reader.post(GROUPS, ticks(SSH), headers=LOOK)):
        assert response.status_code == 403
    assert not Operation.objects.exists()


def test_a_reader_has_no_button_to_add_a_group(reader: Client) -> None:
    assert quick(text(reader.get(PAGE))) == []


def test_a_stranger_finds_nothing(cast: factories.Cast) -> None:
    stranger = Client()
    factories.log_in(stranger, cast.stranger)
    assert stranger.post(GROUPS, ticks(SSH)).status_code == 404
    assert not Operation.objects.exists()


def test_a_server_of_another_tenant_is_not_found(member: Client) -> None:
    assert member.post(f"/borealis@north/servers/{WEB}/groups/", ticks(SSH)).status_code == 404


def test_a_sheet_costs_as_much_with_a_thousand_servers(member: Client, atlas: Tenant) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            look(member, SSH, PUBLIC)
        return len(captured)

    queries()  # what a process remembers is there at the second look
    before = queries()
    factories.many_servers(atlas, 1000)
    assert queries() == before


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["web-01"], "web-01"),
        (["web-01", "web-02"], "web-01 and web-02"),
        (["web-01", "web-02", "web-03"], "web-01 to web-03"),
        (["web-01", "web-02", "web-04"], "web-01, web-02 and web-04"),
        (["web-9", "web-10", "web-11"], "web-9, web-10 and web-11"),
        (["1", "2", "3"], "1, 2 and 3"),
        ([f"n{i}x" for i in range(9)], "n0x, n1x, n2x, n3x, n4x, n5x and 3 more servers"),
        ([f"n{i}x" for i in range(7)], "n0x, n1x, n2x, n3x, n4x, n5x and 1 more server"),
    ],
)
def test_names_in_a_row_are_said_as_one(names: list[str], said: str) -> None:
    assert run_together(names) == said
