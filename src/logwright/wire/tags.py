"""How the values of a caller's metadata become the text of tags: the same at every door."""

from __future__ import annotations

from logwright.wire.strict import JSON


def tag_text(value: JSON) -> str | None:
    """Return the text of a tag's value as JavaScript writes it, `1` for 1.0 and `true` for true; else None."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e21:  # from there on JavaScript writes an exponent
            return str(int(value))
        case int() | float():
            return str(value)
        case _:
            return None
