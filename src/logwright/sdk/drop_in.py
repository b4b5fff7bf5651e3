"""The OpenAI client that tells Logwright of its calls, or makes them through it.

Everything the client does goes through `request`; there a call is routed to the
gateway or watched. Nothing about a call changes for the application: same
arguments, same objects, same exceptions.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, Self

import openai

from logwright.sdk.async_client import AsyncClient
from logwright.sdk.client import Client
from logwright.sdk.options import ClientOptions, Destination, destination
from logwright.sdk.reporter import Reporter, shared_reporter
from logwright.sdk.resources import (
    AsyncChat,
    AsyncEmbeddings,
    AsyncResponses,
    AsyncTextCompletions,
    Chat,
    Embeddings,
    Responses,
    TextCompletions,
)
from logwright.sdk.routing import Call

_log: Final = logging.getLogger("logwright.sdk")

_NO_OPENAI_KEY: Final = (
    "This call goes to OpenAI directly, and no key for it is set; set OPENAI_API_KEY or pass api_key=..., "
    "or give the model a prefix such as openai: to make the call through Logwright"
)


class OpenAI(openai.OpenAI):
    """`openai.OpenAI`, recorded. Takes `logwright={"api_key", "base_url", ...}` beside everything that one takes."""

    def __init__(
        self, *, logwright: ClientOptions | None = None, openpipe: ClientOptions | None = None, **arguments: Any
    ) -> None:
        self._ours = _merged(logwright, openpipe)
        self._target = destination(self._ours)
        if _lacks_credentials(arguments):
            arguments["api_key"] = _no_openai_key
        super().__init__(**arguments)

    @cached_property
    def chat(self) -> Chat:
        """Chats."""
        return Chat(self)

    @cached_property
    def completions(self) -> TextCompletions:
        """Completions of text."""
        return TextCompletions(self)

    @cached_property
    def embeddings(self) -> Embeddings:
        """Embeddings."""
        return Embeddings(self)

    @cached_property
    def responses(self) -> Responses:
        """Responses."""
        return Responses(self)

    @cached_property
    def logwright(self) -> Client:
        """The logs of the same project: search them, tag them, report to them."""
        return Client(api_key=self._target.api_key, base_url=self._target.base_url)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all calls made so far are reported (or spooled); False when `timeout` seconds ran out."""
        reporter = _reporter(self._target)
        return reporter is None or reporter.flush(timeout)

    def request(self, cast_to: Any, options: Any, *, stream: bool = False, stream_cls: Any = None) -> Any:
        """Make one call: directly and reported, or through the gateway."""
        call = Call.read(options)
        if call is None:
            return super().request(cast_to, options, stream=stream, stream_cls=stream_cls)
        if not call.through_gateway:
            return self._directly(call, super().request, cast_to, stream, stream_cls)
        request, fallback = call.for_gateway(self._target), call.fallback()
        try:
            return self._gateway.request(cast_to, request, stream=stream, stream_cls=stream_cls)
        except openai.APIError:
            if fallback is None:
                raise
        other = self._ours.get("fallback_client")
        if isinstance(other, OpenAI):
            return other.request(cast_to, fallback.handed_on(), stream=stream, stream_cls=stream_cls)
        send = super().request if other is None else other.request
        return self._directly(fallback, send, cast_to, stream, stream_cls)

    def _directly(self, call: Call, send: Any, cast_to: Any, stream: bool, stream_cls: Any) -> Any:
        reporter = _reporter(self._target) if call.is_recorded else None
        if reporter is None:
            return send(cast_to, call.direct(exchange=False), stream=stream, stream_cls=stream_cls)
        watch = call.watch(reporter)
        try:
            answer = send(cast_to, call.direct(exchange=True), stream=stream, stream_cls=stream_cls)
        except BaseException as error:
            watch.failed(error)
            raise
        watch.answered(answer.http_response)
        return answer if call.wants_exchange else answer.parse()

    @cached_property
    def _gateway(self) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=self._target.api_key,
            base_url=self._target.api_url,
            timeout=self.timeout,
            max_retries=self.max_retries,
        )

    def copy(self, *, _extra_kwargs: Mapping[str, Any] | None = None, **arguments: Any) -> Self:
        """Make a client with some options changed, for the same project."""
        return super().copy(_extra_kwargs={"logwright": self._ours, **(_extra_kwargs or {})}, **arguments)

    with_options = copy

    def close(self) -> None:
        """Close the connections. Reporting goes on: it belongs to the process."""
        if "_gateway" in self.__dict__:
            self._gateway.close()
        if "logwright" in self.__dict__:
            self.logwright.close()
        super().close()


class AsyncOpenAI(openai.AsyncOpenAI):
    """`openai.AsyncOpenAI`, recorded; takes `logwright={"api_key", "base_url", ...}` beside everything of that one."""

    def __init__(
        self, *, logwright: ClientOptions | None = None, openpipe: ClientOptions | None = None, **arguments: Any
    ) -> None:
        self._ours = _merged(logwright, openpipe)
        self._target = destination(self._ours)
        if _lacks_credentials(arguments):
            arguments["api_key"] = _no_openai_key_async
        super().__init__(**arguments)

    @cached_property
    def chat(self) -> AsyncChat:
        """Chats."""
        return AsyncChat(self)

    @cached_property
    def completions(self) -> AsyncTextCompletions:
        """Completions of text."""
        return AsyncTextCompletions(self)

    @cached_property
    def embeddings(self) -> AsyncEmbeddings:
        """Embeddings."""
        return AsyncEmbeddings(self)

    @cached_property
    def responses(self) -> AsyncResponses:
        """Responses."""
        return AsyncResponses(self)

    @cached_property
    def logwright(self) -> AsyncClient:
        """The logs of the same project: search them, tag them, report to them."""
        return AsyncClient(api_key=self._target.api_key, base_url=self._target.base_url)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all calls made so far are reported; it blocks, so call it by `asyncio.to_thread`."""
        reporter = _reporter(self._target)
        return reporter is None or reporter.flush(timeout)

    async def request(self, cast_to: Any, options: Any, *, stream: bool = False, stream_cls: Any = None) -> Any:
        """Make one call: directly and reported, or through the gateway."""
        call = Call.read(options)
        if call is None:
            return await super().request(cast_to, options, stream=stream, stream_cls=stream_cls)
        if not call.through_gateway:
            return await self._directly(call, super().request, cast_to, stream, stream_cls)
        request, fallback = call.for_gateway(self._target), call.fallback()
        try:
            return await self._gateway.request(cast_to, request, stream=stream, stream_cls=stream_cls)
        except openai.APIError:
            if fallback is None:
                raise
        other = self._ours.get("fallback_client")
        if isinstance(other, AsyncOpenAI):
            return await other.request(cast_to, fallback.handed_on(), stream=stream, stream_cls=stream_cls)
        send = super().request if other is None else other.request
        return await self._directly(fallback, send, cast_to, stream, stream_cls)

    async def _directly(self, call: Call, send: Any, cast_to: Any, stream: bool, stream_cls: Any) -> Any:
        reporter = _reporter(self._target) if call.is_recorded else None
        if reporter is None:
            return await send(cast_to, call.direct(exchange=False), stream=stream, stream_cls=stream_cls)
        watch = call.watch(reporter)
        try:
            answer = await send(cast_to, call.direct(exchange=True), stream=stream, stream_cls=stream_cls)
        except BaseException as error:
            watch.failed(error)
            raise
        watch.answered(answer.http_response)
        return answer if call.wants_exchange else answer.parse()

    @cached_property
    def _gateway(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            api_key=self._target.api_key,
            base_url=self._target.api_url,
            timeout=self.timeout,
            max_retries=self.max_retries,
        )

    def copy(self, *, _extra_kwargs: Mapping[str, Any] | None = None, **arguments: Any) -> Self:
        """Make a client with some options changed, for the same project."""
        return super().copy(_extra_kwargs={"logwright": self._ours, **(_extra_kwargs or {})}, **arguments)

    with_options = copy

    async def close(self) -> None:
        """Close the connections. Reporting goes on: it belongs to the process."""
        if "_gateway" in self.__dict__:
            await self._gateway.close()
        if "logwright" in self.__dict__:
            await self.logwright.close()
        await super().close()


def _merged(logwright: ClientOptions | None, openpipe: ClientOptions | None) -> ClientOptions:
    return {**(openpipe or {}), **(logwright or {})}


def _reporter(target: Destination) -> Reporter | None:
    if target.api_key:
        return shared_reporter(target)
    _log.debug("Calls are not recorded: no key for Logwright is set")
    return None


def _lacks_credentials(arguments: Mapping[str, Any]) -> bool:
    """Tell whether the OpenAI client would refuse to be made. Calls through the gateway need no key of OpenAI's."""
    given = any(
        arguments.get(name) is not None for name in ("api_key", "admin_api_key", "workload_identity", "provider")
    )
    return not given and not os.environ.get("OPENAI_API_KEY") and not os.environ.get("OPENAI_ADMIN_KEY")


def _no_openai_key() -> str:
    raise openai.OpenAIError(_NO_OPENAI_KEY)


async def _no_openai_key_async() -> str:
    raise openai.OpenAIError(_NO_OPENAI_KEY)
