"""The forms of an export that are more than spliced text: CSV, Parquet, and OpenAI's fine-tuning rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from logwright.logs.export import spliced
from logwright.logs.row import BODIES, SUMMARY_COLUMNS
from logwright.wire.anthropic import message_to_openai, request_to_openai

if TYPE_CHECKING:
    import pyarrow as pa

    from logwright.logs.types import Log

COLUMNS: Final = (
    *(name for name in SUMMARY_COLUMNS if name not in {"project_id", "request_preview", "response_preview"}),
    *BODIES,
)
"""The columns of CSV and Parquet; tags are one column, a JSON object."""

_encode: Final = msgspec.json.Encoder().encode
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


class Csv:
    """Comma-separated values with a header (RFC 4180).

    A spreadsheet takes a text that begins with = + - @, tab or carriage return for a formula; such a text gets an
    apostrophe before it (OWASP, CSV Injection). JSONL and Parquet stay true to the byte.
    """

    def rows(self, logs: Sequence[Log]) -> Sequence[bytes]:
        """Write each log as a line."""
        return [_csv_line([_cell(getattr(log, name)) for name in COLUMNS]) for log in logs]

    def head(self) -> bytes:
        """Return the header."""
        return _csv_line(list(COLUMNS))

    def body(self, rows: Sequence[bytes]) -> bytes:
        """Join the lines."""
        return b"".join(rows)

    def tail(self) -> bytes:
        """Return nothing: the form has no tail."""
        return b""


class _Line:
    """A file that gives back what is written to it; `writerow` returns what `write` does."""

    @staticmethod
    def write(line: str) -> str:
        return line


_write_line: Final = csv.writer(_Line()).writerow


def _csv_line(cells: Sequence[object]) -> bytes:
    line: str = _write_line(cells)
    return line.encode("utf-8", "replace")


def _cell(value: object) -> object:
    match value:
        case str():
            return f"'{value}" if value.startswith(_DANGEROUS) else value
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case bool():
            return "true" if value else "false"
        case Mapping():
            return _encode(dict(value)).decode()
        case list() | tuple():
            return " ".join(map(str, value))
        case _:
            return value


class Parquet:
    """Apache Parquet, zstd-compressed, in row groups of some thousand logs."""

    def __init__(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = _schema()
        self._file = _Sink()
        self._writer = pq.ParquetWriter(pa.PythonFile(self._file, mode="w"), self._schema, compression="zstd")
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def rows(self, logs: Sequence[Log]) -> Sequence[bytes]:
        """Pack each log, so that equal logs are equal bytes."""
        return [msgspec.msgpack.encode([_stored(name, getattr(log, name)) for name in COLUMNS]) for log in logs]

    def head(self) -> bytes:
        """Return the file's first bytes."""
        return self._file.taken()

    def body(self, rows: Sequence[bytes]) -> bytes:
        """Gather rows; once they fill a row group, return it."""
        self._waiting += rows
        self._waiting_bytes += sum(map(len, rows))
        if len(self._waiting) >= _GROUP_ROWS or self._waiting_bytes >= _GROUP_BYTES:
            self._write_group()
        return self._file.taken()

    def tail(self) -> bytes:
        """Return the last row group and the file's index."""
        self._write_group()
        self._writer.close()
        return self._file.taken()

    def _write_group(self) -> None:
        import pyarrow as pa

        if not self._waiting:
            return
        unpacked = [msgspec.msgpack.decode(row) for row in self._waiting]
        arrays = [
            pa.array(column, type=field.type)
            for column, field in zip(zip(*unpacked, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._waiting.clear()
        self._waiting_bytes = 0


_GROUP_ROWS: Final = 10_000
_GROUP_BYTES: Final = 8 * 1024 * 1024  # several times as much is held while a group is packed


class _Sink(io.RawIOBase):
    """A file that only remembers what has been written since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._length

    def write(self, data: Any) -> int:  # any buffer, as the standard library has it
        part = bytes(data)
        self._parts.append(part)
        self._length += len(part)
        return len(part)

    def taken(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole


def _schema() -> pa.Schema:
    import pyarrow as pa

    moment, text = pa.timestamp("us", tz="UTC"), pa.string()
    special = {
        "requested_at": moment,
        "received_at": moment,
        "status": pa.int32(),
        "stream": pa.bool_(),
        "truncated": pa.bool_(),
        "fallback_index": pa.int32(),
        "cost": pa.float64(),
        "input_cost": pa.float64(),
        "output_cost": pa.float64(),
        "retries": pa.int32(),
        "amended_at": moment,
        "blobs": pa.list_(text),
        "latency": pa.float64(),
        "ttft": pa.float64(),
    }
    return pa.schema(
        [pa.field(name, special.get(name, pa.int64() if name.endswith("_tokens") else text)) for name in COLUMNS]
    )


def _stored(name: str, value: Any) -> Any:
    if name == "tags":
        return _encode(dict(value)).decode()
    if isinstance(value, datetime):
        from logwright.clock import to_micros

        return to_micros(value)
    return value


_ABSENT: Final = msgspec.Raw()


class _Request(msgspec.Struct):
    messages: msgspec.Raw
    tools: msgspec.Raw = _ABSENT
    tool_choice: msgspec.Raw = _ABSENT
    parallel_tool_calls: msgspec.Raw = _ABSENT
    response_format: msgspec.Raw = _ABSENT


class _Choice(msgspec.Struct):
    message: dict[str, Any]


class _Completion(msgspec.Struct):
    choices: list[_Choice]


_read_request: Final = msgspec.json.Decoder(_Request).decode
_read_completion: Final = msgspec.json.Decoder(_Completion).decode
_ANSWER_FIELDS: Final = ("role", "content", "refusal", "tool_calls", "function_call")
_SAID: Final = ("content", "tool_calls", "function_call")


class OpenAiSft:
    """Rows for OpenAI's supervised fine-tuning: the conversation with its answer as the last message, and the tools.

    Only chats that ended in an answer have a row, those of Anthropic's Messages API in OpenAI's form. Of several
    choices the first is taken.
    """

    def rows(self, logs: Sequence[Log]) -> Sequence[bytes]:
        """Write each successful chat as a line."""
        return [row for log in logs if (row := _sft(log)) is not None]

    def head(self) -> bytes:
        """Return nothing: the form has no head."""
        return b""

    def body(self, rows: Sequence[bytes]) -> bytes:
        """Join the lines."""
        return b"".join(rows)

    def tail(self) -> bytes:
        """Return nothing: the form has no tail."""
        return b""


def _sft(log: Log) -> bytes | None:
    if log.kind not in {"chat_completion", "messages"} or log.truncated:
        return None
    asked, answered = spliced(log.request), spliced(log.response)
    try:
        if log.kind == "messages":
            asked = _encode(request_to_openai(msgspec.json.decode(asked)))
            answered = _encode(message_to_openai(msgspec.json.decode(answered)))
        request = _read_request(asked)
        completion = _read_completion(answered)
    # Broad, because the bodies are strangers' and one that trips the translation must not end the export of all.
    except Exception:  # noqa: BLE001
        return None  # a log of a chat whose bodies are no chat; JSONL has it
    messages = bytes(request.messages).strip()
    if not messages.startswith(b"[") or not completion.choices:
        return None
    said = completion.choices[0].message
    answer = {name: said[name] for name in _ANSWER_FIELDS if said.get(name) is not None}
    if not any(answer.get(name) for name in _SAID):
        return None
    answer.setdefault("role", "assistant")
    before = messages[1:-1].strip()
    row = b'{"messages":[%b%b]' % (before + b"," if before else b"", _encode(answer))
    for name in ("tools", "tool_choice", "parallel_tool_calls", "response_format"):
        value = bytes(getattr(request, name))
        if value not in {b"", b"null", b"[]"}:
            row += b',"%b":%b' % (name.encode(), value)
    return row + b"}\n"
