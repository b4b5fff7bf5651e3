"""OpenPipe: the export of its request logs, its reports, and rows for fine-tuning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from logwright.logs.imports.base import NOTHING, Card, ImportedLog, LineByLine, Refused
from logwright.logs.imports.chats import kind_of
from logwright.logs.imports.fields import Fields, texts_of


class _Bodies(msgspec.Struct):
    """The bodies as the bytes that came; the export's names, then the report's."""

    input: msgspec.Raw = NOTHING
    output: msgspec.Raw = NOTHING
    req_payload: msgspec.Raw = msgspec.field(default=NOTHING, name="reqPayload")
    resp_payload: msgspec.Raw = msgspec.field(default=NOTHING, name="respPayload")
    messages: msgspec.Raw = NOTHING
    tools: msgspec.Raw = NOTHING
    tool_choice: msgspec.Raw = NOTHING
    response_format: msgspec.Raw = NOTHING


_bodies: Final = msgspec.json.Decoder(_Bodies).decode
_FAILED: Final = 400
_MILLIS: Final = 1000


class OpenPipe(LineByLine):
    """Rows `{input, output, tags}` of the log export, with the fields that reports and older exports have."""

    card = Card(
        name="openpipe",
        label="OpenPipe",
        sentence="Request logs as its export writes them, calls as its report endpoint takes them, fine-tuning rows.",
        reads=("the JSONL of Request Logs, Export", "reports as JSONL", "the JSONL of a dataset's export"),
        docs="https://docs.openpipe.ai/features/request-logs/exporting-logs",
    )

    def logs(self, raw: bytes) -> Iterator[ImportedLog]:
        """Read a row."""
        row = Fields.of(raw)
        bodies = _bodies(raw)
        if "messages" in row and "input" not in row:
            yield _conversation(row, bodies)
            return
        if not {"input", "output", "reqPayload", "respPayload"} & set(row.values):
            raise Refused("expected input and output, reqPayload and respPayload, or messages", "$")
        asked, answered = row.any("input", "reqPayload"), row.any("output", "respPayload")
        answer = Fields(answered, "$.output") if isinstance(answered, dict) else Fields({})
        request = Fields(asked, "$.input") if isinstance(asked, dict) else Fields({})
        requested_at = row.moment("requestedAt", "createdAt")
        if requested_at is None:
            requested_at = answer.moment("created")
        duration = row.number("durationMs")
        status = row.count("statusCode")
        error = row.text("errorMessage")
        if not error and status is not None and status >= _FAILED:
            error = _words(answered)
        yield ImportedLog(
            id=row.text("id") or answer.text("id"),
            requested_at=requested_at,
            received_at=row.moment("receivedAt"),
            kind=kind_of(asked, answered),
            model=request.text("model"),
            stream=request.any("stream") is True,
            status=status,
            error=error,
            request=bodies.input if asked is not None and "input" in row else bodies.req_payload,
            response=bodies.output if "output" in row else bodies.resp_payload,
            tags=texts_of(request.any("metadata")) | texts_of(row.any("metadata")) | texts_of(row.any("tags")),
            cache="hit" if row.any("cacheHit") is True else "",
            cost=row.number("cost"),
            latency=None if duration is None else duration / _MILLIS,
        )


def _conversation(row: Fields, bodies: _Bodies) -> ImportedLog:
    details: dict[str, Any] = {}
    if "rejected_message" in row:
        details["rejected_message"] = row.any("rejected_message")
    tags = texts_of(row.any("metadata"))
    for name in ("split", "judgement"):
        if name in row:
            tags[name] = row.text(name)
    return ImportedLog(
        messages=bodies.messages,
        tools=bodies.tools,
        tool_choice=bodies.tool_choice,
        response_format=bodies.response_format,
        model=row.text("model"),
        tags=tags,
        details=details,
    )


def _words(answer: Any) -> str:
    """Find an error's words in a failed answer."""
    if isinstance(answer, dict):
        inner = answer.get("error")
        found = inner.get("message") if isinstance(inner, dict) else inner or answer.get("message")
        if isinstance(found, str):
            return found
    return answer if isinstance(answer, str) else ""


reader: Final = OpenPipe()
