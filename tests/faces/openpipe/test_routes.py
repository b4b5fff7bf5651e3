"""OpenPipe's log API over HTTP, from the key to the stored log."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logwright.errors import Unavailable
from logwright.http.services import Services
from logwright.logs.recorder import Recorder
from logwright.logs.types import Log, LogQuery, Order
from logwright.testing.application import Application, TestProject

LATEST = "/api/v1/local-testing-only-get-latest-logged-call"
ROUTES = ["/report", "/report-anthropic", "/logs/update-metadata", "/logs/update-tags"]


@pytest.fixture
def project(application: Application) -> TestProject:
    return application.project()


def logs_of(application: Application, project: TestProject) -> list[Log]:
    store = application.services.store

    async def read() -> list[Log]:
        return [log async for batch in store.iterate(project.id, LogQuery()) for log in batch]

    return application.run(read())


def a_report(**more: Any) -> dict[str, Any]:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "metadata": {"prompt_id": "triage"}}
    return {"requestedAt": 1700000000000, "receivedAt": 1700000001000, "reqPayload": asked, "statusCode": 200, **more}


def test_what_was_reported_is_found_by_the_next_request(application: Application, project: TestProject) -> None:
    answer = application.call("POST", "/api/v1/report", key=project.key, json=a_report(respPayload={"id": "c1"}))
    (log,) = logs_of(application, project)

    assert answer.json() == {"status": "ok"}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-logwright-log-id"] == log.id
    assert (log.model, log.status, log.source, log.completion_id) == ("gpt-4o", 200, "report", "c1")
    assert log.latency == 1.0
    assert dict(log.tags) == {"prompt_id": "triage"}


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "api-key"])
def test_a_key_is_taken_from_any_of_the_headers(application: Application, project: TestProject, header: str) -> None:
    value = f"Bearer {project.key}" if header == "authorization" else project.key

    assert application.call("POST", "/api/v1/report", headers={header: value}, json={}).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
def test_the_key_is_looked_at_before_the_body(application: Application, route: str) -> None:
    answer = application.call("POST", f"/api/v1{route}", content=b"{not json")

    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHORIZED"
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("route", ROUTES)
def test_a_key_that_may_only_read_is_told_so(application: Application, project: TestProject, route: str) -> None:
    answer = application.call("POST", f"/api/v1{route}", key=project.read_key, json={})

    assert answer.status_code == 401
    assert "only read" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "PARSE_ERROR"),
        (b"{", "PARSE_ERROR"),
        (b'{"tags": NaN}', "PARSE_ERROR"),
        (b'{"a": 1, "a": 2}', "BAD_REQUEST"),
        (b'{"errorMessage": "\\u0000"}', "BAD_REQUEST"),
        (b"[]", "BAD_REQUEST"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    application: Application, project: TestProject, body: bytes, code: str
) -> None:
    answer = application.call("POST", "/api/v1/report", key=project.key, content=body)

    assert answer.status_code == 400
    assert answer.json()["code"] == code


def test_a_wrong_field_is_named_in_the_issues(application: Application, project: TestProject) -> None:
    answer = application.call("POST", "/api/v1/report", key=project.key, json={"tags": {"a": []}})

    assert answer.status_code == 400
    assert answer.json()["message"] == "Input validation failed"
    assert answer.json()["code"] == "BAD_REQUEST"
    assert answer.json()["issues"][0]["message"].startswith("tags.a: ")
    assert answer.json()["error"]["param"] == "tags.a"


def test_thirty_reports_sent_four_times_each_are_thirty_logs(application: Application, project: TestProject) -> None:
    """R-8: three sends at once and one afterwards; the same keys in another project are other reports."""
    other = application.project()

    def send(number: int, to: TestProject) -> str:
        answer = application.call(
            "POST", "/api/v1/report", key=to.key, json=a_report(), headers={"Idempotency-Key": f"report-{number}"}
        )
        assert answer.json() == {"status": "ok"}
        return answer.headers["x-logwright-log-id"]

    with ThreadPoolExecutor(8) as senders:
        ids = list(senders.map(lambda turn: send(turn // 3, project), range(90)))
    again = [send(number, project) for number in range(30)]
    for number in range(5):
        send(number, other)

    stored = logs_of(application, project)
    assert len(stored) == 30
    assert {log.id for log in stored} == set(ids) == set(again)
    assert len(logs_of(application, other)) == 5


def test_an_anthropic_report_is_stored_in_openais_form(application: Application, project: TestProject) -> None:
    asked = {"model": "claude-3-5-haiku-20241022", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    answered = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-3-5-haiku-20241022",
        "content": [{"type": "text", "text": "Hi"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 8,
            "output_tokens": 2,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }
    report = {"reqPayload": asked, "respPayload": answered, "metadata": {"prompt_id": "p"}, "tags": {"n": 1}}

    answer = application.call("POST", "/api/v1/report-anthropic", key=project.key, json=report)
    shown = application.call("GET", LATEST, key=project.key).json()

    assert answer.json() == {"status": "ok"}
    assert shown["reqPayload"]["messages"] == [{"role": "user", "content": "Hello"}]
    assert shown["respPayload"]["choices"][0]["message"]["content"] == "Hi"
    assert shown["metadata"] == {"prompt_id": "p", "n": "1"}
    (log,) = logs_of(application, project)
    assert (log.input_tokens, log.output_tokens, log.provider_kind) == (8, 2, "anthropic")


def test_an_update_sets_deletes_and_leaves_the_others(application: Application, project: TestProject) -> None:
    for number in range(3):
        application.call("POST", "/api/v1/report", key=project.key, json=a_report(tags={"n": number, "old": "x"}))
    filters = [{"field": "metadata.n", "equals": 1}, {"field": "model", "equals": "gpt-4o"}]

    answer = application.call(
        "POST",
        "/api/v1/logs/update-metadata",
        key=project.key,
        json={"filters": filters, "metadata": {"old": None, "new": "y"}},
    )

    assert answer.json() == {"matchedLogs": 1}
    tags = {log.tags["n"]: dict(log.tags) for log in logs_of(application, project)}
    assert tags["1"] == {"prompt_id": "triage", "n": "1", "new": "y"}
    assert tags["0"] == {"prompt_id": "triage", "n": "0", "old": "x"}


def test_no_filters_change_every_log_of_the_project_and_of_no_other(
    application: Application, project: TestProject
) -> None:
    other = application.project()
    for each in (project, project, other):
        application.call("POST", "/api/v1/report", key=each.key, json=a_report())

    answer = application.call(
        "POST", "/api/v1/logs/update-metadata", key=project.key, json={"filters": [], "metadata": {"seen": "1"}}
    )

    assert answer.json() == {"matchedLogs": 2}
    assert "seen" not in logs_of(application, other)[0].tags


def test_an_unknown_filter_field_changes_nothing(application: Application, project: TestProject) -> None:
    application.call("POST", "/api/v1/report", key=project.key, json=a_report())

    answer = application.call(
        "POST",
        "/api/v1/logs/update-metadata",
        key=project.key,
        json={"filters": [{"field": "modle", "equals": "gpt-4o"}], "metadata": {"seen": "1"}},
    )

    assert answer.status_code == 400
    assert "'modle'" in answer.json()["issues"][0]["message"]
    assert "seen" not in logs_of(application, project)[0].tags


def test_the_old_update_takes_numbers_and_booleans(application: Application, project: TestProject) -> None:
    application.call("POST", "/api/v1/report", key=project.key, json=a_report())

    answer = application.call(
        "POST",
        "/api/v1/logs/update-tags",
        key=project.key,
        json={"filters": [{"field": "tags.prompt_id", "equals": "triage"}], "tags": {"n": 2, "b": False}},
    )

    assert answer.json() == {"matchedLogs": 1}
    assert dict(logs_of(application, project)[0].tags) == {"prompt_id": "triage", "n": "2", "b": "false"}


def test_the_cache_of_old_clients_is_always_empty(application: Application, project: TestProject) -> None:
    answer = application.call("POST", "/api/v1/check-cache", key=project.read_key, json={"reqPayload": {}})

    assert answer.json() == {"respPayload": None}


def test_the_newest_log_is_the_newest_by_its_request(application: Application, project: TestProject) -> None:
    for requested_at in (1700000002000, 1700000001000):
        application.call("POST", "/api/v1/report", key=project.key, json=a_report(requestedAt=requested_at))

    shown = application.call("GET", LATEST, key=project.key).json()

    assert shown["createdAt"] == "2023-11-14T22:13:22.000Z"
    assert set(shown) == {
        "createdAt",
        "cacheHit",
        "statusCode",
        "errorMessage",
        "reqPayload",
        "respPayload",
        "tags",
        "metadata",
    }


def test_the_testing_route_is_not_there_unless_asked_for(tmp_path: Path) -> None:
    with Application(tmp_path / "data") as plain:
        answer = plain.call("GET", LATEST, key=plain.project().key)

    assert answer.status_code == 404


class _FullDisk:
    """A journal that can take nothing."""

    def append(self, payload: bytes, done: object) -> int:
        raise AssertionError("nothing may be appended to a journal that refuses")

    async def record(self, payload: bytes) -> int:
        raise Unavailable("The disk is full")

    def refusal(self) -> str | None:
        return "The disk is full"


def test_a_report_is_not_acknowledged_when_it_cannot_be_kept(tmp_path: Path) -> None:
    def full(services: Services) -> Services:
        return replace(services, recorder=Recorder(_FullDisk()))

    with Application(tmp_path / "data", change=full) as refusing:
        answer = refusing.call("POST", "/api/v1/report", key=refusing.project().key, json={})
        ready = refusing.call("GET", "/readyz")

    assert answer.status_code == 503
    assert answer.json()["message"] == "The disk is full"
    assert answer.headers["retry-after"] == "1"
    assert ready.status_code == 503
    assert ready.json()["reasons"] == ["The disk is full"]


def test_newest_means_the_order_of_the_store(application: Application, project: TestProject) -> None:
    page = application.run(
        application.services.store.search(project.id, LogQuery(), order=Order(), after=None, limit=1)
    )

    assert page.items == []


def test_the_guides_example_is_a_report(application: Application, project: TestProject) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guide" / "clients.md").read_text()
    (example,) = re.findall(r"^```json\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)

    assert application.call("POST", "/api/v1/report", key=project.key, content=example).json() == {"status": "ok"}
    (log,) = logs_of(application, project)
    assert (log.latency, log.response_preview, dict(log.tags)) == (1.5, "Hi", {"prompt_id": "hello"})
