"""Rows as ClickHouse's RowBinary: no escaping, no parsing of numbers, every text byte for byte.

The layout follows `row.COLUMNS`; a test holds it against the table. Source of the
format: ClickHouse documentation, "RowBinary" (LEB128 lengths, little-endian
numbers, one byte 0 or 1 before a Nullable).
"""

from __future__ import annotations

import struct
from struct import Struct
from typing import Final

from logwright.logs.row import LogRow

_INT64: Final = Struct("<q").pack
_UINT64: Final = Struct("<Q").pack
_UINT16: Final = Struct("<H").pack
_SOME_UINT16: Final = Struct("<BH").pack
_SOME_UINT32: Final = Struct("<BI").pack
_SOME_INT64: Final = Struct("<Bq").pack
_SOME_FLOAT64: Final = Struct("<Bd").pack
_NULL: Final = b"\x01"
_BYTE: Final = [bytes((value,)) for value in range(256)]


def encode(row: LogRow) -> bytes:
    """Give the bytes of one row.

    Raises:
        ValueError: when a value does not fit its column; `UnicodeEncodeError`, which is one, for a lone surrogate.
    """
    try:
        return b"".join(_fields(row))
    except (OverflowError, struct.error) as error:
        raise ValueError(f"a value does not fit its column: {error}") from error


def _fields(row: LogRow) -> list[bytes]:
    return [
        _text(row.id),
        _text(row.project_id),
        _INT64(row.requested_at),
        _NULL if row.received_at is None else _SOME_INT64(0, row.received_at),
        _text(row.source),
        _text(row.kind),
        _text(row.provider),
        _text(row.provider_kind),
        _text(row.model),
        _text(row.upstream_model),
        _text(row.completion_id),
        _NULL if row.status is None else _SOME_UINT16(0, row.status),
        _text(row.error_kind),
        _text(row.error_message),
        _BYTE[row.stream],
        _number(row.latency),
        _number(row.ttft),
        _count(row.input_tokens),
        _count(row.output_tokens),
        _count(row.cached_tokens),
        _count(row.reasoning_tokens),
        _count(row.total_tokens),
        _number(row.cost),
        _text(row.price_version),
        _text(row.cache),
        _text(row.key_id),
        _text(row.parent_id),
        _UINT16(row.fallback_index),
        _length(len(row.tags)),
        *[_text(part) for pair in row.tags.items() for part in pair],
        _text(row.request_preview),
        _text(row.response_preview),
        _BYTE[row.truncated],
        _text(row.request),
        _text(row.response),
        _text(row.idempotency_key),
        _text(row.producer),
        _UINT64(row.sequence),
        _text(row.prompt_id),
        _text(row.version_id),
        _text(row.trace_id),
        _text(row.span_id),
        _text(row.session_id),
        _number(row.input_cost),
        _number(row.output_cost),
        _UINT16(row.retries),
        _length(len(row.blobs)),
        *[_text(digest) for digest in row.blobs],
        _text(row.details),
        _NULL if row.amended_at is None else _SOME_INT64(0, row.amended_at),
    ]


def _text(value: str) -> bytes:
    data = value.encode()
    size = len(data)
    return _BYTE[size] + data if size < 128 else _length(size) + data


def _length(size: int) -> bytes:
    """Write an unsigned LEB128 number."""
    head = bytearray()
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    head.append(size)
    return bytes(head)


def _number(value: float | None) -> bytes:
    return _NULL if value is None else _SOME_FLOAT64(0, value)


def _count(value: int | None) -> bytes:
    return _NULL if value is None else _SOME_UINT32(0, value)
