"""What an amendment makes of a log: the columns that it sets, those that follow from them, and what they were before.

An amendment corrects a log after the fact: an answer edited by a person, figures
that a caller learned later. What the caller leaves out is kept and what it gives as
None is cleared. The outcome is absolute values, so that applying it twice is applying
it once, and the values before it are kept beside it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, get_args

import msgspec

from logwright.clock import to_micros
from logwright.errors import InvalidRequest
from logwright.logs.media.lifting import Keeper, Lifting
from logwright.logs.record import ErrorKind
from logwright.logs.types import Log
from logwright.wire.preview import request_preview, response_preview

MOST_BYTES: Final = 8 << 20
"""The most bytes of text that one amendment may set."""

_LAST_COUNT: Final = 2**32 - 1
_LAST_MICROSECOND: Final = 10_413_791_999_999_999  # 2299-12-31 23:59:59.999999, where the store's DateTime64 ends
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that may be set."""

    name: str
    kind: str
    """text, json, count, status, number, moment, tags or details."""


_COUNTS: Final = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "total_tokens")
_NUMBERS: Final = ("latency", "ttft", "cost", "input_cost", "output_cost")
_TEXTS: Final = (
    "error_kind",
    "error_message",
    "model",
    "upstream_model",
    "provider",
    "completion_id",
    "price_version",
    "prompt_id",
    "version_id",
    "trace_id",
    "span_id",
    "session_id",
    "parent_id",
)
AMENDABLE: Final[Mapping[str, Column]] = {
    name: Column(name=name, kind=kind)
    for kind, names in (
        ("json", ("request", "response")),
        ("details", ("details",)),
        ("tags", ("tags",)),
        ("moment", ("requested_at", "received_at")),
        ("count", _COUNTS),
        ("status", ("status",)),
        ("number", _NUMBERS),
        ("text", _TEXTS),
    )
    for name in names
}
"""Every column that an amendment may set. `request` and `response` take JSON text, `details` an object whose keys are
merged into what is there (None removes one), `tags` the whole map, moments microseconds since 1970."""

_BODIES: Final = frozenset({"request", "response", "details"})
TAG_CHANGES: Final = "tag_changes"

_NEEDED: Final = frozenset({"requested_at", "model", "prompt_id", "version_id"})
"""Columns that cannot be cleared."""


class Outcome(NamedTuple):
    """The values to set, and what stood there before; both by column, equal ones left out."""

    values: dict[str, Any]
    before: dict[str, Any]


def outcome(log: Log, told: Mapping[str, Any]) -> Outcome:
    """Work out what an amendment sets.

    Beside columns it may tell `tag_changes`: tags to set (text) and to remove (None), by name, where `tags` is the
    whole map. So two amendments of different tags lose nothing.

    Raises:
        InvalidRequest: naming the column that cannot be set, or not to such a value.
    """
    columns = {name: value for name, value in told.items() if name != TAG_CHANGES}
    if told.get(TAG_CHANGES):
        columns["tags"] = _changed_tags(columns.get("tags", log.tags), told[TAG_CHANGES])
    values = {name: _checked(name, value, log) for name, value in columns.items()}
    if sum(len(value) for value in values.values() if isinstance(value, str)) > MOST_BYTES:
        raise InvalidRequest(f"An amendment sets at most {MOST_BYTES:,} characters of text")
    _follow(log, values)
    now = {name: _stored(getattr(log, name)) for name in values}
    changed = [name for name, value in values.items() if value != now[name]]
    return Outcome({name: values[name] for name in changed}, {name: now[name] for name in changed})


def lifted(log: Log, values: dict[str, Any], before: dict[str, Any], keeper: Keeper) -> Outcome:
    """Take media out of the bodies that an amendment sets, as they are taken out of those that are recorded.

    Raises:
        OSError: when the keeper's disk does not take them.
    """
    media = Lifting(keeper)
    values = {
        name: media.text(value) if name in _BODIES and isinstance(value, str) else value
        for name, value in values.items()
    }
    if fresh := [digest for digest in media.digests if digest not in log.blobs]:
        # What stood there before is kept too, and may be looked at: its media stay referred to.
        values["blobs"] = [*log.blobs, *fresh]
        before = {**before, "blobs": list(log.blobs)}
    return Outcome(values, before)


def _changed_tags(tags: Any, changes: Any) -> dict[str, Any]:
    if not isinstance(changes, Mapping) or not isinstance(tags, Mapping | None):
        raise InvalidRequest("`tag_changes` takes an object of texts and nulls", param=TAG_CHANGES)
    return {name: value for name, value in {**(tags or {}), **changes}.items() if value is not None}


def _stored(value: Any) -> Any:
    """Give the value of a column as amendments write it."""
    if isinstance(value, datetime):
        return to_micros(value)
    return dict(value) if isinstance(value, Mapping) else value


def _follow(log: Log, values: dict[str, Any]) -> None:
    """Set the columns that follow from others: sums, durations, previews."""

    def new(name: str) -> Any:
        return values[name] if name in values else _stored(getattr(log, name))

    if values.keys() & {"input_tokens", "output_tokens"} and "total_tokens" not in values:
        values["total_tokens"] = _sum(new("input_tokens"), new("output_tokens"))
    if values.keys() & {"input_cost", "output_cost"} and "cost" not in values:
        values["cost"] = _sum(new("input_cost"), new("output_cost"))
    if "cost" in values and "price_version" not in values:
        values["price_version"] = "" if values["cost"] is None else "caller"
    if values.keys() & {"requested_at", "received_at"} and "latency" not in values:
        start, end = new("requested_at"), new("received_at")
        values["latency"] = None if end is None or end < start else (end - start) / 1_000_000
    if "error_message" in values and "error_kind" not in values:
        values["error_kind"] = (log.error_kind or "reported") if values["error_message"] else ""
    if "request" in values:
        values["request_preview"] = preview(request_preview, log.kind, values["request"])
    if "response" in values:
        values["response_preview"] = preview(response_preview, log.kind, values["response"])


def preview(of: Callable[[str, Any], str], kind: str, text: str) -> str:
    """Give the preview of a body given as JSON text."""
    try:
        return of(kind, json.loads(text)) if text else ""
    # Broad, because the shapes are a stranger's, and a preview is a convenience that must not stop a change.
    except Exception:  # noqa: BLE001
        return ""


def _sum(first: float | None, second: float | None) -> float | None:
    if first is None and second is None:
        return None
    total = (first or 0) + (second or 0)
    return round(total, 12) if isinstance(total, float) else min(total, _LAST_COUNT)


def _checked(name: str, value: Any, log: Log) -> Any:
    column = AMENDABLE.get(name)
    if column is None:
        raise InvalidRequest(f"`{name}` of a log cannot be changed; these can: {', '.join(AMENDABLE)}", param=name)
    if value is None and name in _NEEDED:
        raise InvalidRequest(f"`{name}` of a log cannot be cleared", param=name)
    return _READERS[column.kind](name, value, log)


def _text(name: str, value: Any, _: Log) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRequest(f"`{name}` takes a text", param=name)
    if name == "error_kind" and value not in get_args(ErrorKind):
        known = ", ".join(kind for kind in get_args(ErrorKind) if kind)
        raise InvalidRequest(f"`error_kind` is empty or one of {known}", param=name)
    return value.encode("utf-8", "replace").decode()


def _json(name: str, value: Any, log: Log) -> str:
    text = _text(name, value, log)
    try:
        if text:
            json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"`{name}` takes JSON text: {error}", param=name) from error
    return text


def _whole(name: str, value: Any, least: int, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidRequest(f"`{name}` takes a whole number from {least} to {most}", param=name)
    return value


def _number(name: str, value: Any, _: Log) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise InvalidRequest(f"`{name}` takes a number of 0 or more", param=name)
    return float(value)


def _tags(name: str, value: Any, _: Log) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(part, str) for pair in value.items() for part in pair):
        raise InvalidRequest("`tags` takes an object of texts", param=name)
    return dict(value)


def _details(name: str, value: Any, log: Log) -> str:
    """Merge the keys that were told into those that are there."""
    if value is None:
        return ""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidRequest("`details` takes an object", param=name)
    there = json.loads(log.details) if log.details else {}
    merged = {**(there if isinstance(there, dict) else {}), **value}
    kept = {key: one for key, one in merged.items() if one is not None}
    try:
        return _encode(kept).decode() if kept else ""
    except (TypeError, UnicodeEncodeError) as error:
        raise InvalidRequest(f"`details` takes JSON values: {error}", param=name) from error


_READERS: Final[Mapping[str, Callable[[str, Any, Log], Any]]] = {
    "text": _text,
    "json": _json,
    "count": lambda name, value, _: _whole(name, value, 0, _LAST_COUNT),
    "status": lambda name, value, _: _whole(name, value, 0, 65_535),
    "moment": lambda name, value, _: _whole(name, value, 0, _LAST_MICROSECOND),
    "number": _number,
    "tags": _tags,
    "details": _details,
}
