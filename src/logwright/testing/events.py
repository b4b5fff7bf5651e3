"""Server-sent events and JSON as providers write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def data_event(value: Any) -> bytes:
    """Write one event without a name."""
    return b"data: " + dumps(value) + b"\n\n"


def named_event(value: Mapping[str, Any]) -> bytes:
    """Write one event named by its `type`, as Anthropic and the responses API do."""
    return b"event: " + str(value["type"]).encode() + b"\n" + data_event(value)


def dumps(value: Any) -> bytes:
    """Write JSON as providers do: compact, in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
