"""/healthz, /readyz and /metrics: what a load balancer and Prometheus see."""

import time

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from portal import health, metrics
from portal.tasks import heartbeat


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    health._noted.clear()


def ready(client: Client) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["parts"]


def all_live() -> None:
    health.note("worker")
    health.note("beat")
    heartbeat()


def test_a_process_that_answers_is_alive(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_the_portal_is_ready_when_every_part_does_its_work(client: Client) -> None:
    all_live()
    assert ready(client) == (
        200,
        {"database": "well", "redis": "well", "worker": "well", "beat": "well", "queue": "well"},
    )


@pytest.mark.django_db
def test_a_worker_that_was_never_seen_is_named(client: Client) -> None:
    health.note("beat")
    code, parts = ready(client)
    assert code == 503
    assert (parts["database"], parts["worker"], parts["beat"]) == ("well", "not seen yet", "well")


@pytest.mark.django_db
def test_a_clock_that_stands_still_is_named(client: Client) -> None:
    all_live()
    cache.set("seen:beat", time.time() - 90)
    code, parts = ready(client)
    assert (code, parts["worker"]) == (503, "well")
    assert parts["beat"].startswith("not seen for 9")


@pytest.mark.django_db
def test_a_database_that_is_gone_is_named_and_nothing_of_its_error_gets_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("password authentication failed for user meshdeck")

    all_live()
    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "does not answer")
    assert "password" not in answer.text


@pytest.mark.django_db
def test_a_redis_that_is_gone_is_named(client: Client, settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    code, parts = ready(client)
    assert code == 503
    assert parts["redis"] == "does not answer"
    assert parts["worker"] == "unknown: redis does not answer"


@pytest.mark.django_db
def test_metrics_tell_of_requests_tasks_and_clouds(client: Client) -> None:
    metrics.count(metrics.CLOUD_ERRORS, "north", "compute", "timed_out")
    metrics.observe(metrics.TASK_SECONDS, 0.7, "projects.refresh")
    client.get("/healthz")
    text = client.get("/metrics").text
    assert 'meshdeck_cloud_errors_total{kind="timed_out",location="north",service="compute"} 1.0' in text
    assert 'meshdeck_task_seconds_bucket{le="0.5",task="projects.refresh"} 0.0' in text
    assert 'meshdeck_task_seconds_bucket{le="1.0",task="projects.refresh"} 1.0' in text
    assert "meshdeck_queue_length 0.0" in text
    assert "django_http_requests_total_by_view_transport_method_total" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stranger", [{"REMOTE_ADDR": "10.1.2.3"}, {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}]
)
def test_metrics_are_not_there_for_strangers(client: Client, stranger: dict[str, str]) -> None:
    assert client.get("/metrics", **stranger).status_code == 404


@pytest.mark.django_db
def test_the_token_opens_the_metrics_and_a_wrong_one_does_not(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "so-long-a-token"
    away = {"REMOTE_ADDR": "10.1.2.3"}
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer so-long-a-token", **away).status_code == 200
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer so-long-a-tokex", **away).status_code == 404
    assert client.get("/metrics").status_code == 404
