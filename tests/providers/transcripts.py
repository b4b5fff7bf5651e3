"""Golden transcripts: what one call looks like on both sides of a provider, in files beside the tests.

A file holds some of: `request` (OpenAI's form) and `sent` (what goes out); `answer`
(whole) or `events` (streamed), both as the provider writes them, and `completion`
(OpenAI's form, which both must give); `status` and `fault` of an answer that failed.
They are written from the providers' published references, as of November 2026.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from logwright.wire.assemble import assemble
from logwright.wire.doors import OwnForm
from logwright.wire.event_frames import frame
from logwright.wire.lenient import write

if TYPE_CHECKING:
    from logwright.providers.codec import Codec

FOLDER: Final = Path(__file__).parent / "fixtures"
AT: Final = 1_767_225_600
"""When all of it happened, in seconds since 1970."""


@dataclass(frozen=True)
class Called:
    """A target."""

    model: str
    base_url: str
    api_version: str = ""


def names(kind: str) -> list[str]:
    """Return the names of a provider's transcripts."""
    return sorted(path.stem for path in (FOLDER / kind).glob("*.json"))


def transcript(kind: str, name: str) -> dict[str, Any]:
    """Read one."""
    found: dict[str, Any] = json.loads((FOLDER / kind / f"{name}.json").read_text())
    return found


def check(codec: Codec, told: dict[str, Any], callee: Called) -> None:
    """Hold a codec against a transcript, whatever parts of a call it tells."""
    if "sent" in told:
        call = codec.encode(told["request"], callee, secret="a-key", at=AT)
        assert json.loads(call.body) == told["sent"]
        assert call.path == told.get("path", call.path)
    if "answer" in told and "fault" not in told:
        assert normal(codec.decode(told["answer"], at=AT)) == told["completion"]
    if "events" in told:
        assert normal(streamed(codec, told["events"])) == told["completion"]
    if "fault" in told:
        fault = codec.fault(told["status"], told["answer"])
        assert {"message": fault.message, "code": fault.code} == told["fault"]


def streamed(codec: Codec, events: list[Any]) -> dict[str, Any]:
    """Play a stream a few bytes at a time and put together what comes of it."""
    data = b"".join(map(framed, events))
    cutter, decoder = codec.cutter(1_000_000), codec.decoder(at=AT)
    writer = OwnForm(named=False).writer()
    written = b""
    for start in range(0, len(data), 7):
        for event in cutter.feed(data[start : start + 7]):
            written += b"".join(map(writer.feed, decoder.feed(event)))
    written += b"".join(map(writer.feed, decoder.end()))
    assert decoder.ended, "the stream is not complete"
    return assemble("chat_completion", written)


def normal(completion: dict[str, Any]) -> dict[str, Any]:
    """Write the arguments of calls the same way, since a stream brings them in pieces as the provider wrote them."""
    for choice in completion["choices"]:
        for call in choice["message"].get("tool_calls") or ():
            arguments = json.loads(call["function"]["arguments"] or "{}")
            call["function"]["arguments"] = json.dumps(arguments)
    return json.loads(write(completion))  # type: ignore[no-any-return]  # a JSON object again


def framed(event: Any) -> bytes:
    """Frame an event: `[name, data]` of a binary stream, anything else by its `type` if it has one."""
    if isinstance(event, list):
        name, data = event
        return frame(name, json.dumps(data).encode())
    named = f"event: {event['type']}\n" if isinstance(event, dict) and "type" in event else ""
    return f"{named}data: {json.dumps(event)}\n\n".encode()


def a_picture() -> str:
    """Return a picture of one byte, in base64."""
    return base64.b64encode(b"!").decode()
