"""Random requests over the OpenAPI document (R-20): nothing breaks, and every refusal is JSON of one shape."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from logwright.http.openapi import HOT_PATH
from logwright.testing.application import Application

EXAMPLES: Final = 8
"""For each operation and mode, each sent with two keys; with the operations there are, more than 1,000 requests."""
LONGEST: Final = 5.0  # seconds


@schemathesis.serializer("application/x-ndjson")
def as_lines(_: Any, value: Any) -> bytes:
    """Send lines as the text that they are, and what is no text as a line of JSON."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


@pytest.fixture(scope="module")
def own_application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Run an application that nobody else uses: random requests make and delete whatever they can."""
    with Application(tmp_path_factory.mktemp("random") / "data", testing_routes=True) as running:
        yield running


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_random_requests_are_answered_or_refused_in_order(
    own_application: Application, mode: GenerationMode, caplog: pytest.LogCaptureFixture
) -> None:
    document = own_application.call("GET", "/openapi.json").json()
    keys = (own_application.admin_key, own_application.project().key)
    tried = 0

    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if _is_left_out(document["paths"][operation.path][operation.method]):
            continue
        tried += 1

        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            sent = case.as_transport_kwargs(base_url="http://localhost")
            sent["content"] = sent.pop("data", None)
            sent.pop("cookies")
            for key in keys:
                began = time.monotonic()
                try:
                    answer = own_application.call(sent["method"], sent["url"], key=key, **_rest(sent))
                except (httpx2.InvalidURL, UnicodeEncodeError):
                    return  # no client can send it
                _judge(answer, time.monotonic() - began)

        with contextlib.suppress(Unsatisfiable):  # of an operation that takes nothing, nothing can be wrong
            ask()

    assert tried > 10
    assert "Traceback" not in caplog.text


def _is_left_out(operation: dict[str, Any]) -> bool:
    """Leave out what the gateway answers itself, and the streams that have no end."""
    endless = "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
    return endless or operation.get(HOT_PATH, False)


def _rest(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name not in {"method", "url"} and value is not None}


def _judge(answer: httpx2.Response, took: float) -> None:
    assert answer.status_code < 500, f"{answer.status_code}: {answer.text}"
    assert took < LONGEST
    assert answer.headers["x-request-id"]
    in_protobuf = answer.headers.get("content-type") == "application/x-protobuf"  # as an exporter of spans is told
    if answer.status_code >= 400 and not in_protobuf:
        assert answer.headers["content-type"] == "application/json"
        told = answer.json()
        if "is_bifrost_error" in told:  # as its clients are told
            assert told["status_code"] == answer.status_code
            assert told["error"]["message"]
            return
        assert told["message"]
        assert told["code"]
        assert told["error"]["type"]
        assert "Traceback" not in answer.text
