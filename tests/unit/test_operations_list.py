"""The project's audit log as a list, and as files."""

import csv
import io
import json

import pytest
from django.test import Client

from projects.models import Operation
from services.block_storage.models import Volume
from services.compute.models import Server
from tests import factories, operations_factory
from tests.operations_factory import State, attaching, history, operation

pytestmark = pytest.mark.django_db

NORTH = "/atlas@north/"


@pytest.fixture
def done(cast: factories.Cast) -> Operation:
    return operations_factory.done(cast)


@pytest.fixture
def failed(cast: factories.Cast) -> Operation:
    return operations_factory.failed(cast)


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def listed(client: Client, query: str = "") -> list[str]:
    rows = client.get(f"{NORTH}operations/{query}").context["rows"]
    return ["".join(part.text for part in row["parts"]) for row in rows]


def test_the_list_is_newest_first_with_the_names_strong(member: Client, cast: factories.Cast) -> None:
    history(cast)
    assert listed(member)[:3] == [
        "Create volume pg-data-03 and attach it to db-01",
        "Attached web-assets to web-01",
        "Attach logs-archive to worker-07",
    ]
    parts = member.get(f"{NORTH}operations/").context["rows"][1]["parts"]
    assert [part.text for part in parts if part.strong] == ["web-assets", "web-01"]


def test_filters_and_search_leave_what_fits(member: Client, cast: factories.Cast) -> None:
    history(cast)
    volume = factories.ident("atlas@north/volume/logs-01")
    assert listed(member, "?state=failed") == ["Attach logs-archive to worker-07"]
    assert listed(member, "?action=detach-volume") == ["Detach pg-data-01 from db-01"]
    assert listed(member, "?by=member&state=done") == ["Attached logs-01 to web-02"]
    assert len(listed(member, f"?thing=volume:{volume}")) == 4
    assert listed(member, f"?thing=server:{volume}") == []
    assert listed(member, "?q=worker-07") == ["Attach logs-archive to worker-07"]
    assert listed(member, "?q=PG-data-03") == ["Create volume pg-data-03 and attach it to db-01"]
    assert listed(member, "?q=detach") == ["Detach pg-data-01 from db-01"]
    assert listed(member, "?state=nonsense") == []
    assert "1</b> of 11" in page(member, f"{NORTH}operations/?state=failed")


def test_names_beyond_ascii_are_found(member: Client, cast: factories.Cast) -> None:
    Volume.objects.filter(tenant=cast.atlas, name="logs-archive").update(name="журнал")
    operation(cast.atlas, cast.admin, "attach-volume", attaching(cast.atlas, "logs-archive", "web-01"))
    assert listed(member, "?q=журнал") == ["Attached журнал to web-01"]


def test_the_chip_of_a_thing_says_its_name(member: Client, done: Operation) -> None:
    chips = member.get(f"{NORTH}operations/?thing=volume:{done.params['volume_id']}").context["filters"]
    assert [str(chip.chosen) for chip in chips if chip.key == "thing"] == ["logs-01"]


def test_the_csv_has_all_that_the_filter_lets_through_and_no_formula(member: Client, cast: factories.Cast) -> None:
    Server.objects.filter(tenant=cast.atlas, name="web-01").update(name='=HYPERLINK("http://evil")')
    wanted = attaching(cast.atlas, "logs-archive", "web-01")
    for _ in range(60):
        operation(cast.atlas, cast.admin, "attach-volume", wanted, state=State.FAILED, reason="=1+1", step=1)
    operation(cast.atlas, cast.member, "attach-volume", wanted)
    answer = member.get(f"{NORTH}operations/?state=failed&format=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="atlas-north-operations.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert len(rows) == 60, "not only one page of them"
    assert {row["reason"] for row in rows} == {"'=1+1"}
    assert {row["asked_by"] for row in rows} == {"admin"}
    assert rows[0]["targets"] == f"volume:{wanted['volume_id']} server:{wanted['server_id']}"


def test_the_json_has_steps_and_what_was_asked_for(member: Client, failed: Operation) -> None:
    (one,) = json.loads(member.get(f"{NORTH}operations/?format=json").getvalue())
    assert (one["id"], one["state"], one["params"]) == (failed.pk, "failed", failed.params)
    assert [step["key"] for step in one["steps"]] == ["attach"]
    assert one["seconds"] == 2.3
    assert one["targets"][0]["name"] == "logs-archive"


def test_an_export_of_nothing_is_whole_too(member: Client, cast: factories.Cast) -> None:
    assert json.loads(member.get(f"{NORTH}operations/?format=json").getvalue()) == []
    assert member.get(f"{NORTH}operations/?format=csv").getvalue().decode().startswith("id,what,action")
