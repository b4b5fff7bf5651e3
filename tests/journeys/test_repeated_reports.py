"""A report that is sent again, because its answer never came, is one log (R-8)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import httpx2
import pytest

from logwright.testing.server import Server

IDS = 30


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def send(server: Server, key: str, number: int) -> str:
    """Send a report under an idempotency key and return the id of its log."""
    answer = httpx2.post(
        f"{server.url}/api/v1/report",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"call-{number}"},
        json={"requestedAt": 1767225600000 + number, "reqPayload": {"model": "m", "messages": []}},
        trust_env=False,
        timeout=30,
    )
    assert answer.json() == {"status": "ok"}
    return answer.headers["x-logwright-log-id"]


def logs(server: Server, key: str) -> list[str]:
    answer = httpx2.get(
        f"{server.url}/api/manage/logs",
        params={"limit": "1000"},
        headers={"Authorization": f"Bearer {key}"},
        trust_env=False,
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return [log["id"] for log in answer.json()["data"]]


def test_reports_sent_three_times_at_once_and_once_after_a_crash_are_one_log_each(server: Server) -> None:
    other = str(server.json("projects", "create", "other")["key"])
    thrice = [number for number in range(IDS) for _ in range(3)]
    with ThreadPoolExecutor(9) as senders:
        first = list(senders.map(send, repeat(server), repeat(server.key), thrice))
        list(senders.map(send, repeat(server), repeat(other), range(5)))

    server.kill()
    server.revive()
    again = [send(server, server.key, number) for number in range(IDS)]

    assert sorted(logs(server, server.key)) == sorted(again)
    assert set(first) == set(again)
    assert len(set(again)) == IDS
    assert len(logs(server, other)) == 5
    assert server.json("audit")["complete"] is True
