"""Read the values of a query: numbers, durations, amounts of money, moments; and write them back."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

from logwright.clock import MICROSECOND, from_micros, to_micros

_NUMBER: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Zµ]*)")
_SECONDS: Final = {
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "": 1.0,
    "s": 1.0,
    "sec": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86_400.0,
    "w": 604_800.0,
}
_COUNTS: Final = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_MOMENT: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?"
    r"\s*(Z|z|[+-]\d\d:?\d\d)?"
)


def number(text: str) -> float | None:
    """Read `400`, `1e3`, `10k`; None when it is no number."""
    return _scaled(text, _COUNTS)


def seconds(text: str) -> float | None:
    """Read `2s`, `500ms`, `1.5m`, `2h` or bare seconds; None when it is no duration."""
    return _scaled(text, _SECONDS)


def dollars(text: str) -> float | None:
    """Read `0.01` or `$0.01`; None when it is no amount."""
    return _scaled(text.removeprefix("$"), {"": 1.0})


def flag(text: str) -> bool | None:
    """Read `true` or `false`, `yes` or `no`, `1` or `0`; None when it is neither."""
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower())


class Span(NamedTuple):
    """The stretch of time that a written moment means, in microseconds since 1970, both ends included."""

    first: int
    last: int
    edge: int
    """What `>` and `<=` compare with: the end of a day, month or year; of a time of day, that very moment."""


def moment(text: str, now: datetime) -> Span | None:
    """Read a moment: a date or time of any precision, `now`, `today`, `yesterday`, or how long ago (`24h`).

    `2026-01-31` means the whole day. Without a zone it is UTC. None when it is nothing of the kind.
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match text:
        case "now":
            return _instant(to_micros(now))
        case "today":
            return _span(today, today + timedelta(days=1))
        case "yesterday":
            return _span(today - timedelta(days=1), today)
        case _:
            pass
    if found := _MOMENT.fullmatch(text):
        return _written_out(found)
    ago = seconds(text.removeprefix("-"))
    if ago is None or text[-1:].isdigit():
        return None
    try:
        then = to_micros(now - timedelta(seconds=ago))
    except OverflowError:
        return None
    return _instant(then)


def show_number(value: float) -> str:
    """Write a number so that it reads back as the same."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def show_moment(micros: float) -> str:
    """Write a moment so that it reads back as the same microsecond."""
    return from_micros(int(micros)).strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0") + "Z"


def _scaled(text: str, units: dict[str, float]) -> float | None:
    found = _NUMBER.fullmatch(text)
    if found is None or found.group(2) not in units:
        return None
    digits, unit = found.groups()
    value = float(digits)
    # Division keeps 500ms the float that 0.5 is, and 3us the one that 0.000003 is; multiplication would not.
    scale = units[unit]
    value = value / round(1 / scale) if scale < 1 else value * scale
    return value if math.isfinite(value) else None


def _written_out(found: re.Match[str]) -> Span | None:
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        start = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
            tzinfo=_zone(zone),
        )
        if not month:
            end = start.replace(year=start.year + 1)
        elif not day:
            end = (start + timedelta(days=32)).replace(day=1)
        elif not hour:
            end = start + timedelta(days=1)
        elif not minute:
            end = start + timedelta(hours=1)
        elif not second:
            end = start + timedelta(minutes=1)
        elif not fraction:
            end = start + timedelta(seconds=1)
        else:
            end = start + max(timedelta(seconds=10.0 ** -len(fraction)), MICROSECOND)
        span = _span(start, end)
        return span._replace(edge=span.first) if hour else span
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text in {"Z", "z"}:
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


def _span(start: datetime, end: datetime) -> Span:
    return Span(to_micros(start), to_micros(end) - 1, to_micros(end) - 1)


def _instant(micros: int) -> Span:
    return Span(micros, micros, micros)
