"""The forms in which callers ask, as seen from OpenAI's chat form: reading their requests, writing their answers.

A door stands between a caller and whatever serves the call. `OwnForm` is the door
of a caller whose form is spoken already; the others write from and to chat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from logwright.wire.lenient import write
from logwright.wire.messages_answer import MessageWriter, completion_to_message, error_type
from logwright.wire.messages_request import messages_to_chat
from logwright.wire.responses_answer import ECHOED, ResponseWriter, completion_to_response
from logwright.wire.responses_request import responses_to_chat

JSON = Any


class EventWriter(Protocol):
    """Writes one streamed answer in the caller's form."""

    def feed(self, chunk: Mapping[str, JSON]) -> bytes:
        """Return the events that a chunk makes."""

    def end(self) -> bytes:
        """Return the events that end a complete stream."""


class Door(Protocol):
    """One form of call."""

    def read(self, request: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Return the request in the form of whoever serves it. Raises InvalidRequest with the JSON path."""

    def write(self, answer: JSON) -> JSON:
        """Return an answer in the caller's form."""

    def writer(self) -> EventWriter:
        """Return a writer for one stream."""

    def fault(self, status: int, message: str, code: str | None, param: str | None) -> JSON:
        """Return what tells the caller that the provider failed."""


class OwnForm:
    """The door of callers whose form is the one that is served."""

    def __init__(self, *, named: bool) -> None:
        """`named` events carry their `type` as their name, and the last of them is the end mark."""
        self._named = named

    def read(self, request: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Return the request as it is."""
        return request

    def write(self, answer: JSON) -> JSON:
        """Return the answer as it is."""
        return answer

    def writer(self) -> EventWriter:
        """Return a writer that frames what it is given."""
        return _Named() if self._named else _Unnamed()

    def fault(self, status: int, message: str, code: str | None, param: str | None) -> JSON:
        """Return the error in Anthropic's form where events are named, else in OpenAI's."""
        return _anthropic_fault(status, message) if self._named else _openai_fault(status, message, code, param)


class MessagesDoor:
    """Anthropic's Messages API, served from chat."""

    def read(self, request: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Return the request as a chat request."""
        return messages_to_chat(request)

    def write(self, answer: JSON) -> JSON:
        """Return a completion as a message."""
        return completion_to_message(answer)

    def writer(self) -> EventWriter:
        """Return a writer of a message's events."""
        return _Events(MessageWriter())

    def fault(self, status: int, message: str, code: str | None, param: str | None) -> JSON:
        """Return the error in Anthropic's form."""
        del code, param
        return _anthropic_fault(status, message)


class ResponsesDoor:
    """OpenAI's Responses API, served from chat."""

    def __init__(self) -> None:
        self._request: Mapping[str, JSON] = {}

    def read(self, request: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Return the request as a chat request; what the answer repeats of it is kept."""
        self._request = {name: request[name] for name in ECHOED if name in request}
        return responses_to_chat(request)

    def write(self, answer: JSON) -> JSON:
        """Return a completion as a response."""
        return completion_to_response(answer, self._request)

    def writer(self) -> EventWriter:
        """Return a writer of a response's events."""
        return _Events(ResponseWriter(self._request))

    def fault(self, status: int, message: str, code: str | None, param: str | None) -> JSON:
        """Return the error in OpenAI's form."""
        return _openai_fault(status, message, code, param)


class _Unnamed:
    def feed(self, chunk: Mapping[str, JSON]) -> bytes:
        return b"data: %b\n\n" % write(chunk)

    def end(self) -> bytes:
        return b"data: [DONE]\n\n"


class _Named:
    def feed(self, chunk: Mapping[str, JSON]) -> bytes:
        return named(chunk)

    def end(self) -> bytes:
        return b""


class _Events:
    def __init__(self, writer: MessageWriter | ResponseWriter) -> None:
        self._writer = writer

    def feed(self, chunk: Mapping[str, JSON]) -> bytes:
        return b"".join(map(named, self._writer.feed(chunk)))

    def end(self) -> bytes:
        return b"".join(map(named, self._writer.end()))


def named(event: Mapping[str, JSON]) -> bytes:
    """Write an event that is named by its type."""
    return b"event: %b\ndata: %b\n\n" % (str(event["type"]).encode(), write(event))


def _openai_fault(status: int, message: str, code: str | None, param: str | None) -> JSON:
    return {"error": {"message": message, "type": _TYPES.get(status, _usual(status)), "param": param, "code": code}}


def _anthropic_fault(status: int, message: str) -> JSON:
    return {"type": "error", "error": {"type": error_type(status), "message": message}}


def _usual(status: int) -> str:
    return "invalid_request_error" if status < 500 else "server_error"


_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}
"""OpenAI's types of errors by status."""

DOORS: Final[Mapping[str, Callable[[], Door]]] = {"messages": MessagesDoor, "responses": ResponsesDoor}
"""Kinds of call that can be served from chat."""

NAMED: Final = frozenset({"messages", "count_tokens", "responses"})
"""Kinds whose events carry their names."""
