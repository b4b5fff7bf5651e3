"""The door outwards: one look-up, every address checked, exactly a checked address dialled."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from logwright.addresses import AllowList, check_url
from logwright.errors import UpstreamTimeout, UpstreamUnreachable
from logwright.gateway.outbound import dial
from logwright.testing.upstream import FakeUpstream

ANY = AllowList(everything=True)


class Visit(asyncio.Protocol):
    """Leaves as soon as it has come."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def dialling(url: str, allow: AllowList, *, seconds: float = 2.0) -> Coroutine[Any, Any, None]:
    return dial(check_url(url, ANY), Visit, allow=allow, seconds=seconds, tls=ssl.create_default_context())


def test_an_allowed_address_is_dialled(upstream: FakeUpstream) -> None:
    asyncio.run(dialling(upstream.base_url, AllowList.parse([f"127.0.0.1:{upstream.port}"])))

    assert upstream.most_open == 1


def test_a_private_address_is_refused_without_a_connection(upstream: FakeUpstream) -> None:
    with pytest.raises(UpstreamUnreachable, match="--allow-upstream"):
        asyncio.run(dialling(upstream.base_url, AllowList()))

    assert upstream.most_open == 0


def test_a_refusal_is_the_same_for_open_and_closed_ports(upstream: FakeUpstream) -> None:
    told = []
    for port in (upstream.port, 9):
        with pytest.raises(UpstreamUnreachable) as refused:
            asyncio.run(dialling(f"http://127.0.0.1:{port}", AllowList()))
        told.append(str(refused.value).replace(str(port), "PORT"))

    assert told[0] == told[1]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], list[str]]:
    """Stands in for the resolver, which is the machine's and not ours; returns the list of names it was asked for."""

    def answer_with(addresses: list[str]) -> list[str]:
        asked: list[str] = []

        async def resolve(self: object, host: str, port: int, **_: object) -> list[Any]:
            asked.append(host)
            return [(2, 1, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
        return asked

    return answer_with


def test_a_name_that_also_leads_inside_is_refused_whole(names: Callable[[list[str]], list[str]]) -> None:
    asked = names(["93.184.216.34", "169.254.169.254"])

    with pytest.raises(UpstreamUnreachable, match="refused"):
        asyncio.run(dialling("https://models.example", AllowList()))

    assert asked == ["models.example"]


def test_a_provider_that_does_not_accept_in_time_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: object, **__: object) -> None:
        await asyncio.sleep(10)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", silent)

    with pytest.raises(UpstreamTimeout, match=r"within 0\.05 seconds"):
        asyncio.run(dialling("http://127.0.0.1:9", ANY, seconds=0.05))


def test_a_provider_that_speaks_no_tls_is_not_spoken_to() -> None:
    def answer_plainly(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider = threading.Thread(target=answer_plainly, args=(listener,))
        provider.start()

        with pytest.raises(UpstreamUnreachable, match="secure connection"):
            asyncio.run(dialling(f"https://127.0.0.1:{listener.getsockname()[1]}", ANY))
        provider.join()
