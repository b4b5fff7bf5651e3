"""What every format of another product is made of: a card that describes it and a reader from lines to logs.

A reader is pure: it is given JSON texts and gives logs, or says what is wrong with
which of them. Opening files is `files.py`'s part, asking another product's API is
described by `pages.py` and done by the command, and how a log becomes a record of
ours is in `build.py`. So a format can be tried by lines alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec

from logwright.logs.imports.pages import Pager
from logwright.logs.record import Kind

NOTHING = msgspec.Raw(b"")
"""A body that is absent."""


class ImportedLog(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One call as another product kept it; as JSON it is a line of our own plain format.

    A moment is an ISO 8601 text (UTC where it has no zone) or a number of seconds,
    milliseconds or microseconds since 1970, told apart by its size.
    """

    id: str = ""
    """The call's id where it comes from. The same format and id are one log, however often they are imported;
    without an id the whole content takes its place."""
    requested_at: datetime | float | None = None
    """When the call began; without it the file's own time is taken."""
    received_at: datetime | float | None = None
    first_byte_at: datetime | float | None = None
    kind: Kind | None = None
    """Which request it was; absent, it is told by the bodies."""
    provider: str = ""
    provider_kind: str = ""
    model: str = ""
    upstream_model: str = ""
    stream: bool = False
    status: int | None = None
    error: str = ""
    """Why the call failed; a call with one counts as failed."""
    request: msgspec.Raw = NOTHING
    """The request in the provider's own form, byte for byte."""
    response: msgspec.Raw = NOTHING
    messages: msgspec.Raw = NOTHING
    """Instead of request and response: a conversation whose last message is the answer, as in fine-tuning files."""
    tools: msgspec.Raw = NOTHING
    tool_choice: msgspec.Raw = NOTHING
    response_format: msgspec.Raw = NOTHING
    tags: dict[str, str | float | bool | None] = msgspec.field(default_factory=dict)
    prompt: str = ""
    """The name of the prompt there; it becomes the tag `prompt`."""
    cache: str = ""
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str = ""
    session_id: str = ""
    parent_id: str = ""
    retries: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    total_tokens: int | None = None
    cost: float | None = None
    """US dollars; a cost that is told stands above our own prices."""
    input_cost: float | None = None
    output_cost: float | None = None
    latency: float | None = None
    """Seconds."""
    ttft: float | None = None
    """Seconds until the first byte of the answer."""
    details: dict[str, Any] = msgspec.field(default_factory=dict)
    """Whatever else is known and has no place of its own."""


class LineError(NamedTuple):
    """Why a line is no log."""

    message: str
    path: str = ""
    """The JSON path of what is wrong in it, such as `$.startTime`; empty for the whole line."""


class Item(NamedTuple):
    """One JSON text of a source, and which one it is."""

    number: int
    """The line of a file, else the position in it, from 1."""
    raw: bytes


class Read(NamedTuple):
    """What a reader made of an item."""

    number: int
    found: ImportedLog | LineError


class Refused(Exception):
    """Raised within a reader where an item is no log; it becomes a `LineError`."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.error = LineError(message, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the command line, the API and the documentation say of a format."""

    name: str
    """As it is written in commands and addresses."""
    label: str
    """The product's name."""
    sentence: str
    """What is read."""
    reads: tuple[str, ...]
    """The files and addresses that it takes, for people."""
    docs: str = ""
    """Where the product describes them."""
    within: str = "**/*"
    """Which files of a folder are read."""
    key: str = ""
    """The environment variable that holds the API's key; empty where no API is read."""


class Format(Protocol):
    """A format of another product. Modules of this folder offer one as `reader`."""

    @property
    def card(self) -> Card:
        """Describe it."""

    @property
    def pager(self) -> Pager | None:
        """Say how its API is walked; None where only files are read."""

    def read(self, items: Iterable[Item]) -> Iterator[Read]:
        """Turn items into logs, one `Read` for each log or mistake, in an order that depends on the items alone."""


class LineByLine:
    """The usual format: every item is read by itself."""

    pager: Pager | None = None

    def logs(self, raw: bytes) -> Iterator[ImportedLog]:
        """Read one item; `Refused` or any of msgspec's errors says why it cannot be."""
        raise Refused(f"this format reads no single lines such as {raw[:20]!r}")

    def read(self, items: Iterable[Item]) -> Iterator[Read]:
        """Turn items into logs."""
        for item in items:
            yield from checked(item.number, self.logs, item.raw)


class _Reading(Protocol):
    def __call__(self, raw: bytes, /) -> Iterator[ImportedLog]: ...


def checked(number: int, logs: _Reading, raw: bytes) -> Iterator[Read]:
    """Read one item and turn what is wrong with it into a `LineError`."""
    try:
        for log in logs(raw):
            yield Read(number, log)
    except Refused as refusal:
        yield Read(number, refusal.error)
    except msgspec.ValidationError as error:
        message, at, path = str(error).rpartition(" - at `")
        yield Read(number, LineError(message if at else str(error), path.rstrip("`") if at else "$"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield Read(number, LineError(f"This is no JSON: {error}"))
