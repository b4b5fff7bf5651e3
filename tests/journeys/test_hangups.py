"""A caller who hangs up, whenever and however, stops the provider at once; the log keeps what had come (R-10)."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal

import openai
import pytest

from logwright.testing.server import Server
from logwright.testing.upstream import Cancelled, FakeUpstream

Client = Literal["openai", "close", "reset"]
Moment = Literal["before head", "after head", "plain", "mid-stream", "slow upstream"]

FAULT: Final[dict[Moment, str]] = {
    "before head": "fault-stall-before-head",
    "after head": "fault-stall-after-head",
    "plain": "fault-stall-mid-body",
    "mid-stream": "fault-stall-mid-body",
    "slow upstream": "fault-slow-endless-stream",
}
ARRIVED: Final[dict[Moment, str]] = {
    "before head": "",
    "after head": "",
    "plain": '{"id":',
    "mid-stream": "is",
    "slow upstream": "The",
}
"""Of the answer, what the provider had sent by then: nothing, half of the JSON, or the beginning of the text."""

CLIENTS: Final[tuple[Client, ...]] = ("openai", "close", "reset")
CASES: Final = [(client, moment) for client in CLIENTS for moment in FAULT]
PATIENCE: Final = 1.5
"""Seconds after which a caller who gets nothing hangs up."""


def ask(client: Client, moment: Moment) -> dict[str, Any]:
    """Return a request that says which case it is."""
    return {
        "model": FAULT[moment],
        "messages": [{"role": "user", "content": f"{client}, {moment}"}],
        "stream": moment != "plain",
    }


def hang_up_as_openai(server: Server, moment: Moment) -> float:
    """Call with the unmodified client; return the moment at which it had hung up."""
    with server.openai(timeout=openai.Timeout(30.0, read=PATIENCE)) as client:
        if moment in {"before head", "after head", "plain"}:
            with pytest.raises(openai.APITimeoutError):
                client.chat.completions.create(**ask("openai", moment))
        else:
            with client.chat.completions.create(**ask("openai", moment)) as chunks:
                said = ""
                while ARRIVED[moment] not in said:
                    said += next(chunks).choices[0].delta.content or ""
        return time.monotonic()


def hang_up_as_socket(server: Server, client: Client, moment: Moment) -> float:
    """Call over a bare socket; close it, or reset the connection, and return when."""
    body = json.dumps(ask(client, moment)).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer %b\r\n"
            b"content-length: %d\r\n\r\n%b" % (server.key.encode(), len(body), body)
        )
        told = b""
        with contextlib.suppress(TimeoutError):
            while moment in {"before head", "after head", "plain"} or ARRIVED[moment].encode() not in told:
                told += connection.recv(65536)
        if client == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return time.monotonic()


def hang_up(server: Server, client: Client, moment: Moment) -> float:
    return hang_up_as_openai(server, moment) if client == "openai" else hang_up_as_socket(server, client, moment)


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def server(upstream: FakeUpstream) -> Iterator[Server]:
    with Server(upstream=upstream) as server:
        yield server


@pytest.fixture(scope="module")
def left(server: Server, upstream: FakeUpstream) -> dict[tuple[Client, Moment], float]:
    """Hang up in every way, all at once; return when each did."""
    with ThreadPoolExecutor(len(CASES)) as callers:
        moments = list(callers.map(lambda case: hang_up(server, *case), CASES))
    return dict(zip(CASES, moments, strict=True))


@pytest.fixture(scope="module")
def cancelled(upstream: FakeUpstream, left: dict[tuple[Client, Moment], float]) -> dict[str, Cancelled]:
    seen = upstream.wait_for_cancelled(len(left))
    return {each.call.json["messages"][0]["content"]: each for each in seen}


@pytest.fixture(scope="module")
def logs(server: Server, cancelled: dict[str, Cancelled]) -> list[dict[str, Any]]:
    """Return the logs of all these calls, whole."""
    with server.http() as web:
        found = web.get("/api/manage/logs", params={"limit": 1000}).json()["data"]
        return [web.get(f"/api/manage/logs/{each['id']}").json() for each in found]


@pytest.mark.parametrize(("client", "moment"), CASES, ids=lambda value: value)
def test_the_provider_is_stopped_within_a_second_and_the_log_keeps_what_had_come(
    client: Client,
    moment: Moment,
    left: dict[tuple[Client, Moment], float],
    cancelled: dict[str, Cancelled],
    logs: list[dict[str, Any]],
) -> None:
    case = f"{client}, {moment}"

    assert cancelled[case].at - left[client, moment] < 1
    (log,) = [each for each in logs if case in json.dumps(each["request"])]
    assert log["error_kind"] == "client_disconnected"
    assert ARRIVED[moment] in str(log["response"])
    assert bool(log["response"]) == bool(ARRIVED[moment])


def test_what_was_streamed_is_found_as_text_among_the_failed(server: Server, logs: list[dict[str, Any]]) -> None:
    """Three callers had read the beginning of the sentence that the provider was saying."""
    with server.http() as web:
        query = 'has:error is:stream error:client_disconnected response:"The ticket is"'
        found = web.get("/api/manage/logs", params={"q": query}).json()

    assert len(found["data"]) == len(CLIENTS), found
