"""Where a page of a list ended, as an opaque text: the sort key, the direction, the last value and the last id."""

from __future__ import annotations

import base64
import binascii

import msgspec

from logwright.clock import to_micros
from logwright.errors import InvalidRequest
from logwright.logs.store.sql import literals
from logwright.logs.types import Direction, LogSummary, Order, SortKey


class _Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    key: SortKey
    direction: Direction
    value: int | float | None
    id: str
    since: int | None = None
    """In microseconds: the list leaves out what is older, because all of it was too much to sort."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Place)


def after(order: Order, last: LogSummary, *, since: int | None = None) -> str:
    """Name the place behind a list's last log; `since` when the list leaves out what is older."""
    value: int | float | None
    match order.key:
        case "time":
            value = to_micros(last.requested_at)
        case "latency":
            value = last.latency
        case "tokens":
            value = last.total_tokens
        case "cost":
            value = last.cost
    return _write(_Place(order.key, order.direction, value, last.id, since))


def at(order: Order, micros: int) -> str:
    """Name the place before the first log of a moment, in a list in order of time."""
    # No id is as small as the empty one, so upwards it excludes nothing of the moment, and downwards all of it.
    return _write(_Place("time", order.direction, micros, ""))


def moment(order: Order, cursor: str) -> int | None:
    """Give the time of a place in a list in order of time; None where the list is in another order."""
    place = _read(order, cursor)
    return int(place.value or 0) if order.key == "time" else None


def since(order: Order, cursor: str) -> int | None:
    """Give the time from which on the list of a cursor has its logs; None where it has all."""
    return _read(order, cursor).since


def beyond(order: Order, cursor: str) -> tuple[str, dict[str, object]]:
    """Say in SQL which rows lie behind a place, and the values of its parameters.

    Raises:
        InvalidRequest: when the text is no cursor of a list in this order.
    """
    place = _read(order, cursor)
    follows = "<" if order.direction == "desc" else ">"
    parameters: dict[str, object] = dict(literals({"after_id": place.id}))
    tie = f"id {follows} {{after_id:String}}"
    if order.key == "time":
        parameters["after"] = int(place.value or 0)
        moment = "fromUnixTimestamp64Micro({after:Int64}, 'UTC')"
        # The first condition says what the second implies, in the form that the primary key is searched by.
        return (
            f"requested_at {follows}= {moment} AND (requested_at {follows} {moment} OR {tie})",
            parameters,
        )
    column = {"latency": "latency", "tokens": "total_tokens", "cost": "cost"}[order.key]
    if place.value is None:
        return f"{column} IS NULL AND {tie}", parameters
    parameters["after"] = repr(float(place.value))
    value = "{after:Float64}"
    return f"{column} IS NULL OR {column} {follows} {value} OR ({column} = {value} AND {tie})", parameters


def _write(place: _Place) -> str:
    return base64.urlsafe_b64encode(_encoder.encode(place)).rstrip(b"=").decode()


def _read(order: Order, cursor: str) -> _Place:
    try:
        place = _decoder.decode(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        place = None
    if place is None or (place.key, place.direction) != (order.key, order.direction):
        raise InvalidRequest(
            "`after` is not where a page of this list ended; take it from `next` of the page before, in this order.",
            param="after",
        )
    return place
