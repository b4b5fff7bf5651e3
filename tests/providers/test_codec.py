"""What codecs share: how errors are read."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.providers.codec import EventStream


@pytest.mark.parametrize(
    ("answer", "message", "code"),
    [
        ({"error": {"message": "No", "type": "invalid_request_error", "code": "bad"}}, "No", "bad"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}, "Busy", "overloaded_error"),
        ({"error": {"code": 429, "message": "Slow", "status": "RESOURCE_EXHAUSTED"}}, "Slow", "RESOURCE_EXHAUSTED"),
        ({"error": "broken"}, "broken", None),
        ({"message": "broken"}, "broken", None),
        ({"detail": "broken"}, "broken", None),
        (None, "the provider answered 500", None),
        ({"error": {}}, "the provider answered 500", None),
    ],
)
def test_an_error_is_read_in_every_common_shape(answer: Any, message: str, code: str | None) -> None:
    fault = EventStream().fault(500, answer)

    assert (fault.message, fault.code) == (message, code)
