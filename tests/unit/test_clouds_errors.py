"""Every fault becomes one typed error, in plain words and without secrets."""

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from keystoneauth1 import exceptions as ksa
from openstack import exceptions as sdk

from clouds import errors
from clouds.openstack import answers
from clouds.openstack.services import Service


def response(status: int, body: str = "", **headers: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer.url = "http://user:word@cloud.test/v2.1/servers?token=secret#part"
    answer._content = body.encode()
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (300, "", {}, errors.Garbled),
        (304, "", {}, errors.Garbled),
        (400, "", {}, errors.Invalid),
        (401, "", {}, errors.Unauthorized),
        (403, "", {}, errors.Forbidden),
        (404, "", {}, errors.NotFound),
        (409, "", {}, errors.Conflict),
        (410, "", {}, errors.NotFound),
        (412, "", {}, errors.Conflict),
        (413, "", {}, errors.Invalid),
        (413, "", {"Retry_After": "3"}, errors.RateLimited),
        (422, "", {}, errors.Invalid),
        (429, "", {}, errors.RateLimited),
        (500, "", {}, errors.ServerFault),
        (501, "", {}, errors.Invalid),
        (504, "<html>", {}, errors.ServerFault),
        # The three services' own ways to say that the quota is used up.
        (403, '{"forbidden": {"message": "Quota exceeded for cores: Requested 4"}}', {}, errors.QuotaExceeded),
        (409, '{"NeutronError": {"type": "OverQuota", "message": "No more"}}', {}, errors.QuotaExceeded),
        (413, '{"overLimit": {"message": "VolumeLimitExceeded: exceeds allowed quota"}}', {}, errors.QuotaExceeded),
        (400, '{"badRequest": {"message": "Invalid volume: Volume status must be available"}}', {}, errors.Conflict),
        (400, '{"badRequest": {"message": "Invalid snapshot: Snapshot status must be"}}', {}, errors.Conflict),
        (400, '{"badRequest": {"message": "Invalid input received: Invalid volume: 3"}}', {}, errors.Invalid),
        # Cinder's own come with a Retry-After of 0, and some without the word quota.
        (413, '{"overLimit": {"message": "exceeds allowed quota"}}', {"Retry_After": "0"}, errors.QuotaExceeded),
        (413, '{"overLimit": {"message": "Maximum exceeded"}}', {"Retry_After": "0"}, errors.QuotaExceeded),
        (413, '{"overLimit": {"message": "It was rate-limited."}}', {"Retry_After": "0"}, errors.RateLimited),
        (413, '{"overLimit": {"message": "exceeds the quota"}}', {"Retry_After": "9"}, errors.RateLimited),
    ],
)
def test_a_status_becomes_its_error(
    status: int, body: str, headers: dict[str, str], kind: type[errors.CloudError]
) -> None:
    error = answers.from_response(Service.COMPUTE, response(status, body, **headers))
    assert type(error) is kind
    assert error.status == status
    assert error.service is Service.COMPUTE


@pytest.mark.parametrize(
    ("body", "content_type", "detail"),
    [
        ('{"itemNotFound": {"message": "Instance x could not be found.", "code": 404}}', "application/json", None),
        ('{"error": {"code": 404, "message": "Instance x could not be found.", "title": "No"}}', "text/html", None),
        ('{"NeutronError": {"type": "PortNotFound", "message": "Gone", "detail": ""}}', "", "PortNotFound: Gone"),
        ('{"errors": [{"status": 406, "title": "Not Acceptable"}]}', "application/json", "Not Acceptable"),
        ("Upload exceeds quota.", "text/plain", "Upload exceeds quota."),
        ("<html><h1>Not Found</h1></html>", "text/html", ""),
        ('{"truncated', "application/json", ""),
        ('{"a": {"b": {"c": {"d": {"e": "deep"}}}}}', "application/json", ""),
        ('{"message": null}', "application/json", ""),
    ],
)
def test_the_clouds_own_words_are_kept(body: str, content_type: str, detail: str | None) -> None:
    error = answers.from_response(None, response(404, body, Content_Type=content_type))
    assert error.detail == ("Instance x could not be found." if detail is None else detail)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (requests.exceptions.ConnectionError("http://u:secret@x/?token=secret"), errors.Unreachable),
        (requests.exceptions.ConnectTimeout("secret"), errors.TimedOut),
        (requests.exceptions.ReadTimeout("secret"), errors.TimedOut),
        (requests.exceptions.SSLError("certificate has expired; secret"), errors.Untrusted),
        (requests.exceptions.TooManyRedirects("secret"), errors.Garbled),
        (requests.exceptions.ChunkedEncodingError("secret"), errors.Garbled),
        (requests.exceptions.ContentDecodingError("secret"), errors.Garbled),
        (requests.exceptions.InvalidURL("secret"), errors.Unreachable),
        (requests.exceptions.InvalidSchema("secret"), errors.Unreachable),
        (requests.exceptions.JSONDecodeError("secret", "secret", 0), errors.Garbled),
        (ksa.ConnectFailure("secret"), errors.Unreachable),
        (ksa.ConnectTimeout("secret"), errors.TimedOut),
        (ksa.SSLError("secret"), errors.Untrusted),
        (ksa.EndpointNotFound("secret"), errors.NotFound),
        (ksa.MissingAuthPlugin("secret"), errors.Unauthorized),
        (ksa.DiscoveryFailure("secret"), errors.Garbled),
        (ksa.NotFound("secret", response=response(404)), errors.NotFound),
        (ksa.ServiceUnavailable("secret", response=response(503)), errors.ServerFault),
        (sdk.ResourceTimeout("secret"), errors.TimedOut),
        (sdk.EndpointNotFound("secret"), errors.NotFound),
        (sdk.ConflictException("secret", response=response(409)), errors.Conflict),
        (sdk.InvalidResponse("secret"), errors.Garbled),
        (sdk.SDKException("secret"), errors.Garbled),
    ],
)
def test_what_the_libraries_raise_is_translated_without_their_words(
    raised: Exception, kind: type[errors.CloudError]
) -> None:
    with pytest.raises(errors.CloudError) as caught, answers.translated(Service.IMAGE, "http://u:secret@x/a?secret"):
        raise raised
    assert type(caught.value) is kind
    assert "secret" not in f"{caught.value!r} {caught.value.__dict__}"
    assert caught.value.__suppress_context__


def test_our_own_faults_are_not_taken_for_the_clouds() -> None:
    with pytest.raises(KeyError), answers.translated(Service.IMAGE):
        raise KeyError("ours")


def test_an_address_is_kept_without_user_query_and_fragment() -> None:
    assert answers.from_response(None, response(500)).url == "http://cloud.test/v2.1/servers"


@pytest.mark.parametrize(
    "secret",
    [
        "gAAAAABnvN3kq0T1X2y3Z4a5b6c7d8e9f0",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtIn0.c2ln",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtIn0",
        "Bearer abcdef",
    ],
)
def test_tokens_are_struck_out(secret: str) -> None:
    error = answers.from_response(None, response(400, f"token {secret} refused", Content_Type="text/plain"))
    assert error.detail.endswith("*** refused")
    assert secret.split()[-1] not in error.detail


def test_long_words_of_the_cloud_are_shortened_visibly() -> None:
    error = answers.from_response(None, response(400, "word " * 500, Content_Type="text/plain"))
    assert len(error.detail) == 300
    assert error.detail.endswith("…")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Mon, 23 Nov 2026 20:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 19:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert errors.retry_after(header, datetime(2026, 11, 23, 20, tzinfo=UTC)) == seconds


def test_a_rate_limit_says_how_long_to_wait() -> None:
    error = answers.from_response(None, response(429, "", Retry_After="9"))
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after == 9.0


@pytest.mark.parametrize("header", ["X-Openstack-Request-Id", "X-Compute-Request-Id", "X-Trans-Id"])
def test_the_request_id_is_found_under_each_of_its_names(header: str) -> None:
    assert answers.from_response(None, response(500, "", **{header: "req-1"})).request_id == "req-1"


def test_an_error_survives_pickling_with_all_it_knows() -> None:
    error: Any = answers.from_response(Service.NETWORK, response(429, "", Retry_After="9"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - as Celery does with its own results
    assert type(again) is errors.RateLimited
    assert again.__dict__ == error.__dict__


def test_each_kind_has_a_code_of_its_own() -> None:
    todo, codes = [errors.CloudError], []
    while todo:
        kind = todo.pop()
        codes.append(kind.code)
        todo.extend(kind.__subclasses__())
    assert len(codes) == len(set(codes)) == 15
