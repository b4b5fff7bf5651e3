"""The OpenAI client's resources, whose calls take `logwright={...}` (or `openpipe={...}`) as well.

They only carry the options to `request`, the one door through which every call of
the client goes, as a value among the extra headers; there they are taken out again.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, overload

from openai import AsyncStream, Stream
from openai.resources import chat, completions, embeddings, responses
from openai.types import Completion, CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ParsedChatCompletion
from openai.types.responses import ParsedResponse, Response, ResponseStreamEvent

from logwright.sdk.options import CallOptions, call_options

if TYPE_CHECKING:
    from openai.lib.streaming.chat import AsyncChatCompletionStreamManager, ChatCompletionStreamManager
    from openai.lib.streaming.responses import AsyncResponseStreamManager, ResponseStreamManager

CARRIER: Final = "x-logwright-call"
"""The header under which the options travel inside the process; it never leaves it."""


def _carry(arguments: dict[str, Any], logwright: CallOptions | None, openpipe: CallOptions | None) -> dict[str, Any]:
    options = call_options(logwright, openpipe)
    if options:
        arguments["extra_headers"] = {**(arguments.get("extra_headers") or {}), CARRIER: options}
    return arguments


class Completions(chat.Completions):
    """`chat.completions`."""

    @overload  # type: ignore[override]  # theirs spell out every argument
    def create(
        self,
        *,
        stream: Literal[True],
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> Stream[ChatCompletionChunk]: ...

    @overload
    def create(
        self,
        *,
        stream: Literal[False] | None = None,
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> ChatCompletion: ...

    def create(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> Any:
        """Complete a chat."""
        return super().create(**_carry(arguments, logwright, openpipe))

    def parse(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> ParsedChatCompletion[Any]:
        """Ask for an answer in the form of a class."""
        return super().parse(**_carry(arguments, logwright, openpipe))

    def stream(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> ChatCompletionStreamManager[Any]:
        """Read an answer as events."""
        return super().stream(**_carry(arguments, logwright, openpipe))


class Chat(chat.Chat):
    """`chat`."""

    @cached_property
    def completions(self) -> Completions:
        """The chat completions."""
        return Completions(self._client)


class TextCompletions(completions.Completions):
    """`completions`."""

    @overload  # type: ignore[override]  # theirs spell out every argument
    def create(
        self,
        *,
        stream: Literal[True],
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> Stream[Completion]: ...

    @overload
    def create(
        self,
        *,
        stream: Literal[False] | None = None,
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> Completion: ...

    def create(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> Any:
        """Complete a text."""
        return super().create(**_carry(arguments, logwright, openpipe))


class Embeddings(embeddings.Embeddings):
    """`embeddings`."""

    def create(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> CreateEmbeddingResponse:
        """Embed texts."""
        return super().create(**_carry(arguments, logwright, openpipe))


class Responses(responses.Responses):
    """`responses`."""

    @overload  # type: ignore[override]  # theirs spell out every argument
    def create(
        self,
        *,
        stream: Literal[True],
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> Stream[ResponseStreamEvent]: ...

    @overload
    def create(
        self,
        *,
        stream: Literal[False] | None = None,
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> Response: ...

    def create(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> Any:
        """Ask for a response."""
        return super().create(**_carry(arguments, logwright, openpipe))

    def parse(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> ParsedResponse[Any]:
        """Ask for an answer in the form of a class."""
        return super().parse(**_carry(arguments, logwright, openpipe))

    def stream(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> ResponseStreamManager[Any]:
        """Read an answer as events."""
        return super().stream(**_carry(arguments, logwright, openpipe))


class AsyncCompletions(chat.AsyncCompletions):
    """`chat.completions`, asynchronously."""

    @overload  # type: ignore[override]  # theirs spell out every argument
    async def create(
        self,
        *,
        stream: Literal[True],
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> AsyncStream[ChatCompletionChunk]: ...

    @overload
    async def create(
        self,
        *,
        stream: Literal[False] | None = None,
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> ChatCompletion: ...

    async def create(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> Any:
        """Complete a chat."""
        return await super().create(**_carry(arguments, logwright, openpipe))

    async def parse(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> ParsedChatCompletion[Any]:
        """Ask for an answer in the form of a class."""
        return await super().parse(**_carry(arguments, logwright, openpipe))

    def stream(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> AsyncChatCompletionStreamManager[Any]:
        """Read an answer as events."""
        return super().stream(**_carry(arguments, logwright, openpipe))


class AsyncChat(chat.AsyncChat):
    """`chat`, asynchronously."""

    @cached_property
    def completions(self) -> AsyncCompletions:
        """The chat completions."""
        return AsyncCompletions(self._client)


class AsyncTextCompletions(completions.AsyncCompletions):
    """`completions`, asynchronously."""

    @overload  # type: ignore[override]  # theirs spell out every argument
    async def create(
        self,
        *,
        stream: Literal[True],
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> AsyncStream[Completion]: ...

    @overload
    async def create(
        self,
        *,
        stream: Literal[False] | None = None,
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> Completion: ...

    async def create(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> Any:
        """Complete a text."""
        return await super().create(**_carry(arguments, logwright, openpipe))


class AsyncEmbeddings(embeddings.AsyncEmbeddings):
    """`embeddings`, asynchronously."""

    async def create(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> CreateEmbeddingResponse:
        """Embed texts."""
        return await super().create(**_carry(arguments, logwright, openpipe))


class AsyncResponses(responses.AsyncResponses):
    """`responses`, asynchronously."""

    @overload  # type: ignore[override]  # theirs spell out every argument
    async def create(
        self,
        *,
        stream: Literal[True],
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> AsyncStream[ResponseStreamEvent]: ...

    @overload
    async def create(
        self,
        *,
        stream: Literal[False] | None = None,
        logwright: CallOptions | None = None,
        openpipe: CallOptions | None = None,
        **arguments: Any,
    ) -> Response: ...

    async def create(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> Any:
        """Ask for a response."""
        return await super().create(**_carry(arguments, logwright, openpipe))

    async def parse(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> ParsedResponse[Any]:
        """Ask for an answer in the form of a class."""
        return await super().parse(**_carry(arguments, logwright, openpipe))

    def stream(
        self, *, logwright: CallOptions | None = None, openpipe: CallOptions | None = None, **arguments: Any
    ) -> AsyncResponseStreamManager[Any]:
        """Read an answer as events."""
        return super().stream(**_carry(arguments, logwright, openpipe))
