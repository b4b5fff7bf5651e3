"""Speech, transcripts and images in a log: what was said, what came of it, and where the media themselves lie.

Large media are not in the log but in the blobs, and the body holds a reference
`{"$blob": digest, size, content_type, filename}` in their place. It is shown as it
is, for a list of pictures would otherwise carry megabytes that nobody looks at.
"""

from __future__ import annotations

from collections.abc import Mapping

from logwright.wire.strict import JSON

Fields = dict[str, JSON]

_COUNTS = ("input_tokens", "output_tokens", "total_tokens", "input_chars")


def speech(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    """Give what was to be said, and the sound."""
    given = asked.get("input")
    output: Fields = {}
    sound = answered.get("audio")
    if isinstance(sound, str):
        output["audio"] = sound
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
    if isinstance(file, str):
        sent["file"] = file
    elif isinstance(file, dict):
        name = file.get("filename")
        if isinstance(name, str):
            sent["filename"] = name
        sent["file_blob"] = file
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


def _number(given: JSON) -> float | None:
    """Read a number; OpenAI has sent durations as text."""
    if type(given) in (int, float):
        return float(given)
    try:
        return float(given) if isinstance(given, str) else None
    except ValueError:
        return None
