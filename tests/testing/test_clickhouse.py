"""The server that tests have is reached by its address and keeps what it stored."""

from __future__ import annotations

from pathlib import Path

import httpx2

from logwright.testing.clickhouse import PASSWORD, ClickHouseServer


def test_a_server_that_was_killed_comes_back_with_what_it_had(tmp_path: Path) -> None:
    with ClickHouseServer(tmp_path) as server:
        where = f"http://127.0.0.1:{server.port}/"
        auth = ("logs", PASSWORD)
        for statement in ("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a", "INSERT INTO t VALUES (7)"):
            assert httpx2.post(where, content=statement, auth=auth).status_code == 200
        port = server.port
        server.kill()
        server.start()
        assert server.port == port
        assert httpx2.post(where, content="SELECT a FROM t", auth=auth).text == "7\n"
        server.fail("error", code=242, name="TABLE_IS_READ_ONLY", message="no")
        reply = httpx2.post(where, content="SELECT a FROM t", auth=auth)
        assert (reply.status_code, reply.headers["X-ClickHouse-Exception-Code"]) == (500, "242")
        server.fail()
        assert httpx2.get(where + "ping").text == "Ok.\n"
