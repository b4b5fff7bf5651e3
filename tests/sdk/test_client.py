from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright import Client, OpenAI
from logwright.errors import InvalidRequest, NotFound, Unauthorized, Unavailable
from logwright.sdk.options import Destination
from logwright.sdk.reporter import shared_reporter
from logwright.testing.server import Server, free_port
from logwright.testing.upstream import FakeUpstream

NOW = time.time_ns() // 1_000_000
REQUEST = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Where does this ticket go?"}]}
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "To billing."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13},
}


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(api_key=server.key, base_url=server.url) as client:
        yield client


def report(client: Client, name: str, *, status: int = 200) -> None:
    client.report(
        requested_at=NOW,
        received_at=NOW + 1200,
        req_payload=REQUEST,
        resp_payload=ANSWER,
        status_code=status,
        error_message="Broken" if status >= 400 else None,
        tags={"test": name},
    )


def test_what_was_reported_is_found_at_once_and_whole(client: Client) -> None:
    report(client, "found")

    (summary,) = client.logs.search("tag.test:found").items
    assert summary["model"] == "gpt-4o-mini"
    assert summary["latency"] == 1.2
    assert summary["tags"]["$sdk"] == "python"
    log = client.logs.get(summary["id"])
    assert log is not None
    assert log["request"] == REQUEST
    assert log["response"] == ANSWER


def test_pages_follow_one_another(client: Client) -> None:
    for _ in range(5):
        report(client, "pages")

    first = client.logs.search("tag.test:pages", limit=2)
    second = client.logs.search("tag.test:pages", limit=2, after=first.next)
    everything = list(client.logs.iterate("tag.test:pages", order="asc"))

    assert len({log["id"] for log in [*first.items, *second.items]}) == 4
    assert len(everything) == 5
    assert client.logs.search("tag.test:none").next is None


def test_tags_are_set_and_removed(client: Client) -> None:
    report(client, "tagged")

    assert client.logs.tag("tag.test:tagged", {"reviewed": "yes", "score": 3}) == 1
    assert client.logs.search("tag.test:tagged").items[0]["tags"]["score"] == "3"
    assert client.logs.tag("tag.test:tagged", {"score": None}) == 1
    assert "score" not in client.logs.search("tag.test:tagged").items[0]["tags"]
    changed = client.update_log_metadata(
        filters=[{"field": "metadata.test", "equals": "tagged"}], metadata={"reviewed": "no"}
    )
    assert changed == {"matchedLogs": 1}
    assert client.logs.search("tag.reviewed:no").items[0]["tags"]["test"] == "tagged"


def test_changing_every_log_has_to_be_said(client: Client) -> None:
    with pytest.raises(InvalidRequest, match="all=true"):
        client.logs.tag("", {"a": "b"})
    with pytest.raises(InvalidRequest, match="all=true"):
        client.logs.delete("")


def test_figures_and_deletion(client: Client) -> None:
    report(client, "figures")
    report(client, "figures", status=500)

    stats = client.logs.stats("tag.test:figures")
    assert (stats["count"], stats["failed"], stats["total_tokens"]) == (2, 1, 26)
    assert client.logs.delete("tag.test:figures") == 2
    assert client.logs.search("tag.test:figures").items == []


def test_an_export_is_written_to_a_file(client: Client, tmp_path: Path) -> None:
    report(client, "export")
    report(client, "export", status=500)

    path = client.logs.export(tmp_path / "logs.jsonl", "tag.test:export", exclude_errors=True)

    (row,) = [json.loads(line) for line in path.read_text().splitlines()]
    assert row["input"] == REQUEST
    assert row["output"] == ANSWER
    assert row["tags"]["test"] == "export"
    assert [file.name for file in tmp_path.iterdir()] == ["logs.jsonl"]


def test_a_tail_gives_logs_as_they_come(client: Client, server: Server) -> None:
    seen: list[str] = []
    found = threading.Event()

    def follow() -> None:
        with Client(api_key=server.key, base_url=server.url) as other:
            for log in other.logs.tail("tag.test:tail"):
                seen.append(log["tags"]["test"])
                found.set()
                return

    thread = threading.Thread(target=follow)
    thread.start()
    deadline = time.monotonic() + 20
    # The tail begins at some moment that we are not told: report until one is seen.
    while not found.wait(0.2) and time.monotonic() < deadline:
        report(client, "tail")
    thread.join(10)

    assert seen == ["tail"]


def test_a_call_in_anthropics_form_is_kept_in_openais(client: Client) -> None:
    client.report_anthropic(
        requested_at=NOW,
        received_at=NOW + 500,
        req_payload={
            "model": "claude-opus-4",
            "max_tokens": 100,
            "system": "Be brief.",
            "messages": [{"role": "user", "content": "Hi"}],
        },
        resp_payload={
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-opus-4",
            "content": [{"type": "text", "text": "Hello."}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": 5,
                "output_tokens": 2,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
            },
        },
        status_code=200,
        metadata={"test": "anthropic"},
    )

    log = client.logs.get(client.logs.search("tag.test:anthropic").items[0]["id"])
    assert log is not None
    assert log["request"]["messages"][0] == {"role": "system", "content": "Be brief."}
    assert log["response"]["choices"][0]["message"]["content"] == "Hello."


def test_errors_say_what_the_server_said(client: Client, server: Server) -> None:
    with pytest.raises(InvalidRequest, match="modle"):
        client.logs.search("modle:gpt")
    assert client.logs.get("log_01ARZ3NDEKTSV4RRFFQ69G5FAV") is None
    with Client(api_key="lwk_wrong", base_url=server.url) as stranger, pytest.raises(Unauthorized):
        stranger.logs.search()
    with Client(api_key=server.key, base_url=server.url + "/nowhere") as lost, pytest.raises(NotFound):
        lost.logs.stats()


def test_a_server_that_is_not_there_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with Client(api_key="lwk_1", base_url=url) as client, pytest.raises(Unavailable, match=url):
        client.logs.search()


def test_direct_and_gateway_calls_are_in_the_same_project(server: Server, tmp_path: Path) -> None:
    """The whole way: a direct call is reported in the background, a prefixed one served and recorded by the server."""
    ask = REQUEST["messages"]
    with (
        FakeUpstream() as openai,
        OpenAI(
            api_key="sk-1",
            base_url=openai.base_url,
            logwright={"api_key": server.key, "base_url": server.url, "spool": tmp_path},
        ) as client,
    ):
        client.chat.completions.create(model="gpt-4o-mini", messages=ask, logwright={"tags": {"test": "both"}})
        client.chat.completions.create(
            model="openai:gpt-4o-mini",
            messages=ask,
            logwright={"tags": {"test": "both"}},
        )
        assert client.flush(10)

        logs = client.logwright.logs.search("tag.test:both").items
        assert sorted(log["source"] for log in logs) == ["gateway", "report"]
        assert {log["status"] for log in logs} == {200}
    shared_reporter(Destination(base_url=server.url, api_key=server.key, spool=tmp_path)).close()
    shared_reporter.cache_clear()
