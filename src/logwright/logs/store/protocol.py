"""What the store's process and its clients say to each other over the socket.

A message is four bytes of length (big-endian) and one MessagePack value. Every
question carries a number of the client's choosing and the answers repeat it, so
one connection carries many questions at once. A stream's items are sent only
against credit that the client gave, so a slow reader holds up the engine and not
the memory of either process.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from struct import Struct
from typing import Any, Final, Literal

import msgspec

from logwright import errors
from logwright.logs.groups import GroupedBy
from logwright.logs.types import Amendment, HistogramBar, LogQuery, Order
from logwright.paging import Narrowed

LENGTH: Final = Struct(">I")
MOST_BYTES: Final = 256 << 20
"""No message is longer; a longer length means that this is not our socket."""


class _Call(msgspec.Struct, frozen=True, kw_only=True, tag=True, array_like=True):
    """A question about one project."""

    project_id: str


class Get(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for one log."""

    log_id: str


class Search(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for a page."""

    query: LogQuery
    order: Order
    after: str | None
    limit: int
    offset: int = 0


class Whole(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for the logs of a page whole, each named by its id and its `requested_at` in microseconds."""

    places: list[tuple[str, int]]
    most_bytes: int


class Stats(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for figures."""

    query: LogQuery


class Histogram(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for bars."""

    query: LogQuery
    seconds: int
    group: str | None


class Facets(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for frequent values."""

    query: LogQuery
    fields: list[str]
    limit: int


class CountByVersion(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask how often versions of prompts were used; None: of all prompts."""

    prompt_ids: list[str] | None


class Groups(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for a page of traces or sessions."""

    query: LogQuery
    by: GroupedBy
    after: str | None
    limit: int


class SetTags(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Change tags."""

    query: LogQuery
    tags: dict[str, str | None]


class Amend(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Set columns of one log; the answer is the log as a JSON line."""

    log_id: str
    changes: dict[str, Any]
    by: str


class Amendments(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask how a log was amended."""

    log_id: str


class RestoreAmendments(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Put amendments of another store into a log's history."""

    log_id: str
    found: list[Amendment]


class Delete(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Delete logs."""

    query: LogQuery


class Retain(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Delete old logs."""

    query: LogQuery
    before: datetime


class Iterate(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for all matches; a stream."""

    query: LogQuery
    limit: int | None


class Export(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for a file of all matches; a stream."""

    query: LogQuery
    form: Literal["parquet", "csv"]
    columns: list[str]


class Tail(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask for matches as they come; a stream."""

    query: LogQuery


class RefersTo(_Call, frozen=True, kw_only=True, tag=True, array_like=True):
    """Ask whether a log of the project has taken in a medium."""

    digest: str


class Health(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Ask how the store stands."""


class AuditAll(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Ask for the proof of completeness."""


class TakeSnapshot(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Ask for a snapshot; the answer is its name."""


class LetSnapshotGo(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Delete a snapshot."""

    name: str


class Credit(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Allow a stream so many more items."""

    items: int


class Cancel(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """End a stream or a question whose answer nobody waits for."""


Change = SetTags | Amend | RestoreAmendments | Delete | Retain
Question = (
    Get
    | Amendments
    | Search
    | Whole
    | Stats
    | Histogram
    | Facets
    | CountByVersion
    | RefersTo
    | Groups
    | Health
    | AuditAll
    | TakeSnapshot
    | LetSnapshotGo
    | Change
)
Stream = Iterate | Export | Tail
Asked = Question | Stream | Credit | Cancel


class Request(msgspec.Struct, frozen=True, array_like=True):
    """What a client sends."""

    number: int
    asked: Asked


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What comes back: `result` and `error` end a question, `item`s come before the `end` of a stream."""

    number: int
    kind: Literal["result", "item", "end", "error"]
    body: msgspec.Raw


class Page(msgspec.Struct, frozen=True, array_like=True):
    """A page's rows as JSON lines."""

    lines: bytes
    next: str | None
    narrowed: Narrowed | None = None


class Bars(msgspec.Struct, frozen=True, array_like=True):
    """The bars of a histogram."""

    bars: list[HistogramBar]
    narrowed: Narrowed | None


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """An error, by the name of its class in `errors`."""

    name: str
    message: str
    param: str | None = None
    retry_after: float | None = None


encode = msgspec.msgpack.Encoder().encode
read_request = msgspec.msgpack.Decoder(Request).decode
read_answer = msgspec.msgpack.Decoder(Answer).decode


def frame(message: Request | Answer) -> bytes:
    """Give a message as it goes over the socket."""
    data = encode(message)
    return LENGTH.pack(len(data)) + data


async def receive(reader: asyncio.StreamReader) -> bytes | None:
    """Read one message; None when the other side has gone."""
    try:
        head = await reader.readexactly(LENGTH.size)
        size = LENGTH.unpack(head)[0]
        return await reader.readexactly(size) if size <= MOST_BYTES else None
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def failure(error: Exception) -> Failure:
    """Describe an error for the other side; what is not one of ours is told without its inner words."""
    if isinstance(error, errors.LogwrightError):
        return Failure(type(error).__name__, error.message, error.param, error.retry_after)
    return Failure("Unavailable", "The store failed on this request; its log says why.", None, 1.0)


def raised(told: Failure) -> errors.LogwrightError:
    """Make the error again that the other side described."""
    kind = getattr(errors, told.name, errors.Unavailable)
    error: errors.LogwrightError = kind(told.message, param=told.param, retry_after=told.retry_after)
    return error
