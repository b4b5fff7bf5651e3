"""OpenAI: stored completions by file or by the API, the files of batches, and chat rows for fine-tuning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from logwright.logs.imports.base import Card, ImportedLog, Item, LineError, Read, Refused, checked
from logwright.logs.imports.chats import body, kind_of
from logwright.logs.imports.fields import Fields, texts_of
from logwright.logs.imports.pages import Ask, Auth, Page, Pager, Walk, at, objects, texts
from logwright.logs.record import Kind

_STORED: Final = "/v1/chat/completions"
_PAGE: Final = "100"
_KIND_BY_URL: Final[dict[str, Kind]] = {
    "/v1/chat/completions": "chat_completion",
    "/v1/completions": "text_completion",
    "/v1/responses": "responses",
    "/v1/embeddings": "embedding",
}
_OF_THE_ANSWER: Final = (
    *("id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint", "output"),
    *("created_at", "completed_at", "status", "error", "incomplete_details", "output_text"),
)
_NOT_ASKED: Final = ("request_id", "messages", "input_messages", "metadata", "input_user")


class _StoredCompletions:
    """`GET /v1/chat/completions`, and for each its messages (API reference, "List Chat Completions", 2026)."""

    auth: Auth = "bearer"

    def first(self, url: str, since: str) -> Ask:  # noqa: ARG002 - the API has no such filter
        """Ask for the oldest first, so that a walk can go on where it ended."""
        return Ask(url=at(url, _STORED, unless="/chat/completions"), params={"order": "asc", "limit": _PAGE})

    def walk(self, start: Ask) -> Walk:
        """Walk the pages; a completion's own messages are asked for one by one."""
        ask: Ask | None = start
        while ask is not None:
            answer = yield ask
            found = objects(answer, "data")
            items = []
            for stored in found:
                said = yield Ask(url=f"{ask.url}/{stored.get('id', '')}/messages", params={"limit": _PAGE})
                items.append({**stored, "messages": objects(said, "data")})
            more = isinstance(answer, dict) and answer.get("has_more") is True and bool(found)
            after = Ask(url=ask.url, params={**ask.params, "after": str(found[-1].get("id", ""))}) if more else None
            yield Page(texts(items), after)
            ask = after


class OpenAI:
    """What OpenAI keeps and gives: completions stored with `store: true`, batches, fine-tuning rows."""

    card = Card(
        name="openai",
        label="OpenAI",
        sentence="Stored completions, the input and output files of batches (give both), rows for fine-tuning.",
        reads=(
            "JSONL or a JSON list of stored completions",
            "a batch's input file and output file together",
            "chat rows for fine-tuning",
            "https://api.openai.com, the stored completions",
        ),
        docs="https://platform.openai.com/docs/api-reference/chat/list",
        key="OPENAI_API_KEY",
    )
    pager: Pager | None = _StoredCompletions()

    def read(self, items: Iterable[Item]) -> Iterator[Read]:
        """Read items; the two halves of a batch's call are put together by their `custom_id`."""
        asked: dict[str, tuple[int, Fields]] = {}
        answered: dict[str, tuple[int, Fields]] = {}
        for item in items:
            row = _object(item)
            name = "" if row is None else row.text("custom_id")
            if row is None or not name:
                yield from checked(item.number, _one, item.raw)
                continue
            half, other = (answered, asked) if "response" in row or "error" in row else (asked, answered)
            if name in other:
                fellow = other.pop(name)
                question, reply = (fellow[1], row) if half is answered else (row, fellow[1])
                yield from checked(item.number, lambda _, q=question, r=reply: _batched(q, r), item.raw)
            else:
                half[name] = (item.number, row)
        for number, reply in answered.values():
            yield from checked(number, lambda _, r=reply: _batched(Fields({}), r), b"")
        for name, (number, _) in asked.items():
            words = f"no answer to custom_id {name!r} was given; name the batch's output file as well"
            yield Read(number, LineError(words, "$.custom_id"))


def _object(item: Item) -> Fields | None:
    """Return an item that is an object; what is wrong with another is said where it is read."""
    try:
        return Fields.of(item.raw)
    except (Refused, msgspec.DecodeError, RecursionError):
        return None


def _one(raw: bytes) -> Iterator[ImportedLog]:
    row = Fields.of(raw)
    if row.text("object") in {"chat.completion", "response", "text_completion"}:
        yield _stored(row)
    elif "messages" in row:
        yield _conversation(row)
    else:
        raise Refused("expected a stored completion, a row of a batch (custom_id), or messages", "$")


def _stored(row: Fields) -> ImportedLog:
    said = row.list("messages", "input_messages") or row.list("input")
    request = row.rest(*_OF_THE_ANSWER, *_NOT_ASKED, "input")
    answer = {name: row.values[name] for name in _OF_THE_ANSWER if name in row.values}
    kind = kind_of(None, answer)
    inputs = "input" if kind == "responses" else "messages"
    made = {"model": row.text("model"), inputs: [_message(each) for each in said], **request}
    return ImportedLog(
        id=row.text("id"),
        requested_at=row.moment("created", "created_at"),
        kind=kind,
        provider_kind="openai",
        model=row.text("model"),
        status=200,
        request=body(made if said or request else None),
        response=body(answer),
        tags=texts_of(row.any("metadata")),
        details={"request_id": row.text("request_id")} if "request_id" in row else {},
    )


def _message(stored: Any) -> Any:
    """Return a message without the id that only storing gave it."""
    if not isinstance(stored, dict):
        return stored
    return {name: value for name, value in stored.items() if name != "id" and value is not None}


def _conversation(row: Fields) -> ImportedLog:
    details = row.rest("messages", "tools", "tool_choice", "response_format", "model", "metadata")
    return ImportedLog(
        messages=body(row.any("messages")),
        tools=body(row.any("tools")),
        tool_choice=body(row.any("tool_choice")),
        response_format=body(row.any("response_format")),
        model=row.text("model"),
        tags=texts_of(row.any("metadata")),
        details=details,
    )


def _batched(question: Fields, reply: Fields) -> Iterator[ImportedLog]:
    asked = question.object("body")
    response = reply.object("response")
    answer = response.object("body")
    failure = reply.object("error")
    status = response.count("status_code")
    error = failure.text("message", "code") or answer.object("error").text("message")
    kind = _KIND_BY_URL.get(question.text("url")) or kind_of(dict(asked.values), dict(answer.values))
    yield ImportedLog(
        id=reply.text("id") or reply.text("custom_id"),
        requested_at=answer.moment("created", "created_at"),
        kind=kind,
        provider_kind="openai",
        model=asked.text("model") or answer.text("model"),
        status=status,
        error=error,
        request=body(dict(asked.values) or None),
        response=body(dict(answer.values) or None),
        tags={**texts_of(asked.any("metadata")), "custom_id": reply.text("custom_id")},
        details={"batch_request_id": response.text("request_id")} if "request_id" in response else {},
    )


reader: Final = OpenAI()
