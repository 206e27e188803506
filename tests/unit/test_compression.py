"""Pages that the portal compresses itself."""

import gzip

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from portal.compression import PADDING, CompressionMiddleware
from tests import factories

PAGE = "<!doctype html>" + "<p>words</p>" * 400


def answer(response: HttpResponseBase, accepts: str = "gzip, br") -> HttpResponseBase:
    request: HttpRequest = RequestFactory().get("/", headers={"Accept-Encoding": accepts})
    return CompressionMiddleware(lambda _request: response)(request)


def test_a_page_is_compressed_and_says_so() -> None:
    found = answer(HttpResponse(PAGE))
    assert isinstance(found, HttpResponse)
    assert gzip.decompress(found.content).decode() == PAGE
    assert found["Content-Encoding"] == "gzip"
    assert found["Vary"] == "Accept-Encoding"
    assert int(found["Content-Length"]) == len(found.content) < len(PAGE) / 10


def test_lengths_of_the_same_page_differ() -> None:
    lengths = {int(answer(HttpResponse(PAGE))["Content-Length"]) for _ in range(200)}
    assert len(lengths) > 30
    assert max(lengths) - min(lengths) <= PADDING


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(PAGE, headers={"Content-Disposition": 'attachment; filename="key.pem"'}),
        HttpResponse(PAGE, content_type="text/x-shellscript"),
        HttpResponse(PAGE, content_type="application/json"),
        HttpResponse("<p>small</p>"),
        HttpResponse(status=204),
        StreamingHttpResponse([PAGE]),
    ],
    ids=["download", "script", "json", "small", "nothing new", "stream"],
)
def test_what_is_no_page_stays_as_it_is(response: HttpResponseBase) -> None:
    assert not answer(response).has_header("Content-Encoding")


def test_a_browser_without_gzip_gets_the_page_plain() -> None:
    found = answer(HttpResponse(PAGE), accepts="br")
    assert isinstance(found, HttpResponse)
    assert found.content.decode() == PAGE
    assert found["Vary"] == "Accept-Encoding"


@pytest.mark.django_db
def test_the_csrf_token_is_another_one_in_each_answer(client: Client) -> None:
    cast = factories.cast()
    factories.log_in(client, cast.member)
    pages = [
        gzip.decompress(client.get("/atlas@north/", headers={"Accept-Encoding": "gzip"}).content) for _ in range(2)
    ]
    tokens = [page.split(b'name="csrfmiddlewaretoken" value="')[1].split(b'"')[0] for page in pages]
    assert tokens[0] != tokens[1]
