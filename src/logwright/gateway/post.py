"""One request to somebody who is no provider, such as a collector of telemetry, through the outbound door.

The connection is made for the request and closed after it. The answer's body is
read up to a limit and no further.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httptools

from logwright.errors import UpstreamTimeout, UpstreamUnreachable
from logwright.gateway.outbound import dial

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from logwright.addresses import AllowList, CheckedUrl

MOST_BYTES: Final = 64 * 1024
"""How much of an answer is kept."""


class Answered(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


async def post(
    url: CheckedUrl,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow: AllowList,
    tls: ssl.SSLContext,
    seconds: float,
) -> Answered:
    """Send `body` to the URL's own path and return the answer, whatever its status.

    Raises:
        UpstreamUnreachable: nobody answered, or not in HTTP, or the address is not allowed.
        UpstreamTimeout: the answer took longer than `seconds`.
    """
    lines = {
        "host": url.authority,
        "user-agent": "logwright",
        "accept-encoding": "identity",
        "connection": "close",
        **headers,
        "content-length": str(len(body)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    exchange = _Exchange(f"POST {url.path or '/'} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
    try:
        async with asyncio.timeout(seconds):
            await dial(url, lambda: exchange, allow=allow, seconds=seconds, tls=tls)
            return await exchange.done
    except TimeoutError as error:
        raise UpstreamTimeout(f"{url.authority} did not answer within {seconds:g} seconds") from error
    finally:
        exchange.close()


class _Exchange(asyncio.Protocol):
    """Sends one request as soon as the connection stands, and reads one answer."""

    def __init__(self, request: bytes) -> None:
        self.done: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._request = request
        self._parser: Any = httptools.HttpResponseParser(self)
        self._transport: asyncio.BaseTransport | None = None
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self.done.cancel()

    # ------------------------------------------------------------------ transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(self._request)  # type: ignore[attr-defined] # a stream's transport writes

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"the answer is not HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._fail("the connection ended before the answer")

    # ------------------------------------------------------------------ parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, data: bytes) -> None:
        self._body += data[: MOST_BYTES - len(self._body)]

    def on_message_complete(self) -> None:
        if not self.done.done():
            self.done.set_result(Answered(self._parser.get_status_code(), self._headers, bytes(self._body)))

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(UpstreamUnreachable(why))
