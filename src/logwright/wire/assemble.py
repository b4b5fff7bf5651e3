"""A recorded stream, put together into the answer that the same call without streaming would have given.

Runs once for each streamed log, over at most the captured part of the stream, so
it takes whole bytes rather than events. A stream that was cut gives what had
arrived; an error that the provider sent inside the stream stands under `error`.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from logwright.wire.assemble_chat import assemble_chat, assemble_text
from logwright.wire.assemble_media import assemble_pictures, assemble_speech, assemble_transcript
from logwright.wire.assemble_messages import assemble_messages
from logwright.wire.assemble_responses import assemble_responses
from logwright.wire.stream import events

_decode: Final = msgspec.json.Decoder().decode
_decode_lines: Final = msgspec.json.Decoder().decode_lines
_NAMES: Final = re.compile(rb"^event: .*\n", re.MULTILINE).sub  # what the names say stands in the data as well
_DONE: Final = b"[DONE]"


def assemble(kind: str, sse: bytes) -> dict[str, Any]:
    """Put the events of a stream together into one answer of the same kind.

    `kind` is a log's kind; for `unknown` the events' own form decides. Fields we have never heard of are kept: the
    last value of those beside the choices, texts inside a delta joined. Never raises: an event that is not JSON is
    passed over and noted under `error`, unless it is the last, which the end of the capture may have cut. Events that
    do not have the form of their kind at all are kept as they are, under `events`.
    """
    chunks, unreadable = _chunks(sse)
    if kind not in _ASSEMBLERS:
        kind = _guess(chunks)
    try:
        answer = _ASSEMBLERS[kind](chunks)
    except (TypeError, AttributeError, LookupError, ValueError):
        # The assemblers trust the types of the fields that providers document; checking each would double their time.
        return {"error": _malformed("The stream's events do not have the form of their kind"), "events": chunks}
    if unreadable and "error" not in answer:
        counted = "1 event of the stream was" if unreadable == 1 else f"{unreadable} events of the stream were"
        answer["error"] = _malformed(f"{counted} not JSON")
    return answer


def _malformed(message: str) -> dict[str, str]:
    return {"message": message, "type": "malformed_stream"}


def _chunks(sse: bytes) -> tuple[list[dict[str, Any]], int]:
    """Parse the data of all events; return them and how many could not be read."""
    whole, blank, tail = sse.rpartition(b"\n\n")
    if blank and sse.startswith((b"data: {", b"event: ")) and b"\r" not in sse:
        # One parse of all lines costs half of one parse for each. What is not one object a line goes the long way.
        plain = _NAMES(b"", whole) if sse.startswith(b"event: ") else whole
        lines = plain[6:].removesuffix(b"\n\ndata: [DONE]").replace(b"\n\ndata: ", b"\n")
        try:
            read = _decode_lines(lines)
        except (msgspec.DecodeError, ValueError, RecursionError):
            read = []
        if read and all(type(chunk) is dict for chunk in read):
            return read + _each(tail)[0], 0
    return _each(sse)


def _each(sse: bytes) -> tuple[list[dict[str, Any]], int]:
    """Parse the events one by one."""
    chunks: list[dict[str, Any]] = []
    unreadable = 0
    found = events(sse)
    for position, event in enumerate(found, start=1):
        if event.data == _DONE:
            continue
        try:
            chunk = _decode(event.data)
        except (msgspec.DecodeError, ValueError, RecursionError):
            unreadable += position < len(found)
            continue
        if type(chunk) is dict:
            if event.name == "error" and "type" not in chunk:
                chunk = {"error": chunk.get("error", chunk)}
            chunks.append(chunk)
        else:
            unreadable += 1
    return chunks, unreadable


def _guess(chunks: list[dict[str, Any]]) -> str:
    first = chunks[0] if chunks else {}
    name = first.get("type")
    if isinstance(name, str):
        return "responses" if name.startswith("response.") else "messages"
    return "text_completion" if first.get("object") == "text_completion" else "chat_completion"


_ASSEMBLERS: Final = {
    "chat_completion": assemble_chat,
    "text_completion": assemble_text,
    "responses": assemble_responses,
    "messages": assemble_messages,
    "speech": assemble_speech,
    "transcription": assemble_transcript,
    "translation": assemble_transcript,
    "image_generation": assemble_pictures,
    "image_edit": assemble_pictures,
}
