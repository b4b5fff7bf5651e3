"""Live updates over a real server: who may listen, what arrives, when it ends."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from logwright.testing.server import Server
from logwright.testing.websocket import WebSocketClient


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(folder=tmp_path_factory.mktemp("live")) as server:
        yield server


def listen(server: Server, query: str = "", **given: Any) -> WebSocketClient:
    given.setdefault("headers", {"authorization": f"Bearer {server.key}"})
    return WebSocketClient(f"{server.url}/ws{query}", **given)


def report(server: Server, **tags: str) -> str:
    """Report a call, and return its log's id."""
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "metadata": tags}
    with server.http() as web:
        answer = web.post("/api/v1/report", json={"reqPayload": asked})
    assert answer.status_code == 200
    return str(answer.headers["x-logwright-log-id"])


def a_new_key(server: Server, scope: str) -> tuple[str, str]:
    """Return the id and the text of a new key of the project."""
    made = server.json("keys", "create", "--project", server.project, "--scope", scope)
    return made["id"], made["key"]


def test_a_log_arrives_as_the_list_shows_it(running: Server) -> None:
    with listen(running) as client:
        client.accepted()
        log_id = report(running, test="arrives")
        update = json.loads(client.text())

    assert (update["type"], update["operation"]) == ("log", "create")
    with running.http() as web:
        (listed,) = web.get("/api/logs", params={"request_id": log_id}).json()["logs"]
    assert update["payload"] == listed
    assert listed["input_history"] == [{"role": "user", "content": "Hi"}]


def test_only_what_the_filters_describe_arrives(running: Server) -> None:
    with listen(running, "?metadata_test=wanted&objects=chat_completion&period=1h") as client:
        client.accepted()
        report(running, test="other")
        wanted = [report(running, test="wanted") for _ in range(3)]

        assert [json.loads(client.text())["payload"]["id"] for _ in wanted] == wanted


@pytest.mark.parametrize("form", ["basic", "x-api-key", "subprotocol"])
def test_a_key_is_taken_as_a_client_can_send_it(running: Server, form: str) -> None:
    basic = base64.b64encode(f"me:{running.key}".encode()).decode()
    forms: dict[str, dict[str, Any]] = {
        "basic": {"headers": {"authorization": f"Basic {basic}"}},
        "x-api-key": {"headers": {"x-api-key": running.key}},
        "subprotocol": {"headers": {}, "protocols": ["logwright", f"key.{running.key}"]},
    }
    with listen(running, **forms[form]) as client:
        assert client.accepted() == ("logwright" if form == "subprotocol" else None)


@pytest.mark.parametrize(
    ("query", "given", "status"),
    [
        ("", {"headers": {}}, 401),
        ("", {"headers": {"authorization": "Bearer lwk_wrong"}}, 401),
        ("", {"headers": {}, "protocols": ["logwright", "key.lwk_wrong"]}, 401),
        ("?min_cost=much", {}, 400),
        ("?project=another", {}, 404),
    ],
)
def test_others_are_refused_in_bifrosts_form(running: Server, query: str, given: dict[str, Any], status: int) -> None:
    with listen(running, query, **given) as client:
        found, body = client.refused()

    told = json.loads(body)
    assert (found, told["status_code"], told["is_bifrost_error"]) == (status, status, False)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_is_refused(running: Server, origin: str) -> None:
    with listen(running, headers={"authorization": f"Bearer {running.key}", "origin": origin}) as client:
        assert client.refused()[0] == 403


def test_a_page_of_ours_may_listen(running: Server) -> None:
    headers = {"authorization": f"Bearer {running.key}", "origin": running.url}
    with listen(running, headers=headers) as client:
        client.accepted()


def test_another_host_name_is_not_answered(running: Server) -> None:
    with WebSocketClient(f"{running.url}/ws", host="evil.example", headers={"x-api-key": running.key}) as client:
        assert client.refused()[0] == 400


def test_a_key_that_was_revoked_hears_nothing_more(running: Server) -> None:
    key_id, key = a_new_key(running, "read")
    with listen(running, headers={"x-api-key": key}) as client:
        client.accepted()
        report(running)
        client.text()
        running.cli("keys", "revoke", key_id)
        report(running)

        code, reason = client.closed()
    assert (code, reason[:11]) == (1008, "The API key")


def test_a_server_that_stops_says_goodbye(tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        Server(folder=tmp_path_factory.mktemp("stop"), settings=("--drain-timeout", "20s")) as server,
        listen(server) as client,
    ):
        client.accepted()
        assert server.stop() == 0
        assert client.closed()[0] == 1001
