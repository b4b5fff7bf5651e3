"""Reading a stranger's JSON object field by field, with the JSON path of what is not as expected."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from logwright.clock import from_micros, to_micros
from logwright.logs.imports.base import Refused
from logwright.wire.tags import tag_text

_SECONDS_BELOW: Final = 1e11
"""A number below this counts seconds (until the year 5138), one below the next milliseconds, others microseconds."""
_MILLIS_BELOW: Final = 1e14
_LAST: Final = 10_413_791_999_999_999
"""2299-12-31 23:59:59.999999, where the store's moments end, in microseconds."""

decode: Final = msgspec.json.Decoder().decode
encode: Final = msgspec.json.Encoder().encode


def micros_of(value: datetime | float) -> int:
    """Return a moment in microseconds since 1970 UTC; a time without a zone is UTC.

    Raises:
        Refused: when it lies before 1970 or after 2299.
    """
    if isinstance(value, datetime):
        found = to_micros(value.replace(tzinfo=UTC) if value.tzinfo is None else value)
    else:
        size = abs(value)
        unit = 1_000_000 if size < _SECONDS_BELOW else 1000 if size < _MILLIS_BELOW else 1
        found = round(value * unit) if size < 1e18 else -1
    if not 0 <= found <= _LAST:
        raise Refused(f"{value!r} is no moment between 1970 and 2299")
    return found


class Fields:
    """One JSON object of a stranger; a field that is null or an empty text counts as absent."""

    __slots__ = ("_path", "_values")

    def __init__(self, values: Mapping[str, Any], path: str = "$") -> None:
        self._values = values
        self._path = path

    @classmethod
    def of(cls, raw: bytes) -> Fields:
        """Read an item that must be an object."""
        value = decode(raw)
        if not isinstance(value, dict):
            raise Refused(f"expected an object, got {kind_of_json(value)}", "$")
        return cls(value)

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) not in (None, "")

    @property
    def values(self) -> Mapping[str, Any]:
        """The object itself."""
        return self._values

    def any(self, *names: str) -> Any:
        """Return the first of the named fields that is there; None when none is."""
        for name in names:
            value = self._values.get(name)
            if value is not None and value != "":
                return value
        return None

    def text(self, *names: str) -> str:
        """Return a text; a number becomes one."""
        name, value = self._first(names)
        if value is None:
            return ""
        if isinstance(value, dict | list):
            raise self._wrong(name, "a text", value)
        return tag_text(value) or ""

    def number(self, *names: str) -> float | None:
        """Return a number, which CSV and some databases write as a text."""
        name, value = self._first(names)
        if value is None:
            return None
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
            raise self._wrong(name, "a number", value)
        return float(value)

    def count(self, *names: str) -> int | None:
        """Return a whole number that is not negative."""
        value = self.number(*names)
        if value is None:
            return None
        if value < 0 or not value.is_integer() or value >= 2**32:
            name, _ = self._first(names)
            raise Refused(f"expected a count, got {value:g}", f"{self._path}.{name}")
        return int(value)

    def moment(self, *names: str) -> datetime | None:
        """Return a moment, aware and in UTC."""
        name, value = self._first(names)
        if value is None:
            return None
        if isinstance(value, str):
            value = _parsed(value)
        if not isinstance(value, datetime | int | float) or isinstance(value, bool):
            raise self._wrong(name, "a moment (ISO 8601, or a number since 1970)", self._values[name])
        try:
            return from_micros(micros_of(value))
        except Refused as refusal:
            raise Refused(refusal.error.message, f"{self._path}.{name}") from None

    def object(self, *names: str) -> Fields:
        """Return an object, also where it is written as JSON within a text; an empty one where there is none."""
        name, value = self._first(names)
        if value is None:
            return Fields({}, f"{self._path}.{names[0]}")
        value = opened(value)
        if not isinstance(value, dict):
            raise self._wrong(name, "an object", value)
        return Fields(value, f"{self._path}.{name}")

    def list(self, *names: str) -> list[Any]:
        """Return an array, also where it is written as JSON within a text; an empty one where there is none."""
        name, value = self._first(names)
        if value is None:
            return []
        value = opened(value)
        if not isinstance(value, list):
            raise self._wrong(name, "an array", value)
        return value

    def json(self, *names: str) -> Any:
        """Return a value, opened where it is JSON within a text."""
        return opened(self.any(*names))

    def rest(self, *used: str) -> dict[str, Any]:
        """Return what is left besides the named fields, without what is empty."""
        return {
            name: value
            for name, value in self._values.items()
            if name not in used and value is not None and value not in ("", {}, [])
        }

    def _first(self, names: tuple[str, ...]) -> tuple[str, Any]:
        for name in names:
            value = self._values.get(name)
            if value is not None and value != "":
                return name, value
        return names[0], None

    def _wrong(self, name: str, wanted: str, value: Any) -> Refused:
        shown = repr(value)[:80] if isinstance(value, str | int | float) else kind_of_json(value)
        return Refused(f"expected {wanted}, got {shown}", f"{self._path}.{name}")


def opened(value: Any) -> Any:
    """Return what a text that holds a JSON object or array says; any other value is returned as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            return decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
    return value


def kind_of_json(value: Any) -> str:
    """Name the type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "an array"
        case _:
            return "an object"


def texts_of(values: Any) -> dict[str, str | float | bool | None]:
    """Keep of an object what can be a tag: texts, numbers, true and false; the rest belongs to the details."""
    if not isinstance(values, dict):
        return {}
    return {str(name): value for name, value in values.items() if isinstance(value, str | int | float | bool) and name}


def _parsed(text: str) -> datetime | float | None:
    """Read a moment: ISO 8601 with `T` or a blank, with a zone or without; or a number."""
    with contextlib.suppress(ValueError):
        return float(text)
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(text.strip().removesuffix(" UTC"))
    return None
