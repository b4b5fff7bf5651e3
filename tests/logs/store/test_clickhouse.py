"""A server that is away, slow, wrong or refusing is told from a statement that is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from logwright.errors import Unavailable
from logwright.logs.store.address import parse_address
from logwright.logs.store.clickhouse import ClickHouseEngine
from logwright.testing.clickhouse import ClickHouseServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ClickHouseServer]:
    """Return a server of the test's own, to be maltreated."""
    with ClickHouseServer(tmp_path) as running:
        yield running


Opening = Callable[..., ClickHouseEngine]


@pytest.fixture
def engine_of() -> Iterator[Opening]:
    """Return what opens an engine on a server; all are closed in the end."""
    with ExitStack() as opened:

        def engine_on(server: ClickHouseServer, **options: str) -> ClickHouseEngine:
            engine = ClickHouseEngine(parse_address(server.url(**options)), machine="m1")
            opened.callback(engine.close)
            return engine

        yield engine_on


def test_a_server_that_is_away_is_named_and_found_when_it_is_back(engine_of: Opening, server: ClickHouseServer) -> None:
    engine = engine_of(server)
    assert engine.query("SELECT 1", form="TSV") == b"1\n"
    server.kill()
    with pytest.raises(Unavailable, match=r"clickhouse://127.0.0.1:\d+/logwright does not answer") as told:
        engine.query("SELECT 1")
    assert told.value.retry_after
    began = time.monotonic()
    with pytest.raises(Unavailable, match="does not answer"):
        engine.query("SELECT 1")
    assert time.monotonic() - began < 0.5
    server.start()
    while True:
        try:
            assert engine.query("SELECT 1", form="TSV") == b"1\n"
        except Unavailable:
            time.sleep(0.05)
        else:
            break


def test_a_server_that_is_away_at_the_start_is_no_error_until_it_is_asked(
    engine_of: Opening, server: ClickHouseServer
) -> None:
    server.kill()
    engine = engine_of(server)
    with pytest.raises(Unavailable, match="does not answer"):
        engine.query("SELECT 1")


def test_a_server_that_hangs_is_given_up(engine_of: Opening, server: ClickHouseServer) -> None:
    engine = engine_of(server, timeout="1")
    engine.query("SELECT 1")
    server.pause()
    try:
        with pytest.raises(Unavailable, match="does not answer"):
            engine.query("SELECT 1")
    finally:
        server.resume()


@pytest.mark.parametrize("what", ["drop", "mute"])
def test_a_connection_that_breaks_is_no_answer(engine_of: Opening, server: ClickHouseServer, what: str) -> None:
    engine = engine_of(server)
    engine.query("SELECT 1")
    server.fail(what)
    with pytest.raises(Unavailable, match="does not answer"):
        engine.query("SELECT 1")


@pytest.mark.parametrize(
    ("code", "name"), [(202, "TOO_MANY_SIMULTANEOUS_QUERIES"), (252, "TOO_MANY_PARTS"), (242, "TABLE_IS_READ_ONLY")]
)
def test_a_server_that_cannot_now_is_asked_again_later(
    engine_of: Opening, server: ClickHouseServer, code: int, name: str
) -> None:
    engine = engine_of(server)
    engine.query("SELECT 1")
    server.fail("error", code=code, name=name, message="not at present")
    with pytest.raises(Unavailable, match="not at present"):
        engine.query("SELECT 1")


def test_a_wrong_password_is_told_as_the_servers_refusal(server: ClickHouseServer) -> None:
    address = parse_address(server.url().replace("p%40ss", "wrong"))
    with pytest.raises(RuntimeError, match="Authentication failed"):
        ClickHouseEngine(address, machine="m1").query("SELECT 1")


def test_the_same_insert_by_two_ways_is_kept_once(engine_of: Opening, server: ClickHouseServer) -> None:
    engine = engine_of(server)
    for _ in range(2):
        engine.insert("machines", ("machine", "number", "claim"), b"\x01m" + bytes(8) + b"\x01c", token="one")
    engine.insert("machines", ("machine", "number", "claim"), b"\x01m" + bytes(8) + b"\x01c", token="two")
    assert engine.query("SELECT count() FROM machines", form="TSV") == b"2\n"


def test_a_closed_engine_leaves_no_connection_open(engine_of: Opening, server: ClickHouseServer) -> None:
    def sockets() -> int:
        return sum(
            path.readlink().as_posix().startswith("socket:")
            for path in Path("/proc/self/fd").iterdir()
            if path.is_symlink()
        )

    engine = engine_of(server)
    engine.query("SELECT 1")
    before = sockets()
    engine.close()
    assert sockets() < before
