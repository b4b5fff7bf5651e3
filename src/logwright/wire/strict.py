"""Strict reading of request JSON: what two readers could understand differently is refused at the door.

A key given twice, a number that no 64-bit reader can hold, a lone surrogate or a
NUL means one thing to us and another to a provider, a database or a browser
(RFC 8259, sections 4, 6 and 8.2, leaves all of them open). So they end here.

The check is on the path of every call. Most bodies are proven clean by library
calls alone: a parsed body that, written again, gives the very bytes that came
cannot have lost a repeated key. Only what this does not settle is looked at closely.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

import msgspec

from logwright.errors import InvalidRequest, MalformedBody

JSON = Any
"""Any JSON value; written so where we pass it through."""

MAX_DEPTH: Final = 100
MAX_KEYS: Final = 20_000
"""Keys in one object."""

_LEAST_BYTES_OF_KEYS: Final = MAX_KEYS * len('"":0,')  # a smaller body cannot hold more than MAX_KEYS keys
_LARGE: Final = 256 * 1024
_FEW: Final = 40
_CONTAINERS: Final = frozenset({dict, list})
_parse: Final = msgspec.json.Decoder().decode
_write: Final = msgspec.json.Encoder().encode
_pack: Final = msgspec.msgpack.Encoder().encode
_compact: Final = msgspec.json.format
_key_ends: Final = re.compile(rb'"[ \t\r\n]*:').findall
_ESCAPES: Final = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL).finditer
_NOT_NUMBERS: Final = re.compile(rb"-?(NaN|Infinity)")
_OFFSET: Final = re.compile(r" \(byte (\d+)\)$")


def check(body: bytes) -> JSON:
    """Parse a request body, refusing what is not strict JSON or goes beyond the limits of shape.

    Takes about 3 microseconds for a body of 1 KB and 14 for one of 8 KB (`bench/wire.py`).

    Raises:
        MalformedBody: it is not JSON in UTF-8; the message names the byte.
        InvalidRequest: it is, and has a key twice, a NUL, a number beyond 64 bits, more than `MAX_DEPTH` levels or
            more than `MAX_KEYS` keys in an object; `param` is the JSON path.
    """
    if len(body) > _LARGE and gc.isenabled():
        # Millions of new lists set off the cyclic collector again and again (measured on 10 MiB of `[],`: 1.0 s
        # instead of 0.4), and none of them can be part of a cycle.
        gc.disable()
        try:
            return _check(body)
        finally:
            gc.enable()
    return _check(body)


def _check(body: bytes) -> JSON:
    try:
        value = _parse(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        _refuse_unreadable(body, error)
    try:
        packed = _pack(value)  # MessagePack holds no integer beyond 64 bits and writes a NUL as it is
    except OverflowError:
        _refuse_number(value)
    if b"\0" in packed and b"\\u0000" in body:  # else the zero belongs to a length or a number
        _refuse_nul(value)
    openers = _openers(body)
    crowded = len(body) > _LEAST_BYTES_OF_KEYS
    if crowded or openers > MAX_DEPTH:
        _check_shape(value, openers, crowded=crowded)
    again = _write(value)
    if again != body and again != _compact(body, indent=-1):
        _check_keys(body, value)
    return value


def _openers(body: bytes) -> int:
    """Count opening brackets, those inside texts too: never fewer than the value has objects and arrays.

    Most bodies have few, and finding these one by one is quicker than counting through all of the text.
    """
    found = 0
    for bracket in (b"{", b"["):
        at = body.find(bracket)
        while at >= 0:
            found += 1
            if found > _FEW:
                return body.count(b"{") + body.count(b"[")
            at = body.find(bracket, at + 1)
    return found


def _check_shape(value: JSON, openers: int, *, crowded: bool) -> None:
    """Refuse a value that is too deep or, where the body is large enough for it, has an object with too many keys.

    Goes level by level and stops where the brackets not yet accounted for cannot reach too deep any more.
    """
    for depth, level in enumerate(_levels(value), start=1):
        if depth > MAX_DEPTH:
            raise InvalidRequest(f"The body is nested more than {MAX_DEPTH} levels deep; flatten it")
        if crowded:
            if any(len(found) > MAX_KEYS and type(found) is dict for found in level):
                path = _find(value, lambda found: type(found) is dict and len(found) > MAX_KEYS)
                shown = path or "The body"
                raise InvalidRequest(f"{shown} has more than {MAX_KEYS} keys; send fewer", param=path or None)
        else:
            openers -= len(level)
            if depth + openers <= MAX_DEPTH:
                return


def _check_keys(body: bytes, value: JSON) -> None:
    """Refuse a repeated key in a body that is not written as we would write it.

    Every key ends in a quote and a colon. Inside strings the same two bytes may occur, so the count can be too high
    but never too low: when it equals the number of keys parsed, none was lost.
    """
    kept = sum(len(found) for level in _levels(value) for found in level if type(found) is dict)
    if len(_key_ends(body)) == kept:
        return
    path = _find(json.loads(body, object_pairs_hook=_object), lambda found: type(found) is _Repeated, named=True)
    if path is not None:
        raise InvalidRequest(f"{path} is given twice in the same object; send each key once", param=str(path))


class _Repeated(str):
    """Stands in the parsed value for an object that has this key twice."""

    __slots__ = ()


def _object(pairs: list[tuple[str, JSON]]) -> JSON:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Repeated(key)
        seen.add(key)
    return found


def _levels(value: JSON) -> Iterator[list[JSON]]:
    """Yield the objects and arrays of each level of nesting, outermost first."""
    level = [value] if type(value) in _CONTAINERS else []
    while level:
        yield level
        level = [
            below
            for found in level
            for below in (found.values() if type(found) is dict else found)
            if type(below) in _CONTAINERS
        ]


def _find(value: JSON, wanted: Callable[[JSON], bool], *, named: bool = False) -> str | None:
    """Return the JSON path of the first value that is `wanted`, such as `messages[2].content`; empty for the whole.

    An object's keys are looked at too, and stand for their value. With `named` the value found is itself the last name
    of the path.
    """
    waiting: list[tuple[str, JSON]] = [("", value)]
    while waiting:
        path, found = waiting.pop()
        if wanted(found):
            return _join(path, found) if named else path
        if type(found) is dict:
            for key, below in reversed(found.items()):
                if wanted(key):
                    return _join(path, key)
                waiting.append((_join(path, key), below))
        elif type(found) is list:
            waiting.extend((f"{path}[{index}]", found[index]) for index in reversed(range(len(found))))
    return None


def _join(path: str, key: str) -> str:
    shown = key.replace("\0", "\\u0000") if len(key) <= 100 else key[:100].replace("\0", "\\u0000") + "…"
    if not shown:
        return f'{path}[""]'
    return f"{path}.{shown}" if path else shown


def _refuse_nul(value: JSON) -> None:
    path = _find(value, lambda found: isinstance(found, str) and "\0" in found)
    if path is not None:
        raise InvalidRequest(f"{path or 'The body'} holds a NUL character (\\u0000); remove it", param=path or None)


def _refuse_number(value: JSON) -> NoReturn:
    path = _find(value, lambda found: type(found) is int and not -(2**63) <= found < 2**64)
    shown = path or "The body"
    raise InvalidRequest(f"{shown} is a whole number beyond 64 bits; send it as text", param=path or None) from None


def _refuse_unreadable(body: bytes, error: Exception) -> NoReturn:
    """Say in words why the body could not be parsed, and at which byte."""
    if isinstance(error, RecursionError):
        raise InvalidRequest(f"The body is nested more than {MAX_DEPTH} levels deep; flatten it") from None
    try:
        body.decode()
    except UnicodeDecodeError as broken:
        raise MalformedBody(f"The body is not UTF-8 at byte {broken.start}; encode it as UTF-8") from None
    if not body.strip():
        raise MalformedBody("The body is empty; send a JSON object") from None
    said = str(error)
    at = _OFFSET.search(said)
    offset = int(at[1]) if at else len(body)
    if found := _NOT_NUMBERS.match(body, max(offset - 1, 0)) or _NOT_NUMBERS.match(body, offset):
        raise MalformedBody(
            f"{found[0].decode()} at byte {found.start()} is no JSON number; send null or text"
        ) from None
    if isinstance(error, msgspec.ValidationError) or not isinstance(error, msgspec.DecodeError):
        raise MalformedBody("The body has a number beyond 64 bits; send it as text") from None
    lone = _lone_surrogate(body)
    if lone is not None:
        raise MalformedBody(f"Half of a surrogate pair stands alone at byte {lone}; send whole characters") from None
    reason = _OFFSET.sub("", said).removeprefix("JSON is malformed: ")
    raise MalformedBody(f"The body is not JSON at byte {offset}: {reason}") from None


def _lone_surrogate(body: bytes) -> int | None:
    """Return where an escaped surrogate stands without its other half; None when nowhere."""
    high_ends_at = -1
    for escape in _ESCAPES(body):
        unit = int(escape[1], 16) if escape[1] else 0
        is_low = 0xDC00 <= unit < 0xE000
        if high_ends_at >= 0 and not (is_low and escape.start() == high_ends_at):
            return high_ends_at - 6
        if is_low and high_ends_at < 0:
            return escape.start()
        high_ends_at = escape.end() if 0xD800 <= unit < 0xDC00 else -1
    return high_ends_at - 6 if high_ends_at >= 0 else None
