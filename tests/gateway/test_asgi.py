"""Everything that is not a call goes to the application, bounded both ways."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig


def test_path_and_query_reach_the_application(rig: Rig) -> None:
    answer = httpx2.get(rig.url + "/a%20b/c?q=1&r=%2F")

    assert answer.json() == {"path": "/a b/c", "query": "q=1&r=%2F", "size": 0}


@pytest.mark.parametrize("size", [0, 1, 70_000, 8_000_000])
def test_a_body_of_any_size_passes(rig: Rig, size: int) -> None:
    assert httpx2.post(rig.url + "/upload", content=b"a" * size).json()["size"] == size


def test_a_connection_serves_calls_and_pages_in_turn(rig: Rig) -> None:
    with httpx2.Client(base_url=rig.url) as client:
        for _ in range(3):
            assert client.get("/x").status_code == 200
            assert client.post("/v1/chat/completions", content=b"{}").status_code == 401

    assert client.is_closed


def test_head_gets_no_body(rig: Rig) -> None:
    answer = httpx2.head(rig.url + "/")

    assert (answer.status_code, answer.content) == (200, b"")


def test_an_application_learns_that_its_caller_left(rig: Rig) -> None:
    left = threading.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"
        left.set()

    rig.application = endless

    with httpx2.stream("GET", rig.url + "/") as answer:
        next(answer.iter_raw())

    assert left.wait(5)


def test_an_application_waits_for_a_slow_reader(rig: Rig) -> None:
    sent = []

    async def large(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(400):
            await send({"type": "http.response.body", "body": b"a" * 100_000, "more_body": True})
            sent.append(number)
        await send({"type": "http.response.body", "body": b""})

    rig.application = large

    with httpx2.stream("GET", rig.url + "/") as answer:
        pieces = answer.iter_raw()
        next(pieces)
        assert len(sent) < 390
        assert sum(map(len, pieces)) > 30_000_000


def test_an_application_that_fails_leaves_the_worker_standing(rig: Rig) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("broken")

    rig.application = broken
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(rig.url + "/")

    assert rig.ask().status_code == 200
