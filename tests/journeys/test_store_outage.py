"""R-14: a log store on a server may be away, hang or refuse: no call fails, none is lost, none is doubled."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx2
import pytest

from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

PATH: Final = "/v1/chat/completions"
BODY: Final = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}], "metadata": {"run": "R-14"}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClickHouseServer]:
    """Return a ClickHouse server of the test's own, to be maltreated."""
    with ClickHouseServer(tmp_path / "store") as running:
        yield running


@pytest.fixture
def server(upstream: FakeUpstream, store: ClickHouseServer, tmp_path: Path) -> Iterator[Server]:
    with Server(
        upstream=upstream, folder=tmp_path / "server", environment={"LOGWRIGHT_STORE": store.url(timeout="2")}
    ) as running:
        yield running


class Caller:
    """Calls without a pause, and what became of the calls."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._call)
        self.acknowledged: list[str] = []
        self.failed: list[str] = []

    def __enter__(self) -> Caller:
        self._thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def goes_on(self, calls: int = 5) -> None:
        """Wait until that many more calls have been answered."""
        until, wanted = time.monotonic() + 30, len(self.acknowledged) + calls
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < until, self.failed
            time.sleep(0.02)

    def _call(self) -> None:
        with self._server.http() as web:
            while not self._stop.is_set():
                reply = web.post(PATH, json=BODY)
                if reply.status_code == 200:
                    self.acknowledged.append(reply.headers["x-logwright-log-id"])
                else:
                    self.failed.append(reply.text)
                self._stop.wait(0.02)


def listed(server: Server) -> httpx2.Response:
    with server.http() as web:
        return web.get("/api/manage/logs", params={"q": "tag.run=R-14", "limit": 1})


def until_found(server: Server, count: int) -> None:
    """Wait until the store answers again with everything."""
    until = time.monotonic() + 60
    while True:
        reply = listed(server)
        if reply.status_code == 200:
            with server.http() as web:
                stats = web.get("/api/manage/logs/stats", params={"q": "tag.run=R-14"}).json()
            if stats["count"] == count:
                return
        assert time.monotonic() < until, reply.text
        time.sleep(0.2)


def refuses_reading(server: Server) -> None:
    """Wait until reading is refused, by name and with a time to come back."""
    until = time.monotonic() + 30
    while (reply := listed(server)).status_code == 200:
        assert time.monotonic() < until
    assert reply.status_code == 503, reply.text
    assert int(reply.headers["Retry-After"]) >= 1
    assert "log store" in reply.json()["error"]["message"]
    assert "p@ss" not in reply.text
    assert "p%40ss" not in reply.text


@pytest.mark.parametrize("fault", ["kill", "pause", "error", "drop", "mute"])
def test_calls_go_on_while_the_store_does_not_and_all_are_found_after(
    server: Server, store: ClickHouseServer, fault: str
) -> None:
    with Caller(server) as caller:
        match fault:
            case "kill":
                store.kill()
            case "pause":
                store.pause()
            case "error":
                store.fail("error", code=242, name="TABLE_IS_READ_ONLY", message="Table is in readonly mode")
            case _:
                store.fail(fault)
        refuses_reading(server)
        caller.goes_on()
        match fault:
            case "kill":
                store.start()
            case "pause":
                store.resume()
            case _:
                store.fail()
        caller.goes_on()
    assert not caller.failed
    until_found(server, len(caller.acknowledged))
    audit = server.json("audit")
    assert audit["complete"]
    assert audit["present"] == len(caller.acknowledged)


def test_a_slow_store_holds_up_no_call(server: Server, store: ClickHouseServer) -> None:
    with Caller(server) as caller:
        store.fail(delay=0.8)
        caller.goes_on(30)
        store.fail()
    assert not caller.failed
    until_found(server, len(caller.acknowledged))


def test_a_server_starts_without_its_store_and_drains_when_it_comes(
    upstream: FakeUpstream, store: ClickHouseServer, tmp_path: Path
) -> None:
    store.kill()
    environment = {"LOGWRIGHT_STORE": store.url()}
    with Server(upstream=upstream, folder=tmp_path / "late", environment=environment) as server:
        with Caller(server) as caller:
            refuses_reading(server)
        assert not caller.failed
        server.kill()
        server.revive()
        store.start()
        until_found(server, len(caller.acknowledged))
        assert server.json("audit")["complete"]


def test_a_crash_of_everything_doubles_nothing(server: Server, store: ClickHouseServer) -> None:
    """The server dies while inserts are carried out of which it never heard."""
    with Caller(server) as caller:
        store.fail("mute")
        time.sleep(1.5)
    assert not caller.failed
    server.kill()
    store.fail()
    server.revive()
    until_found(server, len(caller.acknowledged))
    assert server.json("audit")["complete"]
