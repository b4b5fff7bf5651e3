"""The HTTP interface does what its documentation says, seen by the published client and by hand."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import clickhouse_connect
import httpx2
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from logwright.testing.clickhouse import PASSWORD, ClickHouseServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    with ClickHouseServer(tmp_path_factory.mktemp("clickhouse")) as running:
        yield running


@pytest.fixture
def client(server: ClickHouseServer) -> Iterator[Any]:
    made = clickhouse_connect.get_client(
        host="127.0.0.1", port=server.port, username="logs", password=PASSWORD, compress="gzip"
    )
    yield made
    made.close()


def ask(server: ClickHouseServer, **request: Any) -> httpx2.Response:
    return httpx2.post(f"http://127.0.0.1:{server.port}/", auth=("logs", PASSWORD), **request)


def test_the_published_client_inserts_and_reads_in_its_own_format(client: Any) -> None:
    client.command("CREATE TABLE IF NOT EXISTS pairs (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
    client.insert("pairs", [[1, "one"], [2, "two"]], column_names=["a", "b"])
    found = client.query("SELECT a FROM pairs WHERE b = {b:String}", parameters={"b": "two"})
    assert found.result_rows == [(2,)]


def test_a_statement_stands_in_the_url_the_body_or_a_form(server: ClickHouseServer) -> None:
    for request in (
        {"params": {"query": "SELECT {x:UInt8}", "param_x": "7"}},
        {"content": "SELECT {x:UInt8}", "params": {"param_x": "7"}},
        {"files": {"query": (None, "SELECT {x:UInt8}"), "param_x": (None, "7")}},
    ):
        assert ask(server, **request).text == "7\n"


def test_settings_and_formats_hold_for_one_statement(server: ClickHouseServer) -> None:
    params = {"default_format": "JSONEachRow", "output_format_json_quote_64bit_integers": "1"}
    assert ask(server, content="SELECT toUInt64(1) AS x", params=params).text == '{"x":"1"}\n'
    assert ask(server, content="SELECT toUInt64(1) AS x FORMAT JSONEachRow").text == '{"x":1}\n'


def test_a_session_keeps_its_state_and_serves_one_at_a_time(server: ClickHouseServer) -> None:
    session = {"session_id": "mine"}
    ask(server, content="CREATE TEMPORARY TABLE here (a UInt8)", params=session)
    ask(server, content="INSERT INTO here VALUES (3)", params=session)
    assert ask(server, content="SELECT a FROM here", params=session).text == "3\n"
    assert ask(server, content="SELECT a FROM here").status_code == 404


def test_an_error_has_its_code_in_a_header(server: ClickHouseServer, client: Any) -> None:
    reply = ask(server, content="SELECT nothing")
    assert reply.headers["X-ClickHouse-Exception-Code"] == "47"
    assert "UNKNOWN_IDENTIFIER" in reply.text
    with pytest.raises(DatabaseError) as told:
        client.query("SELECT * FROM nowhere")
    assert (told.value.code, told.value.name) == (60, "UNKNOWN_TABLE")


def test_an_error_amid_an_answer_is_told_at_its_end(server: ClickHouseServer) -> None:
    reply = ask(server, content="SELECT throwIf(number = 900000, 'too far') FROM numbers(1000000)")
    assert reply.status_code == 200
    tag = reply.headers["X-ClickHouse-Exception-Tag"]
    assert f"\r\n__exception__\r\n{tag}\r\n" in reply.text
    assert "too far" in reply.text


def test_bodies_may_be_compressed_both_ways(server: ClickHouseServer) -> None:
    packed = gzip.compress(b"SELECT 'packed' FROM numbers(1000)")
    reply = ask(
        server,
        content=packed,
        headers={"Content-Encoding": "gzip", "Accept-Encoding": "gzip"},
        params={"enable_http_compression": "1"},
    )
    assert reply.headers["Content-Encoding"] == "gzip"
    assert reply.text == "packed\n" * 1000
    assert ask(server, content=b"x", headers={"Content-Encoding": "br"}).headers["X-ClickHouse-Exception-Code"] == "48"


def test_a_wrong_password_is_refused(server: ClickHouseServer) -> None:
    where = f"http://127.0.0.1:{server.port}/"
    assert (
        httpx2.post(where, content="SELECT 1", auth=("logs", "wrong")).headers["X-ClickHouse-Exception-Code"] == "516"
    )
    headers = {"X-ClickHouse-User": "logs", "X-ClickHouse-Key": PASSWORD}
    assert httpx2.post(where, content="SELECT 1", headers=headers).text == "1\n"
    assert httpx2.post(where, content="SELECT 1", params={"user": "logs", "password": PASSWORD}).text == "1\n"
