"""How the journal and the store stand, for Prometheus."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from logwright.errors import Unavailable
from logwright.gateway.upkeep_metrics import UpkeepMetrics
from logwright.logs.types import StoreHealth
from logwright.testing.application import Application

HEALTH = StoreHealth(logs=7, bytes_on_disk=4096, journal_bytes=12, behind_seconds=0.5, version="1")


class Store:
    def __init__(self, *answers: StoreHealth | Exception) -> None:
        self.answers = list(answers)

    async def health(self) -> StoreHealth:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def rendered(store: Store, *, refusal: str | None = None, moments: tuple[float, ...] = (0.0, 0.0)) -> list[str]:
    times = iter(moments * 9)
    recorder: Any = SimpleNamespace(refusal=lambda: refusal)
    seen: Any = store
    metrics = UpkeepMetrics(seen, recorder, now=lambda: next(times))

    async def twice() -> list[str]:
        return [await metrics.render(), await metrics.render()]

    return asyncio.run(twice())


def test_the_stores_figures_are_shown_and_remembered_for_a_second() -> None:
    first, second = rendered(Store(HEALTH))

    assert first == second
    assert "logwright_store_up 1\n" in first
    assert "logwright_store_logs 7\n" in first
    assert "logwright_journal_waiting_bytes 12\n" in first
    assert "logwright_store_lag_seconds 0.5\n" in first
    assert "# TYPE logwright_store_lag_seconds gauge\n" in first


def test_a_store_that_is_away_and_a_journal_that_refuses_are_zero() -> None:
    first, _ = rendered(Store(Unavailable("gone")), refusal="The disk is full")

    assert "logwright_store_up 0\n" in first
    assert "logwright_journal_up 0\n" in first
    assert "logwright_store_logs" not in first


def test_the_route_shows_counters_and_upkeep_together(application: Application) -> None:
    shown = application.call("GET", "/metrics")

    assert shown.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    for name in ("logwright_calls_total", "logwright_call_duration_seconds_bucket", "logwright_store_up 1"):
        assert name in shown.text
    families = [line.split()[2] for line in shown.text.splitlines() if line.startswith("# TYPE")]
    assert len(families) == len(set(families))
    assert all(f"# HELP {name} " in shown.text for name in families)
