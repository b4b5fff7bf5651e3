"""Two machines with one PostgreSQL and one ClickHouse server are one installation."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.postgres import Postgres
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

PATH: Final = "/v1/chat/completions"
BODY: Final = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
AT_ONCE_SECONDS: Final = 3.0
"""Each process looks at the database once a second; the rest is for a busy machine."""


@pytest.fixture
def machines(
    upstream: FakeUpstream, postgres: Postgres, clickhouse: ClickHouseServer, store_url: str, tmp_path: Path
) -> Iterator[tuple[Server, Server]]:
    """Return two servers with data directories of their own."""
    environment = {
        "LOGWRIGHT_DATABASE": postgres.fresh_url(),
        "LOGWRIGHT_STORE": store_url,
        "LOGWRIGHT_MASTER_KEY_FILE": str(tmp_path / "a" / "master.key"),
    }
    with Server(upstream=upstream, folder=tmp_path / "a", environment=environment) as first:
        second = Server(upstream=upstream, folder=tmp_path / "b", environment=environment)
        second.key = first.key  # the installation was begun by the first
        with second:
            yield first, second


def call(server: Server, key: str | None = None, **changes: Any) -> int:
    with server.http() as web:
        headers = {"Authorization": f"Bearer {key or server.key}"}
        return web.post(PATH, json={**BODY, **changes}, headers=headers).status_code


def count(server: Server, query: str = "") -> int:
    with server.http() as web:
        found: int = web.get("/api/manage/logs/stats", params={"q": query}).raise_for_status().json()["count"]
        return found


def soon(claim: Any) -> None:
    until = time.monotonic() + AT_ONCE_SECONDS
    while not claim():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_logs_of_both_are_found_on_both(machines: tuple[Server, Server]) -> None:
    """On the machine that answered at once, on the other when the batch is in."""
    first, second = machines
    for _ in range(3):
        assert call(first) == call(second) == 200
    assert count(first) >= 3
    assert count(second) >= 3
    soon(lambda: count(first) == count(second) == 6)
    for server in machines:
        audit = server.json("audit")
        assert audit["complete"], audit
        assert audit["present"] == 3
        assert [each["producer"] for each in audit["producers"]] == ["w0"]


def test_a_key_made_on_one_works_on_the_other_and_a_revoked_one_does_not(machines: tuple[Server, Server]) -> None:
    first, second = machines
    made = first.json("keys", "create", "--project", first.project, "--scope", "write")
    soon(lambda: call(second, made["key"]) == 200)
    first.cli("keys", "revoke", made["id"])
    assert call(first, made["key"]) == 401
    soon(lambda: call(second, made["key"]) == 401)


def test_changes_made_on_both_are_one_history(machines: tuple[Server, Server]) -> None:
    first, second = machines
    for server in machines:
        assert call(server, metadata={"on": server.folder.name}) == 200
    soon(lambda: count(first) == count(second) == 2)
    for server, tag in ((first, "one"), (second, "two")):
        with server.http() as web:
            body = {"all": True, "tags": {"last": tag, tag: "yes"}}
            assert web.post("/api/manage/logs/tags", json=body).status_code == 200
    for server in machines:
        assert count(server, "tag.last:two tag.one:yes tag.two:yes") == 2
    with first.http() as web:
        assert web.request("DELETE", "/api/manage/logs", params={"q": "tag.on:b"}).status_code == 200
    first.kill()
    second.kill()
    first.revive()
    second.revive()
    for server in machines:
        assert count(server) == 1
        assert server.json("audit")["complete"]


def test_a_machine_that_dies_leaves_nothing_behind(machines: tuple[Server, Server]) -> None:
    first, second = machines
    done = sum(call(first) == 200 for _ in range(10))
    first.kill()
    assert call(second) == 200
    first.revive()
    soon(lambda: count(first) == done + 1)
    soon(lambda: count(second) == done + 1)
