"""One log as a line of a dump, column for column, and that line as a record that becomes the very same log again.

Bodies stand in the line as the JSON they are; one whose text cannot stand there byte
for byte (it goes over several lines, say) stands as a text under its name and `_text`.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from logwright.clock import to_micros
from logwright.errors import InvalidRequest
from logwright.logs.record import LogRecord
from logwright.logs.row import COLUMNS, LogRow
from logwright.logs.types import Amendment, Log

OWN: Final = ("producer", "sequence")
"""The columns that say how a log came into its store; they are new in another one."""

DUMPED: Final = tuple(name for name in COLUMNS if name not in OWN)
"""The columns of a dump, in the order of its lines."""

BODIES: Final = ("request", "response", "details")
MOMENTS: Final = ("requested_at", "received_at", "amended_at")

_PLAIN: Final = tuple(name for name in DUMPED if name not in BODIES)
_ABSENT: Final = msgspec.Raw(b"")


def _fields() -> list[tuple[str, Any, Any]]:
    """Say how each column is written: moments as ISO 8601, bodies as JSON, everything else as it is."""
    hints = typing.get_type_hints(LogRow)
    fields: list[tuple[str, Any, Any]] = []
    for name in DUMPED:
        if name in BODIES:
            fields += [(name, msgspec.Raw, _ABSENT), (f"{name}_text", str, "")]
        elif name == "requested_at":
            fields.append((name, datetime, msgspec.NODEFAULT))
        elif name in MOMENTS:
            fields.append((name, datetime | None, None))
        else:
            default = msgspec.NODEFAULT if name in {"id", "project_id", "source", "kind"} else _DEFAULTS[name]
            fields.append((name, hints[name], default))
    return [*fields, ("amendments", list[Amendment], msgspec.field(default_factory=list))]


_DEFAULTS: Final = {
    field.name: field.default
    if field.default is not msgspec.NODEFAULT
    else msgspec.field(default_factory=field.default_factory)
    if field.default_factory is not msgspec.NODEFAULT
    else msgspec.NODEFAULT
    for field in msgspec.structs.fields(LogRow)
}
_Line: Final[Any] = msgspec.defstruct("DumpedLog", _fields(), kw_only=True, forbid_unknown_fields=True)
_decode: Final = msgspec.json.Decoder(_Line).decode
_encode: Final = msgspec.json.Encoder().encode
_pack: Final = msgspec.msgpack.Encoder().encode
_skip: Final = msgspec.json.Decoder(msgspec.Raw).decode


class Dumped(typing.NamedTuple):
    """A line of a dump, read."""

    record: LogRecord
    amendments: Sequence[Amendment]


def line(log: Log, amendments: Sequence[Amendment] = ()) -> bytes:
    """Write a log as a line, with its end."""
    values: dict[str, Any] = {name: getattr(log, name) for name in _PLAIN}
    for name in BODIES:
        text: str = getattr(log, name)
        if text:
            body = _as_it_is(text)
            values[name if body is not None else f"{name}_text"] = text if body is None else body
    if amendments:
        values["amendments"] = amendments
    return _encode(values) + b"\n"


def _as_it_is(text: str) -> msgspec.Raw | None:
    """Return a body that can stand within a line byte for byte; None for one that cannot."""
    if "\n" in text or "\r" in text:
        return None
    body = text.encode()
    try:
        return msgspec.Raw(body) if bytes(_skip(body)) == body else None
    except (msgspec.DecodeError, RecursionError):
        return None


def read(text: bytes) -> Dumped:
    """Read a line back.

    Raises:
        InvalidRequest: naming what is wrong with it.
    """
    try:
        told = _decode(text)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise InvalidRequest(f"This is no line of a dump: {error}") from error
    values: dict[str, Any] = {name: getattr(told, name) for name in _PLAIN}
    for name in BODIES:
        values[name] = bytes(getattr(told, name)).decode() or getattr(told, f"{name}_text")
    for name in MOMENTS:
        values[name] = None if values[name] is None else to_micros(values[name])
    row = LogRow(**values)
    record = LogRecord(
        id=row.id,
        project_id=row.project_id,
        source=row.source,
        kind=row.kind,
        requested_at=row.requested_at,
        exact=_pack(row),
    )
    return Dumped(record, told.amendments)
