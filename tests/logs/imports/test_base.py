"""What all formats share: a mistake of one line is said with its place, and the others are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from logwright.logs.imports.base import ImportedLog, Item, LineByLine, LineError, Read, Refused, checked
from logwright.logs.imports.jsonl import reader
from logwright.logs.imports.registry import formats


def test_a_wrong_line_does_not_stop_the_others(refusals: Callable[..., list[tuple[int, str, str]]]) -> None:
    found = refusals(reader, {"model": "a"}, {"status": "no"}, b"{", {"model": "b"}, {"unheard": 1})
    assert [(number, path) for number, _, path in found] == [(2, "$.status"), (3, ""), (5, "$")]
    assert "Expected `int | null`, got `str`" in found[0][1]
    assert "no JSON" in found[1][1]
    assert "unheard" in found[2][1]


def test_logs_before_the_mistake_in_an_item_are_kept() -> None:
    def logs(_: bytes) -> Iterator[ImportedLog]:
        yield ImportedLog(model="a")
        raise Refused("the second is none", "$.calls[1]")

    assert list(checked(7, logs, b"")) == [
        Read(7, ImportedLog(model="a")),
        Read(7, LineError("the second is none", "$.calls[1]")),
    ]


def test_a_format_that_reads_no_single_lines_says_so() -> None:
    (read,) = LineByLine.read(LineByLine(), [Item(1, b"{}")])
    assert isinstance(read.found, LineError)


@pytest.mark.parametrize("name", sorted(formats()))
def test_nothing_that_is_json_or_none_trips_a_reader(name: str) -> None:
    """Strangers' lines: every one ends in a log or in words about it."""
    strange = [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"x"',
        b"{}",
        b'{"id":1}',
        b'{"id":"a","output":[]}',
        b"\xff",
        b'{"a":' * 2000,
    ]
    strange += [
        b'{"id":"a","timestamp":"2024-01-01","input":5,"output":{"a":1},"messages":7,"metadata":"x","usage":[]}',
        b'{"id":"a","traceId":"t","startTime":[],"type":5}',
        b'{"request_id":"a","call_type":5,"startTime":"never","metadata":[1]}',
        b'{"context":{"span_id":"s"},"start_time":"2024-01-01","attributes":{"llm":5,"llm.model_name":{"a":1}}}',
        b'{"custom_id":"a","response":{"body":5}}',
        b'{"function_name":"f","id":"x","input":"{","output":"["}',
        b'{"object":"chat.completion","created":-5}',
        b'{"input":{"messages":1},"output":5,"tags":{"a":[]}}',
    ]
    reads = list(formats()[name].read([Item(number, raw) for number, raw in enumerate(strange, start=1)]))
    assert reads
    assert all(isinstance(read.found, ImportedLog) or read.found.message for read in reads)
