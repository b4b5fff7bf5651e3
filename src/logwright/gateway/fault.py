"""A provider's errors as our callers read them, with nothing secret in them.

The answer keeps the provider's status and words. Around them stand what OpenPipe's
clients read (`message`, `code`) and what OpenAI's and Anthropic's do (`error`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from logwright.errors import body as render

if TYPE_CHECKING:
    from logwright.errors import LogwrightError
    from logwright.logs.record import ErrorKind
    from logwright.settings import Settings

CODES: Final = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_SUPPORTED",
    408: "TIMEOUT",
    409: "CONFLICT",
    412: "PRECONDITION_FAILED",
    413: "PAYLOAD_TOO_LARGE",
    422: "UNPROCESSABLE_CONTENT",
    429: "TOO_MANY_REQUESTS",
    499: "CLIENT_CLOSED_REQUEST",
}
"""OpenPipe's code for a status (openpipe.md, section 1, Errors)."""

MASK: Final = b"[removed by logwright]"
SHORTEST_SECRET: Final = 8
"""A key shorter than this is left alone: it would be found in innocent text."""

MESSAGE_LIMIT: Final = 2000


def scrub(data: bytes, secret: str) -> bytes:
    """Take the provider's key out of what it says: some repeat it in their errors (RELIABILITY S-7)."""
    if len(secret) < SHORTEST_SECRET:
        return data
    return data.replace(secret.encode(), MASK)


def as_reply(status: int, data: bytes, provider: str) -> tuple[bytes, str]:
    """Return the body for the caller and the message for the record."""
    try:
        answer: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        answer = None
    given = answer.get("error") if isinstance(answer, dict) else None
    error: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
    message = _message(answer, given) or f"{provider} answered {status}"
    error["message"] = message
    error.setdefault("type", "upstream_error")
    error.setdefault("param", None)
    error.setdefault("code", None)
    shown = {
        **({"type": answer["type"]} if isinstance(answer, dict) and isinstance(answer.get("type"), str) else {}),
        "message": message,
        "code": CODES.get(status, "INTERNAL_SERVER_ERROR"),
        "error": error,
    }
    return msgspec.json.encode(shown), message[:MESSAGE_LIMIT]


class _Object(msgspec.Struct):
    """Any JSON object; no member is looked at."""


_object: Final = msgspec.json.Decoder(_Object)


def is_object(data: bytes) -> bool:
    """Return whether an answer is what every API here answers with: one JSON object in UTF-8."""
    try:
        _object.decode(data)
        if not data.isascii():
            data.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def unfinished(tail: bytes, *, needs_mark: bool = False) -> tuple[ErrorKind, str] | None:
    """Judge by its last events a stream that ended in order but without its end mark; None when it is complete.

    Some OpenAI-shaped servers never send `[DONE]`: a stream of theirs is complete when it has given a reason for
    its end. A stream that `needs_mark` is not: we wrote it, and would have set the mark. One that ends in an error
    event has failed, whatever its status said.
    """
    for line in reversed(tail.splitlines()):
        if not line.startswith(b"data:"):
            continue
        try:
            event: Any = msgspec.json.decode(line[5:])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if not isinstance(event, dict):
            continue
        if event.get("error") is not None or event.get("type") == "error":
            return "upstream_status", _message(event, event.get("error")) or "the provider failed amid its answer"
        choices = event.get("choices")
        if needs_mark or not isinstance(choices, list):
            continue
        if any(isinstance(one, dict) and one.get("finish_reason") for one in choices):
            return None
    return "upstream_cut", "the provider's stream ended without its end mark"


def lateness(settings: Settings, *, took_all: bool, begun: bool) -> str:
    """Say which of a provider's times has passed: that for all, for the beginning, or for anything new."""
    if took_all:
        return f"the provider's answer took over {settings.upstream_total_timeout:g} seconds"
    if not begun:
        return f"the provider did not begin its answer within {settings.upstream_first_byte_timeout:g} seconds"
    return f"the provider's answer brought nothing new for {settings.upstream_idle_timeout:g} seconds"


def as_event(kind: str, error: LogwrightError) -> bytes:
    """Return the event that tells amid a stream that it failed, in the form of the caller's API."""
    shown = render(error)
    if kind == "messages":
        inner = {"type": "api_error", "message": error.message}
        return b"event: error\ndata: %b\n\n" % msgspec.json.encode({"type": "error", "error": inner})
    if kind == "responses":
        told = {"type": "error", "code": error.code, "message": error.message, "param": None}
        return b"event: error\ndata: %b\n\n" % msgspec.json.encode(told)
    return b"data: %b\n\n" % msgspec.json.encode(shown)


def _message(answer: object, given: object) -> str:
    """Find the words for a person in the forms that providers use."""
    if isinstance(given, dict) and isinstance(given.get("message"), str):
        return str(given["message"])
    if isinstance(given, str):
        return given
    if isinstance(answer, dict):
        for name in ("message", "detail"):
            if isinstance(answer.get(name), str):
                return str(answer[name])
    return ""
