"""Growing JSON: adding a piece of a streamed object to what came before it."""

from __future__ import annotations

from typing import Any, Final

WHOLE: Final = frozenset({"id", "type", "role", "format", "object", "phase"})
"""Texts that name something: sent whole each time, never in pieces."""


def merge(held: dict[str, Any], name: str, value: Any) -> None:
    """Add to a field: texts and lists grow, objects are merged, anything else is replaced; null changes nothing."""
    before = held.get(name)
    if before is None:
        held[name] = value
    elif value is None:
        return
    elif type(value) is str and type(before) is str:
        held[name] = value if name in WHOLE else before + value
    elif type(value) is list and type(before) is list:
        before.extend(value)
    elif type(value) is dict and type(before) is dict:
        for below, piece in value.items():
            merge(before, below, piece)
    else:
        held[name] = value
