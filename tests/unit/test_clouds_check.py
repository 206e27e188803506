"""The operator's check: each broken link of the chain is named, with what to mend."""

from dataclasses import replace

import pytest
import requests
import requests_mock

from clouds import errors
from clouds.openstack import check
from clouds.openstack.check import Outcome, StepName
from clouds.openstack.services import Service
from tests.unit.clouds_fake import ACCESS_TOKEN, FEDERATION, KEYSTONE, NOVA, SWIFT, WAY_IN, FakeCloud


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


def outcomes(steps: list[check.Step]) -> dict[str, Outcome]:
    return {step.service or step.name: step.outcome for step in steps}


def test_a_cloud_that_is_well_passes_every_step(cloud: FakeCloud) -> None:
    steps = list(check.check(FEDERATION, ACCESS_TOKEN))
    assert outcomes(steps) == {
        StepName.ENDPOINT: Outcome.OK,
        StepName.TLS: Outcome.LACKING,
        StepName.KEYSTONE: Outcome.OK,
        StepName.FEDERATION: Outcome.OK,
        StepName.MAPPING: Outcome.OK,
        StepName.PROJECTS: Outcome.OK,
        StepName.REGION: Outcome.OK,
        **{service.value: Outcome.OK for service in Service},
    }
    assert [step.found for step in steps if step.name is StepName.PROJECTS] == [
        "1 (atlas); as reader, member in atlas."
    ]
    assert next(step.found for step in steps if step.service is Service.COMPUTE).startswith(
        f"{NOVA}, version 2.1, up to 2.96, using 2.73"
    )


def test_the_address_may_be_without_its_version(cloud: FakeCloud) -> None:
    federation = replace(FEDERATION, auth_url="http://cloud.test:5000/")
    assert Outcome.FAILED not in outcomes(list(check.check(federation, ACCESS_TOKEN))).values()


def test_without_a_persons_token_the_rest_is_skipped_and_says_so(cloud: FakeCloud) -> None:
    cloud.mock.post(WAY_IN, status_code=401, headers={"WWW-Authenticate": "Bearer"})
    steps = list(check.check(FEDERATION))
    assert [step.name for step in steps if step.outcome is Outcome.SKIPPED] == list(StepName)[4:]
    assert "access token" in steps[-1].found


@pytest.mark.parametrize(
    ("raised", "broken"),
    [
        (requests.exceptions.ConnectionError, StepName.ENDPOINT),
        (requests.exceptions.ConnectTimeout, StepName.ENDPOINT),
        (requests.exceptions.SSLError, StepName.TLS),
    ],
)
def test_an_address_that_does_not_answer_fails_at_its_step(
    cloud: FakeCloud, raised: type[Exception], broken: StepName
) -> None:
    cloud.break_service("http://cloud.test", exc=raised)
    steps = list(check.check(FEDERATION, ACCESS_TOKEN))
    names = list(StepName)
    assert [step.name for step in steps if step.outcome is Outcome.FAILED] == [broken]
    assert [step.name for step in steps] == names
    assert {step.outcome for step in steps[names.index(broken) + 1 :]} == {Outcome.SKIPPED}
    assert steps[names.index(broken)].mend


def test_another_service_in_keystones_place_fails_as_keystone(cloud: FakeCloud) -> None:
    cloud.break_service("http://cloud.test", text="<html>Horizon</html>")
    failed = [step for step in check.check(FEDERATION, ACCESS_TOKEN) if step.outcome is Outcome.FAILED]
    assert [step.name for step in failed] == [StepName.KEYSTONE]
    assert "HTML" in failed[0].found


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ({"status_code": 404}, errors.NotFound, "does not know this identity provider or protocol"),
        ({"status_code": 302, "headers": {"Location": "http://p.test/"}}, errors.Forbidden, "login page"),
        (
            {
                "status_code": 401,
                "json": {"error": {"message": "Attempted to authenticate with an unsupported method."}},
            },
            errors.Forbidden,
            "no authentication method openid",
        ),
        ({"status_code": 201}, errors.Garbled, "201"),
        ({"status_code": 500}, errors.ServerFault, "500"),
    ],
)
def test_a_cloud_without_federation_is_refused_with_the_reason(
    cloud: FakeCloud, answer: dict[str, object], kind: type[errors.CloudError], says: str
) -> None:
    cloud.mock.post(WAY_IN, **answer)  # type: ignore[arg-type]
    with pytest.raises(errors.CloudError, match=says) as caught:
        check.probe_federation(FEDERATION)
    assert type(caught.value) is kind
    failed = [step for step in check.check(FEDERATION, ACCESS_TOKEN) if step.outcome is Outcome.FAILED]
    assert [step.name for step in failed] == [StepName.FEDERATION]
    assert "federation protocol create" in failed[0].mend


def test_the_probe_sends_no_token(cloud: FakeCloud) -> None:
    check.probe_federation(FEDERATION)
    assert cloud.mock.last_request is not None
    assert "Authorization" not in cloud.mock.last_request.headers


def test_a_person_whom_the_mapping_does_not_know_fails_at_the_mapping(cloud: FakeCloud) -> None:
    failed = [step for step in check.check(FEDERATION, "foreign") if step.outcome is Outcome.FAILED]
    assert [step.name for step in failed] == [StepName.MAPPING]
    assert "mapping show" in failed[0].mend


def test_a_provider_that_only_shows_missing_with_a_token_is_mended_as_federation(cloud: FakeCloud) -> None:
    cloud.mock.post(WAY_IN, [{"status_code": 401}, {"status_code": 404}])
    failed = [step for step in check.check(FEDERATION, ACCESS_TOKEN) if step.outcome is Outcome.FAILED]
    assert [step.name for step in failed] == [StepName.MAPPING]
    assert "identity provider create" in failed[0].mend


def test_a_person_without_projects_fails_at_the_projects(cloud: FakeCloud) -> None:
    cloud.mock.get(f"{KEYSTONE}/auth/projects", json={"projects": []})
    failed = [step for step in check.check(FEDERATION, ACCESS_TOKEN) if step.outcome is Outcome.FAILED]
    assert [step.name for step in failed] == [StepName.PROJECTS]
    assert "role add" in failed[0].mend


def test_a_wrong_region_fails_and_names_those_that_are_there(cloud: FakeCloud) -> None:
    failed = [
        step
        for step in check.check(replace(FEDERATION, region="south"), ACCESS_TOKEN)
        if step.outcome is Outcome.FAILED
    ]
    assert [(step.name, step.found) for step in failed] == [
        (StepName.REGION, "There is no region south. Regions found: far, north.")
    ]


def test_several_regions_and_none_chosen_is_told(cloud: FakeCloud) -> None:
    cloud.break_service("http://far.test", status_code=404)
    steps = outcomes(list(check.check(replace(FEDERATION, region=""), ACCESS_TOKEN)))
    assert steps[StepName.REGION] is Outcome.LACKING


def test_one_broken_service_fails_alone(cloud: FakeCloud) -> None:
    cloud.break_service(NOVA, status_code=503)
    failed = [step for step in check.check(FEDERATION, ACCESS_TOKEN) if step.outcome is Outcome.FAILED]
    assert [step.service for step in failed] == [Service.COMPUTE]


def test_a_service_that_can_be_done_without_is_lacking(cloud: FakeCloud) -> None:
    cloud.catalog = [entry for entry in cloud.catalog if entry["type"] != "object-store"]
    steps = outcomes(list(check.check(FEDERATION, ACCESS_TOKEN)))
    assert steps[Service.OBJECT_STORE] is Outcome.LACKING
    assert cloud.paths(SWIFT) == []


def test_no_step_shows_a_token(cloud: FakeCloud) -> None:
    steps = list(check.check(FEDERATION, ACCESS_TOKEN))
    assert ACCESS_TOKEN not in repr(steps)
    assert "gAAAA" not in repr(steps)
