"""Server-sent events, cut out of bytes as they arrive.

Follows the parsing rules of the HTML Living Standard, section 9.2.6 (read 2026):
lines end in CRLF, CR or LF, a blank line ends an event, `data:` lines are joined
by line feeds, lines that begin with a colon are comments.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from logwright.errors import LogwrightError

MAX_EVENT_BYTES: Final = 1024 * 1024
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class EventTooLarge(LogwrightError):
    """A single event is larger than we hold in memory; the stream cannot be followed further."""


class Event(NamedTuple):
    """One event of a stream."""

    name: str
    """What `event:` said; empty when there was none."""
    data: bytes
    """All `data:` lines, joined by line feeds."""


class Splitter:
    """Cuts a stream into events whatever the pieces it arrives in.

    `feed` returns the events that became complete; `rest` is what has not. An event
    that the stream's end cut short is never given out, as the standard demands.
    """

    __slots__ = ("_began", "_limit", "_rest")

    def __init__(self, *, limit: int = MAX_EVENT_BYTES) -> None:
        self._rest = b""
        self._limit = limit
        self._began = False

    @property
    def rest(self) -> bytes:
        """The bytes of the event that is not complete yet."""
        return self._rest

    def feed(self, piece: bytes) -> list[Event]:
        """Take the next bytes of the stream and return the events they complete.

        Raises:
            EventTooLarge: one event exceeds the limit; what came before it has been returned by earlier calls.
        """
        held = self._rest + piece if self._rest else piece
        if not self._began:
            if held[:3] != b"\xef\xbb\xbf"[: len(held)] or not held:
                self._began = True
            elif len(held) < 3:
                self._rest = held
                return []
            else:  # a byte order mark at the very beginning belongs to nobody
                held = held[3:]
                self._began = True
        if b"\r" in held:
            blocks, held = _blocks_of_any_ending(held)
        else:
            *blocks, held = held.split(b"\n\n")
        self._rest = held
        if len(held) > self._limit or (blocks and max(map(len, blocks)) > self._limit):
            raise EventTooLarge(f"An event of the stream is larger than {self._limit} bytes; the stream was given up")
        return [event for event in map(read_event, blocks) if event is not None]


def events(stream: bytes) -> list[Event]:
    """Cut a whole stream into its complete events and, unlike a live reader, the one its end cut off if it is readable.

    A recorded stream whose last blank line was not captured still ends in a chunk we want.
    """
    if stream[:3] == b"\xef\xbb\xbf":
        stream = stream[3:]
    if b"\r" in stream:
        stream = stream.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found = []
    for block in stream.split(b"\n\n"):
        event = read_event(block)
        if event is not None:
            found.append(event)
    return found


def read_event(block: bytes) -> Event | None:
    """Read the lines of one event; None when it has no data (a comment, a keep-alive, a bare `event:`)."""
    # Nearly every event of every provider is one line; the general case follows.
    if block.startswith(b"data: ") and b"\n" not in block and b"\r" not in block:
        return Event("", block[6:])
    name = ""
    data: list[bytes] = []
    for line in block.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode("utf-8", "replace")
    return Event(name, b"\n".join(data)) if data else None


def _blocks_of_any_ending(held: bytes) -> tuple[list[bytes], bytes]:
    """Split at blank lines whatever ends a line; return the blocks and what follows the last of them.

    A carriage return at the very end is not decided: it may be half of a CRLF.
    """
    blocks: list[bytes] = []
    block_start = line_start = 0
    for end in _LINE_END.finditer(held):
        if end[0] == b"\r" and end.end() == len(held):
            break
        if end.start() == line_start:
            blocks.append(held[block_start:line_start])
            block_start = end.end()
        line_start = end.end()
    return blocks, held[block_start:]
