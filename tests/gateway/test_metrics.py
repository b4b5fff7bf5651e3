"""Counters that any worker can show for all of them."""

from __future__ import annotations

from pathlib import Path

from logwright.gateway.metrics import Metrics, SpansSent, render


def test_the_counters_of_all_workers_add_up(tmp_path: Path) -> None:
    first, second = Metrics(tmp_path, "w0"), Metrics(tmp_path, "w1")
    first.answered(200, "")
    second.answered(200, "")
    second.answered(None, "upstream_unreachable")
    second.refused()
    first.gauge(connections=3, in_flight=1)

    shown = render(tmp_path)

    assert 'logwright_calls_total{status="2xx"} 2' in shown
    assert 'logwright_calls_total{status="none"} 1' in shown
    assert 'logwright_faults_total{kind="upstream_unreachable"} 1' in shown
    assert "logwright_refused_total 1" in shown
    assert "logwright_connections 3" in shown


def test_overhead_is_a_cumulative_histogram_in_seconds(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "w0")
    for micros in (40, 90, 400_000):
        metrics.overhead(micros)

    shown = render(tmp_path)

    assert 'logwright_overhead_seconds_bucket{le="5e-05"} 1' in shown
    assert 'logwright_overhead_seconds_bucket{le="0.0001"} 2' in shown
    assert 'logwright_overhead_seconds_bucket{le="+Inf"} 3' in shown
    assert "logwright_overhead_seconds_sum 0.400130" in shown


def test_counters_survive_a_restart_and_gauges_do_not(tmp_path: Path) -> None:
    before = Metrics(tmp_path, "w0")
    before.answered(500, "upstream_status")
    before.gauge(connections=9, in_flight=9)
    before.close()

    Metrics(tmp_path, "w0")

    assert 'logwright_calls_total{status="5xx"} 1' in render(tmp_path)
    assert "logwright_connections 0" in render(tmp_path)


def test_the_length_of_calls_is_a_histogram_too(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "w0")
    for micros in (50_000, 50_001, 999_000_000):
        metrics.took(micros)

    shown = render(tmp_path)

    assert 'logwright_call_duration_seconds_bucket{le="0.05"} 1' in shown
    assert 'logwright_call_duration_seconds_bucket{le="0.1"} 2' in shown
    assert 'logwright_call_duration_seconds_bucket{le="600"} 2' in shown
    assert "logwright_call_duration_seconds_count 3" in shown


def test_spans_are_counted_only_where_they_are_sent(tmp_path: Path) -> None:
    assert "otlp" not in render(tmp_path)

    counts = SpansSent(tmp_path)
    counts.sent(3)
    counts.queued(2)
    assert "logwright_otlp_spans_waiting 2" in render(tmp_path)
    counts.close()

    assert "logwright_otlp_spans_sent_total 3" in render(tmp_path)
    assert "logwright_otlp_spans_waiting 0" in render(tmp_path)
