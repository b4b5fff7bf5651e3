"""Events are cut out of a stream exactly as the standard says, whatever pieces it arrives in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.wire.stream import Event, EventTooLarge, Splitter, events, read_event


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\n\n", [Event("", b"a")]),
        (b"data:a\r\n\r\ndata: b\r\rdata:  c\n\n", [Event("", b"a"), Event("", b"b"), Event("", b" c")]),
        (b": hello\n\ndata: a\n: in between\ndata: b\n\n", [Event("", b"a\nb")]),
        (b"event: ping\ndata: {}\nid: 7\nretry: 10\nodd: x\n\n", [Event("ping", b"{}")]),
        (b"data\n\n", [Event("", b"")]),
        (b"event: only a name\n\n\n\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", [Event("", b"a")]),
        (b"data: a\n\ndata: cut off", [Event("", b"a")]),
        (b"data: \xf0\x9f\x98\x80\n\n", [Event("", "😀".encode())]),
        (b"\n\r\n\rdata: a\n\n", [Event("", b"a")]),
        (b"data: a\r\n\ndata: b\n\r\n", [Event("", b"a"), Event("", b"b")]),
    ],
)
def test_a_stream_is_cut_as_the_standard_says(stream: bytes, expected: list[Event]) -> None:
    assert Splitter().feed(stream) == expected
    one_by_one = Splitter()
    assert [event for at in range(len(stream)) for event in one_by_one.feed(stream[at : at + 1])] == expected


LINES = st.lists(
    st.sampled_from(
        [b"data: x", b"data:", b"data: a: b", b": c", b"event: e", b"", b"", b"junk", b"id: 1", b"\xff\x00"]
    ),
    max_size=12,
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(LINES, st.lists(ENDS, min_size=12, max_size=12), st.lists(st.integers(1, 7), max_size=60))
def test_the_pieces_do_not_matter(lines: list[bytes], ends: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(line + end for line, end in zip(lines, ends, strict=False)) + b"data: end\n\n"
    # A line feed after it decides what a carriage return at the very end was.
    whole = Splitter().feed(stream)
    in_pieces = Splitter()
    found, at = [], 0
    for size in sizes:
        found += in_pieces.feed(stream[at : at + size])
        at += size
    found += in_pieces.feed(stream[at:])
    assert found == whole
    assert in_pieces.rest == b""
    assert events(stream) == whole


@given(st.binary(max_size=80), st.integers(1, 5))
def test_any_bytes_are_cut_alike_in_any_pieces(stream: bytes, size: int) -> None:
    whole, pieces = Splitter(), Splitter()
    expected = whole.feed(stream)
    found = [event for at in range(0, len(stream), size) for event in pieces.feed(stream[at : at + size])]
    assert found == expected
    assert whole.rest == pieces.rest


def test_an_event_over_the_limit_is_refused_before_it_is_whole() -> None:
    splitter = Splitter(limit=100)
    splitter.feed(b"data: " + b"a" * 90)
    with pytest.raises(EventTooLarge, match="larger than 100 bytes"):
        splitter.feed(b"a" * 10)


def test_an_event_over_the_limit_is_refused_when_it_comes_whole() -> None:
    with pytest.raises(EventTooLarge, match="larger than 100 bytes"):
        Splitter(limit=100).feed(b"data: " + b"a" * 100 + b"\n\n")


def test_many_events_may_together_exceed_the_limit() -> None:
    assert len(Splitter(limit=100).feed(b"data: some text\n\n" * 1000)) == 1000


def test_a_recorded_stream_yields_the_event_its_end_cut_off() -> None:
    assert events(b"data: a\n\ndata: b") == [Event("", b"a"), Event("", b"b")]


def test_an_event_without_data_is_none() -> None:
    assert read_event(b"event: ping") is None
    assert read_event(b"") is None
