"""Reports of calls that others made, turned into log records."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from logwright.errors import InvalidRequest
from logwright.faces.openpipe.tags import new_tags
from logwright.ids import fixed_id, new_id
from logwright.logs.record import Kind, LogRecord
from logwright.wire import anthropic
from logwright.wire.strict import JSON

_MICROS: Final = 1000  # in a millisecond, which reports count in
_MICROS_IN_A_SECOND: Final = 1_000_000
_FIRST_FAILURE: Final = 400
_ACCEPTABLE_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")

_KIND_BY_OBJECT: Final[Mapping[str, Kind]] = {
    "chat.completion": "chat_completion",
    "text_completion": "text_completion",
    "response": "responses",
}
_KIND_BY_FIELD: Final[tuple[tuple[str, Kind], ...]] = (
    ("messages", "chat_completion"),
    ("prompt", "text_completion"),
    ("input", "responses"),
)

_write: Final = msgspec.json.Encoder().encode


class _Payloads(msgspec.Struct, rename="camel"):
    """The two payloads of a report as the bytes that came, so that numbers and order stay as the caller wrote them."""

    req_payload: msgspec.Raw = msgspec.Raw(b"")
    resp_payload: msgspec.Raw = msgspec.Raw(b"")


_payloads: Final = msgspec.json.Decoder(_Payloads)


class Reporter:
    """Who reports, and when."""

    __slots__ = ("_idempotency_key", "_key_id", "_now", "_project_id")

    def __init__(self, *, project_id: str, key_id: str, idempotency_key: str | None, now: Callable[[], int]) -> None:
        """Take whose report it is; `now` gives microseconds since 1970, for reports without a time.

        Raises:
            InvalidRequest: when the idempotency key is not 1 to 255 printable ASCII characters.
        """
        if idempotency_key is not None and not _ACCEPTABLE_KEY.fullmatch(idempotency_key):
            raise InvalidRequest(
                "The header Idempotency-Key must be 1 to 255 printable ASCII characters without spaces",
                param="Idempotency-Key",
            )
        self._project_id = project_id
        self._key_id = key_id
        self._idempotency_key = idempotency_key or ""
        self._now = now

    def openai(self, body: bytes, report: Mapping[str, JSON]) -> LogRecord:
        """Make the record of a report to /report, whose checked fields are `report` and whose bytes are `body`."""
        raw = _payloads.decode(body)
        asked, answered = report.get("reqPayload"), report.get("respPayload")
        metadata = asked.get("metadata") if type(asked) is dict else None
        record = self._record(report)
        record.kind = _kind(asked, answered)
        record.tags = new_tags(metadata, report.get("tags"))
        _describe(record, asked)
        if asked is not None:
            record.request = bytes(raw.req_payload)
        if answered is not None:
            record.response, record.response_form = bytes(raw.resp_payload), "json"
        return record

    def anthropic(self, report: Mapping[str, JSON]) -> LogRecord:
        """Make the record of a report to /report-anthropic; both payloads are kept in OpenAI's form."""
        asked, answered = report.get("reqPayload"), report.get("respPayload")
        metadata = asked.get("metadata") if type(asked) is dict else None
        record = self._record(report)
        record.kind = "chat_completion"
        record.provider_kind = "anthropic"
        record.tags = new_tags(metadata, report.get("metadata"), report.get("tags"))
        _describe(record, asked)
        if asked is not None:
            record.request = _write(anthropic.request_to_openai(asked))
        if answered is not None:
            made = anthropic.message_to_openai(answered, created=record.requested_at // _MICROS_IN_A_SECOND)
            record.response, record.response_form = _write(made), "json"
        return record

    def _record(self, report: Mapping[str, JSON]) -> LogRecord:
        """Make what both kinds of report have in common."""
        requested_at = _micros(report.get("requestedAt"))
        if requested_at is None:
            requested_at = self._now()
        status = report.get("statusCode")
        message = report.get("errorMessage") or ""
        failed = bool(message) or (status is not None and status >= _FIRST_FAILURE)
        return LogRecord(
            id=self._log_id(requested_at),
            project_id=self._project_id,
            key_id=self._key_id,
            source="report",
            kind="unknown",
            requested_at=requested_at,
            # Left out, it stays unknown: a moment of our own choosing would make up a latency.
            received_at=_micros(report.get("receivedAt")),
            status=None if status is None else int(status),
            error_kind="reported" if failed else "",
            error_message=message,
            idempotency_key=self._idempotency_key,
        )

    def _log_id(self, requested_at: int) -> str:
        """Name the log; a repeated report gets the same name, so that its answer is true as well."""
        if not self._idempotency_key:
            return new_id("log", requested_at)
        same = f"{self._project_id}\n{self._idempotency_key}".encode()
        return fixed_id("log", requested_at, hashlib.sha256(same).digest())


def _micros(millis: JSON) -> int | None:
    return None if millis is None else round(millis * _MICROS)


def _describe(record: LogRecord, asked: JSON) -> None:
    """Note what the request itself says of the call."""
    if type(asked) is dict:
        model = asked.get("model")
        record.model = model if type(model) is str else ""
        record.stream = asked.get("stream") is True


def _kind(asked: JSON, answered: JSON) -> Kind:
    """Tell which call it was, by the answer's own word for itself, else by what the request has."""
    if type(answered) is dict:
        named = answered.get("object")
        if type(named) is str and named in _KIND_BY_OBJECT:
            return _KIND_BY_OBJECT[named]
        data = answered.get("data")
        if named == "list" and type(data) is list and data and type(data[0]) is dict and "embedding" in data[0]:
            return "embedding"
    if type(asked) is dict:
        for name, kind in _KIND_BY_FIELD:
            if name in asked:
                return kind
    return "unknown"
