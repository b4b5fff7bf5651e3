"""JSON as it leaves: what was recorded may hold what a strict writer refuses, and must be shown all the same."""

from __future__ import annotations

import json
from typing import Final

import msgspec

from logwright.wire.strict import JSON

_encode: Final = msgspec.json.Encoder().encode


def written(value: JSON) -> bytes:
    """Write JSON; a lone surrogate is escaped, and a number beyond 64 bits written out, which msgspec does not do."""
    try:
        return _encode(value)
    except (ValueError, OverflowError):
        return json.dumps(value, separators=(",", ":")).encode()
