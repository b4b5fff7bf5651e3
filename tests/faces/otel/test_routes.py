"""Spans sent over HTTP, from the key to the stored log."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from tests.faces.otel.spans import a_span, as_json, as_protobuf

from logwright.gateway.paths import SPAN_PATHS
from logwright.http.services import Services
from logwright.logs.recorder import Recorder
from logwright.testing.application import Application, TestProject

JSON = {"content-type": "application/json"}
PROTOBUF = {"content-type": "application/x-protobuf"}
CHAT = a_span(
    attributes={
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "Hi",
    }
)
OTHER = a_span(2, attributes={"http.request.method": "GET"})


@pytest.fixture
def project(application: Application) -> TestProject:
    return application.project()


def logs_of(application: Application, project: TestProject) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = application.call("GET", "/api/manage/logs", key=project.key).json()["data"]
    return found


@pytest.mark.parametrize("path", SPAN_PATHS)
@pytest.mark.parametrize(("write", "headers"), [(as_json, JSON), (as_protobuf, PROTOBUF)], ids=["json", "protobuf"])
def test_a_span_is_a_log_that_the_next_request_finds(
    application: Application, project: TestProject, path: str, write: Any, headers: dict[str, str]
) -> None:
    answer = application.call("POST", path, key=project.key, content=write(CHAT, OTHER), headers=headers)
    (log,) = logs_of(application, project)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == headers["content-type"]
    assert (answer.headers["x-logwright-logs"], answer.headers["x-logwright-other-spans"]) == ("1", "1")
    assert (log["source"], log["kind"], log["model"], log["request_preview"]) == (
        "otel",
        "chat_completion",
        "gpt-4o",
        "Hi",
    )
    assert log["input_tokens"] == 3


def test_a_batch_that_is_sent_again_is_stored_once(application: Application, project: TestProject) -> None:
    for body, headers in ((as_json(CHAT), JSON), (as_protobuf(CHAT), PROTOBUF)):
        assert application.call("POST", "/v1/traces", key=project.key, content=body, headers=headers).is_success

    assert len(logs_of(application, project)) == 1


def test_packed_spans_are_unpacked(application: Application, project: TestProject) -> None:
    packed = gzip.compress(as_protobuf(CHAT))

    answer = application.call(
        "POST", "/v1/traces", key=project.key, content=packed, headers={**PROTOBUF, "content-encoding": "gzip"}
    )

    assert answer.status_code == 200
    assert answer.content == b""
    assert len(logs_of(application, project)) == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (b"\xff\xff", PROTOBUF, 400, b"protobuf"),
        (b"{", JSON, 400, b"JSON"),
        (b"x", {**PROTOBUF, "content-encoding": "gzip"}, 400, b"gzip"),
        (gzip.compress(b"x" * 100, mtime=0)[:-9], {**PROTOBUF, "content-encoding": "gzip"}, 400, b"ends within"),
        (gzip.compress(bytes(11 << 20)), {**PROTOBUF, "content-encoding": "gzip"}, 413, b"unpacked"),
        (b"x", {**PROTOBUF, "content-encoding": "br"}, 415, b"br"),
        (b"x", {"content-type": "text/plain"}, 415, b"text/plain"),
        (b"x", {}, 415, b"application/x-protobuf"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    application: Application, project: TestProject, body: bytes, headers: dict[str, str], status: int, words: bytes
) -> None:
    answer = application.call("POST", "/v1/traces", key=project.key, content=body, headers=headers)

    assert answer.status_code == status
    assert words in answer.content


def test_spans_that_are_none_are_told_as_a_partial_success(application: Application, project: TestProject) -> None:
    body = as_protobuf(CHAT, replace(CHAT, span_id="0" * 16))

    answer = application.call("POST", "/v1/traces", key=project.key, content=body, headers=PROTOBUF)

    told = ExportTraceServiceResponse.FromString(answer.content)
    assert answer.status_code == 200
    assert told.partial_success.rejected_spans == 1
    assert len(logs_of(application, project)) == 1


def test_an_empty_batch_is_a_success(application: Application, project: TestProject) -> None:
    for body, headers in ((b"", PROTOBUF), (b"{}", JSON)):
        assert application.call("POST", "/v1/traces", key=project.key, content=body, headers=headers).status_code == 200


def test_a_key_is_taken_as_a_password_too(application: Application, project: TestProject) -> None:
    """Langfuse's exporters send a pair of keys so."""
    pair = base64.b64encode(f"pk-anything:{project.key}".encode()).decode()

    answer = application.call(
        "POST",
        "/api/public/otel/v1/traces",
        content=as_json(CHAT),
        headers={**JSON, "authorization": f"Basic {pair}"},
    )

    assert answer.status_code == 200


def test_a_key_that_may_only_read_sends_nothing(application: Application, project: TestProject) -> None:
    answer = application.call("POST", "/v1/traces", key=project.read_key, content=as_json(CHAT), headers=JSON)

    assert answer.status_code == 403


def test_where_nothing_can_be_recorded_the_exporter_is_told_to_try_again(tmp_path: Path) -> None:
    class Full:
        def append(self, payload: bytes, done: Any) -> int:
            raise AssertionError("nothing may be appended")

        async def record(self, payload: bytes) -> int:
            raise AssertionError("nothing may be recorded")

        def refusal(self) -> str | None:
            return "The disk is full"

    def change(services: Services) -> Services:
        return replace(services, recorder=Recorder(Full()))

    with Application(tmp_path / "data", change=change) as full:
        answer = full.call("POST", "/v1/traces", key=full.project().key, content=as_protobuf(CHAT), headers=PROTOBUF)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert b"The disk is full" in answer.content
