"""Sound, pictures and transcripts, as OpenAI's audio and image routes answer with them.

The forms are those of the OpenAI reference as of 2026. Sounds and pictures are real
files, small and the same in every run.
"""

from __future__ import annotations

import base64
import random
import struct
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from logwright.testing.events import data_event, named_event

if TYPE_CHECKING:
    from logwright.testing.answers import Said

SOUND_TYPES: Final = {"mp3": "audio/mpeg", "wav": "audio/wav", "opus": "audio/ogg", "pcm": "audio/pcm"}
PIECE_BYTES: Final = 4096
"""How much of a sound comes at once."""

TRANSCRIPT_TYPES: Final = {"text": "text/plain; charset=utf-8", "srt": "text/plain", "vtt": "text/vtt"}
_CREATED: Final = 1_767_225_600
_SECONDS: Final = 1.5
_IMAGE_DOORS: Final = {"generations": "image_generation", "edits": "image_edit"}


def a_picture(width: int = 48, *, seed: int = 1) -> bytes:
    """Make a square PNG of noise, which does not shrink: some 3 bytes a pixel (PNG specification, 3rd edition)."""
    noise = random.Random(seed)  # noqa: S311 - a picture, not a secret
    rows = b"".join(b"\0" + noise.randbytes(3 * width) for _ in range(width))
    head = struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def a_sound(size: int = 12_000, *, seed: int = 1, form: str = "wav") -> bytes:
    """Make some noise: a WAV file, or for another form bytes that begin as such a file does."""
    noise = random.Random(seed).randbytes(size)  # noqa: S311 - as above
    if form == "wav":
        head = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", size)
        return b"RIFF" + struct.pack("<I", 4 + len(head) + size) + b"WAVE" + head + noise
    return {"mp3": b"ID3\x04\0\0\0\0\0\0", "opus": b"OggS\0\x02"}.get(form, b"") + noise


def sound_type(request: Mapping[str, Any]) -> str:
    """Return the content type of the sound that was asked for."""
    return SOUND_TYPES.get(str(request.get("response_format", "mp3")), "application/octet-stream")


def sound(said: Said, request: Mapping[str, Any]) -> bytes:
    """Return the sound that answers a request for speech."""
    return a_sound(form=str(request.get("response_format", "mp3"))) if said.media is None else said.media


def transcript(said: Said, request: Mapping[str, Any]) -> tuple[bytes, str] | None:
    """Return a transcript as text and its content type; None where JSON was asked for."""
    kind = TRANSCRIPT_TYPES.get(str(request.get("response_format")))
    text = said.whole or ""
    match request.get("response_format"):
        case "srt":
            text = f"1\n00:00:00,000 --> 00:00:01,500\n{text}\n"
        case "vtt":
            text = f"WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n{text}\n"
        case _:
            text = f"{text}\n"
    return None if kind is None else (text.encode(), kind)


def media_answer(door: str, said: Said, request: Mapping[str, Any]) -> dict[str, Any]:
    """Build the JSON that an audio or image route answers with."""
    if door in {"transcriptions", "translations"}:
        answer: dict[str, Any] = {"text": said.whole or ""}
        if request.get("response_format") == "verbose_json":
            segment = {"id": 0, "start": 0.0, "end": _SECONDS, "text": said.whole or ""}
            answer |= {"task": "transcribe", "language": "english", "duration": _SECONDS, "segments": [segment]}
        if door == "transcriptions":
            answer["usage"] = said.usage or _transcript_usage(said, str(request.get("model")))
        return {**answer, **said.extra}
    if door == "speech":
        return {"audio": base64.b64encode(sound(said, request)).decode(), **said.extra}
    count = request.get("n", 1)
    pictures = [_picture(said, number) for number in range(1, int(count) + 1)]
    form = request.get("response_format", "b64_json")
    shown = [{"url": f"https://pictures.example/{number}.png"} for number in range(1, int(count) + 1)]
    if form != "url":
        shown = [{"b64_json": picture} for picture in pictures]
    return {"created": _CREATED, "data": shown, "usage": said.usage or _image_usage(said), **said.extra}


def media_events(door: str, said: Said, request: Mapping[str, Any]) -> list[bytes]:
    """Build the events of such a route's stream."""
    if door == "speech":
        whole = sound(said, request)
        pieces = [whole[at : at + PIECE_BYTES] for at in range(0, len(whole), PIECE_BYTES)]
        events: list[dict[str, Any]] = [
            {"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()} for piece in pieces
        ]
        events.append({"type": "speech.audio.done", "usage": said.usage or _plain_usage(said)})
        return [data_event(event) for event in events]
    if door == "transcriptions":
        events = [{"type": "transcript.text.delta", "delta": piece} for piece in said.pieces]
        usage = said.usage or {"type": "tokens", **_plain_usage(said)}
        events.append({"type": "transcript.text.done", "text": said.whole or "", "usage": usage})
        return [data_event(event) for event in events]
    if door not in _IMAGE_DOORS:
        return [data_event(media_answer(door, said, request))]
    name = _IMAGE_DOORS[door]
    about = {"created_at": _CREATED, "size": "auto", "quality": "low", "background": "opaque", "output_format": "png"}
    events = [
        {"type": f"{name}.partial_image", "partial_image_index": index, "b64_json": _picture(said, 10 + index), **about}
        for index in range(int(request.get("partial_images") or 0))
    ]
    usage = said.usage or _image_usage(said)
    events.append({"type": f"{name}.completed", "b64_json": _picture(said, 1), "usage": usage, **about})
    return [named_event(event) for event in events]


def _picture(said: Said, seed: int) -> str:
    return base64.b64encode(a_picture(seed=seed) if said.media is None else said.media).decode()


def _plain_usage(said: Said) -> dict[str, int]:
    total = said.input_tokens + said.output_tokens
    return {"input_tokens": said.input_tokens, "output_tokens": said.output_tokens, "total_tokens": total}


def _image_usage(said: Said) -> dict[str, Any]:
    return {
        **_plain_usage(said),
        "input_tokens_details": {"text_tokens": said.input_tokens, "image_tokens": 0},
        "output_tokens_details": {"text_tokens": 0, "image_tokens": said.output_tokens},
    }


def _transcript_usage(said: Said, model: str) -> dict[str, Any]:
    """Return tokens, and seconds for the older model that is billed by them."""
    if model.startswith("whisper"):
        return {"type": "duration", "seconds": _SECONDS}
    details = {"audio_tokens": said.input_tokens, "text_tokens": 0}
    return {"type": "tokens", **_plain_usage(said), "input_token_details": details}
