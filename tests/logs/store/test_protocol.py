"""Messages come across whole, and what is none of ours ends the connection."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from logwright.errors import InvalidRequest, Unavailable
from logwright.logs.store import protocol as wire
from logwright.logs.types import Clause, LogQuery, Order

QUERY = LogQuery(clauses=(Clause(field="time", operator=">", values=(1_790_812_800_000_000, 1.5, True, "text")),))


@pytest.mark.parametrize(
    "asked",
    [
        wire.Get(project_id="p", log_id="l"),
        wire.Search(project_id="p", query=QUERY, order=Order(key="cost"), after=None, limit=5),
        wire.SetTags(project_id="p", query=QUERY, tags={"a": None, "b": "c"}),
        wire.Health(),
        wire.Credit(3),
    ],
    ids=lambda asked: type(asked).__name__,
)
def test_a_request_comes_back_from_its_bytes(asked: wire.Asked) -> None:
    framed = wire.frame(wire.Request(7, asked))
    assert wire.read_request(framed[wire.LENGTH.size :]) == wire.Request(7, asked)


def test_a_message_is_read_whole_however_it_arrives() -> None:
    async def read() -> list[bytes | None]:
        reader = asyncio.StreamReader()
        framed = wire.frame(wire.Request(1, wire.Health()))
        for byte in framed * 2 + framed[:3]:
            reader.feed_data(bytes([byte]))
        reader.feed_eof()
        return [await wire.receive(reader) for _ in range(3)]

    first, second, cut = asyncio.run(read())
    assert first == second is not None
    assert cut is None


def test_a_length_beyond_reason_ends_the_connection() -> None:
    async def read() -> bytes | None:
        reader = asyncio.StreamReader()
        reader.feed_data(b"GET / HTTP/1.1\r\n")
        return await wire.receive(reader)

    assert asyncio.run(read()) is None


def test_errors_of_ours_come_across_and_others_keep_their_words_to_themselves() -> None:
    told = wire.raised(wire.failure(InvalidRequest("wrong", param="after")))
    assert (type(told), told.message, told.param) == (InvalidRequest, "wrong", "after")
    inner = wire.raised(wire.failure(RuntimeError("secret words of the engine")))
    assert type(inner) is Unavailable
    assert "secret" not in inner.message


def test_a_request_of_an_unknown_kind_is_no_request() -> None:
    with pytest.raises(msgspec.MsgspecError):
        wire.read_request(msgspec.msgpack.encode([1, ["Nonsense"]]))
