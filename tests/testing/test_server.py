"""A real server for tests: started, called, killed, revived, stopped."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from logwright.testing.server import PROVIDER_KEY, Server, ServerFailed, free_port
from logwright.testing.upstream import FakeUpstream


def test_a_call_goes_through_the_server_to_the_fake_provider(server: Server, upstream: FakeUpstream) -> None:
    upstream.answers(text="Hi there.")
    with server.openai() as ai:
        reply = ai.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello"}])
    assert reply.choices[0].message.content == "Hi there."
    assert upstream.calls[0].headers["authorization"] == f"Bearer {PROVIDER_KEY}"


def test_it_is_killed_revived_and_stopped(upstream: FakeUpstream) -> None:
    with Server(upstream=upstream) as server:
        server.kill()
        with pytest.raises(httpx2.ConnectError):
            server.http().get("/healthz")
        server.revive()
        with server.http() as web:
            assert web.get("/healthz").status_code == 200
        server.restart()
        assert server.stop() == 0
        folder = server.folder
    assert not folder.exists()


def test_a_server_that_cannot_start_says_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="It printed"), Server(folder=tmp_path, settings=("--workers", "none")):
        pass


def test_a_command_that_fails_says_what_it_printed(tmp_path: Path) -> None:
    server = Server(folder=tmp_path)
    with pytest.raises(ServerFailed, match="No such command"):
        server.cli("nonsense", data=False)


def test_what_is_not_running_has_no_process_id(tmp_path: Path) -> None:
    server = Server(folder=tmp_path)
    with pytest.raises(ServerFailed, match="call start"):
        _ = server.pid
    assert server.stop() == 0


def test_a_free_port_is_free() -> None:
    with FakeUpstream(port=free_port()) as upstream:
        assert upstream.port > 0
