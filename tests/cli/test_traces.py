"""`logwright traces` from the outside."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from logwright.testing.server import Server, ServerFailed
from logwright.testing.upstream import FakeUpstream

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server with two calls of one trace in its log."""
    with FakeUpstream() as upstream, Server(upstream=upstream, folder=tmp_path_factory.mktemp("traces")) as server:
        for number in (1, 2):
            server.openai().chat.completions.create(
                model="gpt-4o",
                messages=[{"role": "user", "content": f"Step {number}"}],
                extra_headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
            )
        yield server


def test_a_trace_of_the_gateways_calls_is_listed_and_shown(recorded: Server) -> None:
    (listed,) = recorded.json("traces", "list", "--project", recorded.project)
    shown = recorded.cli("traces", "show", "--project", recorded.project, TRACE)

    assert (listed["id"], listed["logs"], listed["request_preview"]) == (TRACE, 2, "Step 1")
    lines = shown.splitlines()
    assert len(lines) == 2
    assert all("chat_completion  gpt-4o" in line for line in lines)


def test_a_trace_as_json_is_what_the_api_says(recorded: Server) -> None:
    found = json.loads(recorded.cli("traces", "show", "--json", "--project", recorded.project, TRACE))

    assert [node["log"]["trace_id"] for node in found["nodes"]] == [TRACE, TRACE]


def test_a_trace_that_is_not_there_is_said_so(recorded: Server) -> None:
    with pytest.raises(ServerFailed, match="no such trace"):
        recorded.cli("traces", "show", "--project", recorded.project, "nowhere")
