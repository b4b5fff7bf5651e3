"""Speech, transcripts and pictures, put together from the events of a stream.

Sources: OpenAI API reference, streaming events of audio and images, November 2026.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any


def assemble_speech(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sound in one piece under `audio`, as base64, and the usage."""
    pieces: list[bytes] = []
    answer: dict[str, Any] = {"audio": ""}
    for chunk in chunks:
        match chunk.get("type"):
            case "speech.audio.delta":
                piece = chunk.get("audio", "")
                try:
                    pieces.append(base64.b64decode(piece, validate=True))
                except (binascii.Error, ValueError):
                    answer["error"] = {"message": "A piece of the sound was not base64", "type": "malformed_stream"}
            case "speech.audio.done":
                answer |= {name: value for name, value in chunk.items() if name != "type"}
            case _:
                _take_error(answer, chunk)
    answer["audio"] = base64.b64encode(b"".join(pieces)).decode()
    return answer


def assemble_transcript(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the text, which the last event brings whole, with the segments of speakers where there are any."""
    said: list[str] = []
    segments: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"text": ""}
    for chunk in chunks:
        match chunk.get("type"):
            case "transcript.text.delta":
                said.append(chunk["delta"])
            case "transcript.text.segment":
                segments.append({name: value for name, value in chunk.items() if name != "type"})
            case "transcript.text.done":
                answer |= {name: value for name, value in chunk.items() if name != "type"}
            case _:
                _take_error(answer, chunk)
    answer["text"] = answer["text"] or "".join(said)
    if segments:
        answer["segments"] = segments
    return answer


def assemble_pictures(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the pictures under `data`, as the answer without streaming has them; the sketches before them beside."""
    answer: dict[str, Any] = {}
    pictures: list[dict[str, Any]] = []
    sketches: list[dict[str, Any]] = []
    for chunk in chunks:
        name = chunk.get("type") or ""
        if name.endswith(".partial_image"):
            sketches.append({"index": chunk.get("partial_image_index"), "b64_json": chunk.get("b64_json")})
        elif name.endswith(".completed"):
            pictures.append({"b64_json": chunk.get("b64_json")})
            about = {key: value for key, value in chunk.items() if key not in {"type", "b64_json", "created_at"}}
            answer |= {"created": chunk.get("created_at"), **about}
        else:
            _take_error(answer, chunk)
    if pictures:
        answer["data"] = pictures
    if sketches:
        answer["partial_images"] = sketches
    return answer


def _take_error(answer: dict[str, Any], chunk: dict[str, Any]) -> None:
    if chunk.get("type") == "error" or "error" in chunk:
        answer["error"] = chunk.get("error") or {name: value for name, value in chunk.items() if name != "type"}
