from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Any, cast

import httpx2
import openai
import pytest

from logwright.sdk.capture import Watch
from logwright.sdk.report import Report
from logwright.sdk.reporter import Reporter

REQUEST = httpx2.Request("POST", "http://openai/v1/chat/completions", content=b'{"model":"gpt-5"}')


class Kept:
    """Takes reports in place of the sender."""

    def __init__(self) -> None:
        self.reports: list[Report] = []

    def put(self, report: Report) -> None:
        self.reports.append(report)


class Pieces(httpx2.SyncByteStream):
    """A body in pieces, which may end in an error."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self.pieces = pieces
        self.error = error
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def kept() -> Kept:
    return Kept()


def a_watch(kept: Kept, **more: Any) -> Watch:
    return Watch(cast("Reporter", kept), "chat_completion", {"model": "gpt-5"}, **more)


def a_stream(*pieces: bytes, error: Exception | None = None) -> httpx2.Response:
    headers = {"content-type": "text/event-stream"}
    return httpx2.Response(200, headers=headers, stream=Pieces(*pieces, error=error), request=REQUEST)


def test_an_answer_is_reported_as_the_bytes_that_came(kept: Kept) -> None:
    watch = a_watch(kept, tags={"a": "1"}, metadata={"b": "2"})
    watch.answered(httpx2.Response(200, content=b'{"id":"c"}', request=REQUEST))

    (report,) = kept.reports
    assert report.response == (b'{"id":"c"}',)
    assert report.request == b'{"metadata":{"b": "2"},"model":"gpt-5"}'
    assert report.tags == {"a": "1"}
    assert report.received_at is not None
    assert report.received_at >= report.requested_at


def test_a_stream_passes_through_unchanged_and_is_reported_at_its_end(kept: Kept) -> None:
    response = a_stream(b"data: 1\n\n", b"data: [DONE]\n\n")
    a_watch(kept).answered(response)

    assert list(response.iter_raw()) == [b"data: 1\n\n", b"data: [DONE]\n\n"]
    (report,) = kept.reports
    assert report.is_stream
    assert report.error == ""


def test_a_reader_who_stops_at_the_end_mark_has_read_everything(kept: Kept) -> None:
    """The client closes the response at `[DONE]`; the mark may lie across two pieces."""
    response = a_stream(b"data: 1\n\ndata: [DO", b"NE]\n\n", b"")
    a_watch(kept).answered(response)
    reading = response.iter_raw()
    next(reading), next(reading)
    response.close()

    assert kept.reports[0].error == ""


@pytest.mark.parametrize("way", ["closed", "dropped"])
def test_a_stream_that_is_left_is_reported_once_with_what_was_read(kept: Kept, way: str) -> None:
    response = a_stream(b"data: 1\n\n", b"data: 2\n\n")
    a_watch(kept).answered(response)
    reading = response.iter_raw()
    next(reading)
    if way == "closed":
        response.close()
        response.close()
    del response, reading
    gc.collect()

    (report,) = kept.reports
    assert report.response == (b"data: 1\n\n",)
    assert "stopped reading" in report.error


def test_a_stream_that_breaks_raises_what_it_raised(kept: Kept) -> None:
    response = a_stream(b"data: 1\n\n", error=httpx2.ReadError("reset"))
    a_watch(kept).answered(response)

    with pytest.raises(httpx2.ReadError, match="reset"):
        list(response.iter_raw())

    assert kept.reports[0].error == "The stream broke off: reset"


def test_a_huge_stream_is_kept_up_to_a_bound(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logwright.sdk.capture._MOST_BYTES", 1000)
    response = a_stream(*[b"x" * 400] * 10)
    a_watch(kept).answered(response)

    assert sum(map(len, response.iter_raw())) == 4000
    assert sum(map(len, kept.reports[0].response)) == 1200


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (openai.APITimeoutError(request=REQUEST), None, "timed out"),
        (openai.APIConnectionError(request=REQUEST), None, "Connection error."),
        (
            openai.RateLimitError(
                "Error code: 429", response=httpx2.Response(429, request=REQUEST), body={"message": "Slow down"}
            ),
            429,
            "Slow down",
        ),
        (asyncio.CancelledError(), None, "gave up"),
        (KeyboardInterrupt(), None, "gave up"),
    ],
    ids=["timeout", "connection", "status", "cancelled", "interrupted"],
)
def test_each_failure_is_reported_with_its_words(
    kept: Kept, error: BaseException, status: int | None, message: str
) -> None:
    a_watch(kept).failed(error)

    (report,) = kept.reports
    assert report.status == status
    assert message in report.error
    assert b'"gpt-5"' in report.request


def test_a_mistake_of_the_caller_is_no_call(kept: Kept) -> None:
    a_watch(kept).failed(TypeError("not JSON"))
    a_watch(kept).failed(openai.OpenAIError("no key"))

    assert kept.reports == []


def test_a_failure_of_ours_is_not_the_applications(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(report: Report) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(kept, "put", broken)
    a_watch(kept).answered(httpx2.Response(200, content=b"{}", request=REQUEST))

    assert "could not be reported" in caplog.text
