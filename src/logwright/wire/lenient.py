"""JSON of a provider, read and written even where a text was cut between the halves of a surrogate pair.

A provider that streams may send such a half in an escape of its own. Strict readers
take neither half; the caller's does, once it has put both together.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

JSON = Any

_read: Final = msgspec.json.Decoder().decode
_write: Final = msgspec.json.Encoder().encode


def read(data: bytes) -> JSON:
    """Parse JSON. Raises ValueError when it is none."""
    try:
        return _read(data)
    except (msgspec.DecodeError, RecursionError):
        try:
            return json.loads(data)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


def read_object(data: bytes) -> dict[str, JSON]:
    """Parse JSON that must be an object. Raises ValueError when it is not."""
    found = read(data)
    if type(found) is not dict:
        raise ValueError(f"a JSON object was expected, not {type(found).__name__}")
    return found


def write(value: JSON) -> bytes:
    """Write JSON; a lone surrogate goes out as the escape that it came in as, a large number as it was."""
    try:
        return _write(value)
    except (UnicodeEncodeError, OverflowError):  # the latter: a whole number beyond 64 bits
        return json.dumps(value, separators=(",", ":")).encode()
