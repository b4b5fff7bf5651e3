from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from logwright.sdk.report import Report
from logwright.wire.strict import check


def a_report(**more: Any) -> Report:
    fields: dict[str, Any] = {
        "id": "sdk_1",
        "kind": "chat_completion",
        "requested_at": 1_767_225_600_123_456,
        "request": b'{"model":"gpt-5"}',
    }
    return Report(**{**fields, **more})


def body(report: Report) -> Any:
    return check(report.pack().body)  # as strict as the server is


def test_what_did_not_happen_is_left_out() -> None:
    report = body(a_report())

    assert set(report) == {"requestedAt", "reqPayload", "tags"}
    assert report["requestedAt"] == 1_767_225_600_123.456


def test_a_stream_becomes_the_completion_it_makes() -> None:
    events = (
        b'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant",',
        b'"content":"To "}}]}\n\ndata: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,',
        b'"delta":{"content":"billing."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    )

    report = body(a_report(response=events, is_stream=True, status=200))

    assert report["respPayload"]["choices"][0]["message"]["content"] == "To billing."


def test_a_compressed_stream_is_unpacked_even_when_it_was_cut() -> None:
    packed = gzip.compress(b'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n' * 3 + b"data: [DONE]\n\n")

    whole = body(a_report(response=(packed,), is_stream=True, encoding="gzip"))
    cut = body(a_report(response=(packed[:-9],), is_stream=True, encoding="gzip"))

    assert whole["respPayload"]["choices"][0]["message"]["content"] == "HiHiHi"
    assert cut["respPayload"]["choices"][0]["message"]["content"].startswith("Hi")


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"<html>Bad gateway</html>", "<html>Bad gateway</html>"),
        (b'{"a": "x\\u0000y"}', {"a": "x\ufffdy"}),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b'{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
    ],
    ids=["json", "a page", "a NUL", "not a number", "not UTF-8", "a key twice"],
)
def test_an_answer_of_any_kind_is_kept_in_a_form_that_the_server_takes(raw: bytes, kept: Any) -> None:
    assert body(a_report(response=(raw,)))["respPayload"] == kept


def test_words_of_any_kind_survive() -> None:
    report = body(a_report(error='It said "no"\nand\x00left', tags={"who": "Łukasz"}))

    assert report["errorMessage"].startswith('It said "no"\nand')
    assert report["tags"]["who"] == "Łukasz"


def test_its_size_counts_what_it_holds() -> None:
    assert a_report(response=(b"x" * 1000, b"y" * 500)).size - a_report().size == 1500
    json.loads(a_report().pack().body)
