from __future__ import annotations

import httpx2
import pytest

from logwright.testing.report_door import ReportDoor


def test_it_keeps_what_came_and_answers_as_told() -> None:
    with ReportDoor() as door:
        first = httpx2.post(f"{door.url}/api/v1/report", json={"n": 1}, headers={"idempotency-key": "a"})
        door.status, door.answer = 503, b'{"message": "Full"}'
        second = httpx2.post(f"{door.url}/api/v1/report", json={"n": 2}, headers={"idempotency-key": "b"})

    assert first.json() == {"status": "ok"}
    assert (second.status_code, second.json()) == (503, {"message": "Full"})
    assert [report.body for report in door.reports] == [{"n": 1}, {"n": 2}]
    assert door.ids == ["a", "b"]


def test_it_refuses_when_closed_and_opens_on_the_same_port() -> None:
    with ReportDoor() as door:
        door.close()
        with pytest.raises(httpx2.ConnectError):
            httpx2.post(door.url, json={})
        door.open()

        assert httpx2.post(door.url, json={}).is_success


def test_it_answers_none_while_it_hangs() -> None:
    with ReportDoor() as door:
        door.hang()
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.post(door.url, json={}, timeout=0.2)

        assert len(door.wait_for(1)) == 1
