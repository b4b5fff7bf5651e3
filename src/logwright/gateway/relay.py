"""Passes a stream of server-sent events on: whole events, at once, the last one held back.

The last event is what tells a caller that the answer is complete, so it may only
go out when the log record is durable. And where the caller did not ask for token
counts but we did, they are taken out again.

Nearly every piece that arrives ends with an event and holds nothing of interest;
it passes untouched after two or three searches for a few bytes.
"""

from __future__ import annotations

from typing import Final

import msgspec

END_MARKS: Final[dict[str, tuple[bytes, ...]]] = {
    "chat_completion": (b"[DONE]",),
    "text_completion": (b"[DONE]",),
    "messages": (b"message_stop",),
    "responses": (b"response.completed", b"response.incomplete", b"response.failed"),
    "speech": (b"speech.audio.done",),
    "transcription": (b"transcript.text.done",),
    "image_generation": (b"image_generation.completed",),
    "image_edit": (b"image_edit.completed",),
}
"""Bytes that the last event of a stream holds (and that others may hold by chance), by kind of call."""


_TYPED_KINDS: Final = frozenset({"messages", "responses", "speech", "transcription", "image_generation", "image_edit"})
"""Kinds whose events say in their data what they are; some servers leave the event's name out."""


_LONGEST_JOINT: Final = 3
"""Bytes of an event's end, a blank line, that can have come before its last one."""


class EventTooLarge(Exception):
    """One event is over the limit; what has come of it is dropped."""


class Relay:
    """One stream on its way through."""

    __slots__ = ("_carried", "_carry", "_ending", "_hides_usage", "_kind", "_limit", "_marks", "held", "saw_end")

    def __init__(self, kind: str, *, hides_usage: bool, limit: int) -> None:
        self._kind = kind
        self._marks = END_MARKS.get(kind, ())
        self._hides_usage = hides_usage
        self._limit = limit
        self._carry: list[bytes] = []
        """The pieces of an event that is not whole; joined when it is, as one with a picture comes in hundreds."""
        self._carried = 0
        self._ending = b""
        """The last bytes of the carry, with which the end of an event may begin."""
        self.held = b""
        """The last event and whatever came after it, to be sent once the record is durable."""
        self.saw_end = False
        """True once the event has come that says the answer is complete."""

    def feed(self, data: bytes) -> bytes:
        """Take what arrived and return what may be sent on; whole events only.

        Raises:
            EventTooLarge: when an event grows beyond the limit (bytes).
        """
        if self.saw_end:
            self.held += data
            return b""
        if self._carry:
            joint = self._ending + data
            if b"\n\n" not in joint and b"\r\n\r\n" not in joint:
                if self._carried + len(data) > self._limit:
                    raise EventTooLarge(f"an event of the stream is over {self._limit} bytes")
                self._keep(data)
                return b""
            data = b"".join((*self._carry, data))
            self._carry.clear()
            self._carried = 0
        if len(data) > self._limit and _longest(data) > self._limit:
            raise EventTooLarge(f"an event of the stream is over {self._limit} bytes")
        if not data.endswith((b"\n\n", b"\r\n\r\n")):
            cut = max(data.rfind(b"\n\n") + 2, data.rfind(b"\r\n\r\n") + 4)
            if cut < 4 and not data.startswith(b"\n\n"):
                cut = 2 if cut == 2 else 0
            self._keep(data[cut:])
            data = data[:cut]
        for mark in self._marks:
            if mark in data:
                return self._by_event(data)
        if self._hides_usage and b'"usage"' in data:
            data = data.replace(b',"usage":null', b"").replace(b', "usage": null', b"")
            if b'"usage"' in data:
                return self._by_event(data)
        return data

    def rest(self) -> bytes:
        """Return what came after the last whole event; called at the end of the upstream's answer."""
        rest = b"".join(self._carry)
        self._carry.clear()
        self._carried = 0
        return rest

    def _keep(self, data: bytes) -> None:
        """Carry what is not a whole event over to the next piece."""
        self._ending = (self._ending + data)[-_LONGEST_JOINT:] if self._carry else data[-_LONGEST_JOINT:]
        self._carry.append(data)
        self._carried += len(data)

    def _by_event(self, data: bytes) -> bytes:
        """Look at each event by itself."""
        passed: list[bytes] = []
        position = 0
        while position < len(data):
            end = _event_end(data, position)
            event = data[position:end]
            if self._is_last(event):
                self.saw_end = True
                self.held = data[position:]
                break
            passed.append(self._without_usage(event) if self._hides_usage else event)
            position = end
        return b"".join(passed)

    def _is_last(self, event: bytes) -> bool:
        """Tell the event that ends a stream from one whose text happens to hold the same bytes."""
        for line in event.splitlines():
            name, _, value = line.partition(b":")
            value = value.strip()
            if name == b"data" and value == b"[DONE]":
                return b"[DONE]" in self._marks
            if name == b"event" and value in self._marks:
                return True
            if name == b"data" and self._kind in _TYPED_KINDS:
                kind = _type_of(value)
                if kind is not None and kind.encode() in self._marks:
                    return True
        return False

    def _without_usage(self, event: bytes) -> bytes:
        """Take token counts out of one event; an event that brings nothing else vanishes."""
        if b'"usage"' not in event:
            return event
        lines = event.splitlines(keepends=True)
        for index, line in enumerate(lines):
            if not line.startswith(b"data:"):
                continue
            try:
                chunk = msgspec.json.decode(line[5:])
            except msgspec.DecodeError:
                continue
            if not isinstance(chunk, dict) or "usage" not in chunk:
                continue
            if chunk["usage"] is not None and not chunk.get("choices"):
                return b""
            del chunk["usage"]
            ending = line[len(line.rstrip(b"\r\n")) :]
            lines[index] = b"data: " + msgspec.json.encode(chunk) + ending
        return b"".join(lines)


class _Typed(msgspec.Struct):
    type: str = ""


_typed = msgspec.json.Decoder(_Typed)


def _type_of(data: bytes) -> str | None:
    try:
        return _typed.decode(data).type
    except msgspec.DecodeError:
        return None


def _longest(data: bytes) -> int:
    """Return the size of the largest event, the unfinished one at the end included."""
    longest, position = 0, 0
    while position < len(data):
        end = _event_end(data, position)
        longest = max(longest, end - position)
        position = end
    return longest


def _event_end(data: bytes, start: int) -> int:
    """Return where the event that begins at `start` ends, its blank line included."""
    ends = [found + len(blank) for blank in (b"\n\n", b"\r\n\r\n") if (found := data.find(blank, start)) >= 0]
    return min(ends, default=len(data))
