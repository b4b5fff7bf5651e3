"""The processes of a server: started in order, replaced without a gap, stopped without a loss."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from logwright.errors import Misconfigured
from logwright.http.supervisor import listeners, producer_name
from logwright.settings import Settings
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}


def chat(server: Server) -> int:
    """Make one call over a connection of its own and return its status."""
    headers = {"authorization": f"Bearer {server.key}"}
    return httpx2.post(server.url + "/v1/chat/completions", json=CHAT, headers=headers, timeout=30).status_code


def children(server: Server) -> dict[str, int]:
    """Return the server's processes by what they run."""
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == server.pid:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                name = "worker" if "http.worker" in line else "store" if "logs.store" in line else line
                found[f"{name} {entry.name}"] = int(entry.name)
    return found


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(Misconfigured, match=f"127.0.0.1:{port} cannot be listened on"):
            listeners(replace(Settings(data=tmp_path), port=port))


def test_a_journal_that_a_power_cut_may_shorten_is_not_gone_on_with_after_one() -> None:
    assert producer_name(0, 0, "fsync") == "w0"
    assert producer_name(1, 1, "fsync") == "w1b"
    assert producer_name(0, 0, "os").startswith("w0-")
    assert producer_name(0, 2, "os") == producer_name(0, 0, "os")


def test_workers_share_a_port(tmp_path: Path) -> None:
    bound = listeners(replace(Settings(data=tmp_path), port=0, workers=3))
    ports = {each.getsockname()[1] for each in bound}
    for each in bound:
        each.close()

    assert len(bound) == 3
    assert len(ports) == 1


def test_a_worker_and_a_store_that_were_killed_come_back(server: Server) -> None:
    before = children(server)
    assert len(before) == 2

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    until(lambda: len(children(server)) == 2 and not set(before.values()) & set(children(server).values()))
    until(lambda: httpx2.get(server.url + "/readyz").status_code == 200)
    assert chat(server) == 200


def test_a_stopping_server_finishes_the_calls_under_way(server: Server, upstream: FakeUpstream) -> None:
    upstream.answers(chunks=["word "] * 20, interval=0.05)
    answers: list[str] = []

    def call() -> None:
        with httpx2.stream(
            "POST",
            server.url + "/v1/chat/completions",
            json={**CHAT, "stream": True},
            headers={"authorization": f"Bearer {server.key}"},
            timeout=30,
        ) as answer:
            answers.append("".join(answer.iter_text()))

    callers = [threading.Thread(target=call) for _ in range(5)]
    for caller in callers:
        caller.start()
    upstream.wait_for_calls(5)

    status = server.stop()

    for caller in callers:
        caller.join(10)
    assert status == 0
    assert len(answers) == 5
    assert all(answer.endswith("data: [DONE]\n\n") for answer in answers)


def test_replacing_the_workers_fails_no_call(server: Server) -> None:
    """Callers go on while SIGHUP replaces the worker twice; each call on a connection of its own succeeds."""
    stop = threading.Event()
    outcomes: list[int | str] = []

    def call() -> None:
        while not stop.is_set():
            try:
                outcomes.append(chat(server))
            except httpx2.HTTPError as error:
                outcomes.append(repr(error))

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for _ in range(2):
        before = set(children(server).values())
        os.kill(server.pid, signal.SIGHUP)
        until(lambda old=before: len(set(children(server).values()) - old) == 1 and len(children(server)) == 2)  # type: ignore[misc]
    stop.set()
    for caller in callers:
        caller.join(30)

    assert len(outcomes) > 10
    assert set(outcomes) == {200}
