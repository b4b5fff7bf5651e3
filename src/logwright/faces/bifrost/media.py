"""Speech, transcripts and images in a log: what was said, what came of it, and where the media themselves lie.

Media are not in the log but in the blobs, and the body holds a reference
`{"$blob": digest, size, content_type, filename}` in their place. A list shows that, for
it would otherwise carry megabytes that nobody looks at; a log alone has them back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from logwright.blobs.types import BlobStore
from logwright.errors import Unavailable
from logwright.logs.media.inlining import with_media
from logwright.logs.types import Log
from logwright.wire.strict import JSON

Fields = dict[str, JSON]

MOST_BYTES: Final = 16 << 20
"""Media that one log is shown with; where they have more bytes together they stay references."""

_COUNTS: Final = ("input_tokens", "output_tokens", "total_tokens", "input_chars")


_logger = logging.getLogger(__name__)


def put_back(log: Log, blobs: BlobStore) -> Log:
    """Return a log with its media in its bodies; it blocks. What cannot be had at present stays a reference."""
    try:
        size = sum(blobs.size(digest) or 0 for digest in log.blobs)
        return with_media(log, blobs) if size <= MOST_BYTES else log
    except (OSError, Unavailable) as error:
        _logger.warning("the media of %s cannot be read: %s", log.id, error)
        return log


def speech(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    """Give what was to be said, and the sound."""
    given = asked.get("input")
    output: Fields = {}
    sound = answered.get("audio")
    if (data := _base64(sound)) is not None:
        output["audio"] = data
    elif isinstance(sound, dict):
        output["audio_blob"] = sound
    usage = answered.get("usage")
    if isinstance(usage, dict):
        output["usage"] = {name: usage[name] for name in _COUNTS if type(usage.get(name)) is int}
    return {
        "speech_input": {"input": given} if isinstance(given, str) else None,
        "speech_output": output,
    }


def transcription(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    """Give the sound that was sent, and its words."""
    sent: Fields = {}
    file = asked.get("file")
    if (data := _base64(file)) is not None:
        sent["file"] = data
    elif isinstance(file, dict):
        sent["file_blob"] = file
    if isinstance(file, dict) and isinstance(name := file.get("filename"), str):
        sent["filename"] = name
    output: Fields = {}
    if isinstance(text := answered.get("text"), str):
        output["text"] = text
        for name, kind in (("language", str), ("task", str), ("words", list), ("segments", list), ("usage", dict)):
            if isinstance(answered.get(name), kind):
                output[name] = answered[name]
        duration = _number(answered.get("duration"))
        if duration is not None:
            output["duration"] = duration
    return {"transcription_input": sent, "transcription_output": output}


def images(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    """Give what was to be drawn, and the pictures or where they lie."""
    return {
        "image_generation_input": {
            name: asked[name] for name in ("prompt", "image", "image[]", "mask") if asked.get(name) is not None
        },
        "image_generation_output": {
            name: value
            for name, value in answered.items()
            if name in {"created", "data", "usage"} and value is not None
        },
    }


def _base64(given: JSON) -> str | None:
    """Return a medium as base64, in either form in which a body holds it; None for a reference."""
    found = given.get("base64") if isinstance(given, dict) else given
    return found if isinstance(found, str) else None


def _number(given: JSON) -> float | None:
    """Read a number; OpenAI has sent durations as text."""
    if type(given) in (int, float):
        return float(given)
    try:
        return float(given) if isinstance(given, str) else None
    except ValueError:
        return None
