"""The exporter against a real collector on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from tests.faces.otel.collectors import FakeCollector, collecting

from logwright.errors import Misconfigured
from logwright.faces.otel.exporter import BATCH, QUEUE, Exporter, collector
from logwright.gateway.metrics import SpansSent, render
from logwright.logs.types import LogQuery, LogSummary
from logwright.testing.factories import a_log


class Tail:
    """A store whose tail is what the test puts into it."""

    def __init__(self) -> None:
        self.queues: dict[str, asyncio.Queue[Sequence[LogSummary]]] = {}

    async def tail(self, project_id: str, query: LogQuery) -> AsyncIterator[Sequence[LogSummary]]:
        assert query.clauses[0].values == ("gateway",)
        queue = self.queues.setdefault(project_id, asyncio.Queue())
        while True:
            yield await queue.get()

    def put(self, project_id: str, *logs: LogSummary) -> None:
        self.queues.setdefault(project_id, asyncio.Queue()).put_nowait(logs)


@pytest.fixture
def collected() -> Iterator[FakeCollector]:
    with collecting() as running:
        yield running


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[SpansSent]:
    opened = SpansSent(tmp_path)
    yield opened
    opened.close()


async def _until_sent(count: int, exporting: Exporter, folder: Path) -> None:
    """Run the exporter until the collector's answers have been counted."""
    working = asyncio.create_task(exporting.run())
    try:
        async with asyncio.timeout(20):
            while f"logwright_otlp_spans_sent_total {count}\n" not in render(folder):  # noqa: ASYNC110 - a file tells
                await asyncio.sleep(0.01)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def test_the_calls_of_every_project_are_sent(collected: FakeCollector, counts: SpansSent, tmp_path: Path) -> None:
    async def scene() -> None:
        tail = Tail()
        tail.put("a", a_log(), a_log())
        tail.put("b", a_log())
        to = collector(collected.url, ["X-Key=secret"])
        await _until_sent(3, Exporter(tail, lambda: ["a", "b"], to, counts), tmp_path)

    asyncio.run(scene())

    assert len(collected.spans(3)) == 3
    assert collected.headers[0]["x-key"] == "secret"
    assert collected.headers[0]["content-type"] == "application/x-protobuf"
    assert "logwright_otlp_spans_sent_total 3" in render(tmp_path)


def test_a_collector_that_is_away_for_a_moment_gets_all(
    collected: FakeCollector, counts: SpansSent, tmp_path: Path
) -> None:
    collected.statuses = [503, 429]

    async def scene() -> None:
        tail = Tail()
        tail.put("a", a_log())
        exporting = Exporter(tail, lambda: ["a"], collector(collected.url, []), counts, wait=0.01)
        await _until_sent(1, exporting, tmp_path)

    asyncio.run(scene())

    assert len(collected.headers) == 3


def test_what_a_collector_refuses_is_dropped_and_counted(
    collected: FakeCollector, counts: SpansSent, tmp_path: Path
) -> None:
    collected.statuses = [400]

    async def scene() -> None:
        tail = Tail()
        exporting = Exporter(tail, lambda: ["a"], collector(collected.url, []), counts)
        exporting.offer([a_log() for _ in range(BATCH)])
        exporting.offer([a_log()])
        await _until_sent(1, exporting, tmp_path)

    asyncio.run(scene())

    assert len(collected.spans(1)) == 1
    assert f"logwright_otlp_spans_dropped_total {BATCH}" in render(tmp_path)


def test_a_full_queue_drops_what_comes_and_counts_it(counts: SpansSent, tmp_path: Path) -> None:
    async def scene() -> None:
        exporting = Exporter(Tail(), list, collector("http://127.0.0.1:9/v1/traces", []), counts)
        log = a_log()
        exporting.offer([log] * (QUEUE - 1))
        exporting.offer([log] * 3)
        exporting.offer([log])

    asyncio.run(scene())

    assert "logwright_otlp_spans_dropped_total 3" in render(tmp_path)
    assert f"logwright_otlp_spans_waiting {QUEUE}" in render(tmp_path)


def test_what_waits_when_it_ends_is_sent_once_more(collected: FakeCollector, counts: SpansSent) -> None:
    async def scene() -> None:
        exporting = Exporter(Tail(), list, collector(collected.url, []), counts)
        working = asyncio.create_task(exporting.run())
        await asyncio.sleep(0)
        exporting.offer([a_log()])
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    asyncio.run(scene())

    assert len(collected.spans(1)) == 1


@pytest.mark.parametrize(
    ("endpoint", "headers", "words"),
    [
        ("ftp://a.example/v1/traces", [], "otlp_endpoint"),
        ("http://user@a.example/v1/traces", [], "otlp_endpoint"),
        ("https://collector.example.com", [], "/v1/traces"),
        ("https://a.example/v1/traces", ["nothing"], "NAME=VALUE"),
        ("https://a.example/v1/traces", ["a=b\r\nc: d"], "NAME=VALUE"),
    ],
)
def test_settings_that_name_no_collector_say_so(endpoint: str, headers: list[str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        collector(endpoint, headers)


def test_the_operators_own_address_may_be_private_and_no_other() -> None:
    to = collector("http://10.0.0.7:4318/v1/traces", [])

    assert to.allow.hosts == {("10.0.0.7", 4318)}
