"""A route may say which model is meant and whether a stream is wanted."""

from __future__ import annotations

import pytest

from logwright.testing.native_paths import completed, error, stream_type


@pytest.mark.parametrize(
    ("route", "model", "streams"),
    [
        ("/v1beta/models/gemini-2.5-pro:generateContent", "gemini-2.5-pro", False),
        ("/v1beta/models/gemini-2.5-pro:streamGenerateContent", "gemini-2.5-pro", True),
        ("/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:streamRawPredict", "claude@1", True),
        ("/model/anthropic.claude%3A0/converse", "anthropic.claude:0", False),
        ("/model/anthropic.claude%3A0/converse-stream", "anthropic.claude:0", True),
    ],
)
def test_a_route_completes_its_request(route: str, model: str, streams: bool) -> None:
    assert completed(route, {"a": 1}) == {"a": 1, "model": model, "stream": streams}


def test_other_routes_say_nothing() -> None:
    assert completed("/v1/chat/completions", {"a": 1}) == {"a": 1}


def test_every_door_has_its_own_errors_and_streams() -> None:
    assert stream_type("converse") == "application/vnd.amazon.eventstream"
    assert stream_type("chat") == "text/event-stream"
    assert error("messages", 500, "No")["type"] == "error"
    assert error("converse", 500, "No") == {"message": "No"}
    assert error("token", 400, "No")["error_description"] == "No"
    assert error("generate", 500, "No")["error"]["status"] == "INTERNAL"
    assert error("chat", 500, "No")["error"]["message"] == "No"
