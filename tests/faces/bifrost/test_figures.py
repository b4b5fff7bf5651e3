"""The five figures in their units."""

from __future__ import annotations

from typing import Any

from logwright.faces.bifrost.figures import five
from logwright.logs.types import LogStats


def stats(**given: Any) -> LogStats:
    nothing = dict.fromkeys(("latency_p50", "latency_p95", "latency_p99", "ttft_p50", "ttft_p95", "average_latency"))
    zeros = dict.fromkeys(
        ("count", "succeeded", "failed", "input_tokens", "output_tokens", "total_tokens", "without_cost"), 0
    )
    return LogStats(**{**nothing, **zeros, "cost": 0.0, **given})


def test_the_rate_is_in_percent_and_the_latency_in_milliseconds() -> None:
    found = five(stats(count=3, succeeded=2, failed=1, average_latency=0.0015, total_tokens=7, cost=0.1 + 0.2))

    assert found == {
        "total_requests": 3,
        "success_rate": 200 / 3,
        "average_latency": 1.5,
        "total_tokens": 7,
        "total_cost": 0.3,
    }


def test_nothing_is_zero_and_never_null() -> None:
    assert set(five(stats()).values()) == {0}
