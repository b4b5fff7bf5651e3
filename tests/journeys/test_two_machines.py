"""Two machines with one PostgreSQL and one ClickHouse server are one installation."""

from __future__ import annotations

import time
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def machines(
    postgres: Postgres, clickhouse: ClickHouseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    """Return two servers with data directories of their own; each test calls under a name of its own."""
    folder = tmp_path_factory.mktemp("machines")
    environment = {
        "LOGWRIGHT_DATABASE": postgres.fresh_url(),
        "LOGWRIGHT_STORE": clickhouse.url("two_machines"),
        "LOGWRIGHT_MASTER_KEY_FILE": str(folder / "a" / "master.key"),
    }
    with (
        FakeUpstream() as upstream,
        Server(upstream=upstream, folder=folder / "a", environment=environment) as first,
    ):
        second = Server(upstream=upstream, folder=folder / "b", environment=environment)
        second.key = first.key  # the installation was begun by the first
        with second:
            yield first, second


def call(server: Server, key: str | None = None, **tags: str) -> int:
    with server.http() as web:
        headers = {"Authorization": f"Bearer {key or server.key}"}
        return web.post(PATH, json={**BODY, "metadata": tags}, headers=headers).status_code


def count(server: Server, query: str) -> int:
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
        assert call(first, test="both") == call(second, test="both") == 200
    assert count(first, "tag.test:both") >= 3
    assert count(second, "tag.test:both") >= 3
    soon(lambda: count(first, "tag.test:both") == count(second, "tag.test:both") == 6)
    for server in machines:
        audit = server.json("audit")
        assert audit["complete"], audit
        assert [each["producer"] for each in audit["producers"]] == ["w0"]


def test_a_key_made_on_one_works_on_the_other_and_a_revoked_one_does_not(machines: tuple[Server, Server]) -> None:
    first, second = machines
    made = first.json("keys", "create", "--project", first.project, "--scope", "write")
    soon(lambda: call(second, made["key"]) == 200)
    first.cli("keys", "revoke", made["id"])
    assert call(first, made["key"]) == 401
    soon(lambda: call(second, made["key"]) == 401)


def test_changes_made_on_both_are_one_history(machines: tuple[Server, Server]) -> None:
    """Though both are killed afterwards and read their journals again, the later change stands."""
    first, second = machines
    for server in machines:
        assert call(server, test="changes", on=server.folder.name) == 200
    soon(lambda: count(first, "tag.test:changes") == count(second, "tag.test:changes") == 2)
    for server, tag in ((first, "one"), (second, "two")):
        with server.http() as web:
            body = {"q": "tag.test:changes", "tags": {"last": tag, tag: "yes"}}
            assert web.post("/api/manage/logs/tags", json=body).status_code == 200
    for server in machines:
        assert count(server, "tag.test:changes tag.last:two tag.one:yes tag.two:yes") == 2
    with first.http() as web:
        reply = web.request("DELETE", "/api/manage/logs", params={"q": "tag.test:changes tag.on:b"})
        assert reply.json()["deleted"] == 1
    before = sum(call(first, test="death") == 200 for _ in range(10))
    first.kill()
    second.kill()
    first.revive()
    second.revive()
    for server in machines:
        assert count(server, "tag.test:changes") == count(server, "tag.last:two") == 1
        soon(lambda server=server: count(server, "tag.test:death") == before)
        assert server.json("audit")["complete"]
