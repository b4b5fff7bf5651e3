"""Counters of one worker, in a file that all workers' `/metrics` can read.

Each worker owns one small file of 64-bit counters mapped into memory, so counting
is an addition and any worker can answer for all of them (Prometheus text format
0.0.4).
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

import logwright

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

METRICS_FOLDER: Final = "run/metrics"
"""Where the files lie, below the data directory."""

STATUS_CLASSES: Final = ("none", "2xx", "3xx", "4xx", "5xx")
FAULTS: Final = (
    "upstream_status",
    "upstream_timeout",
    "upstream_unreachable",
    "upstream_malformed",
    "upstream_cut",
    "upstream_too_large",
    "client_disconnected",
    "refused",
)
BOUNDS_US: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 250_000)
"""Upper bounds of the overhead histogram, microseconds."""

DURATION_BOUNDS_US: Final = tuple(
    int(seconds * 1_000_000) for seconds in (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
)
"""Upper bounds of the histogram of whole calls, microseconds; the last is what a provider may take by default."""

_NAMES: Final = (
    *(f'logwright_calls_total{{status="{name}"}}' for name in STATUS_CLASSES),
    *(f'logwright_faults_total{{kind="{name}"}}' for name in FAULTS),
    "logwright_refused_total",
    "logwright_connections",
    "logwright_calls_in_flight",
    *(f"overhead_{bound}" for bound in BOUNDS_US),
    "overhead_inf",
    "overhead_sum",
    # Files of earlier releases go on being counted in, so what is new stands behind what was there.
    *(f"duration_{bound}" for bound in DURATION_BOUNDS_US),
    "duration_inf",
    "duration_sum",
)
_SIZE: Final = 4096
_FAULT_AT: Final = {name: len(STATUS_CLASSES) + index for index, name in enumerate(FAULTS)}
_REFUSED: Final = len(STATUS_CLASSES) + len(FAULTS)
_OVERHEAD: Final = _REFUSED + 3
_DURATION: Final = _OVERHEAD + len(BOUNDS_US) + 2
_SPANS_FILE: Final = "spans.sent"


class Metrics:
    """The counters of this worker."""

    def __init__(self, folder: Path, producer: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / f"{producer}.metrics", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, _SIZE)
            self._map = mmap.mmap(handle, _SIZE)
        finally:
            os.close(handle)
        self._cells = memoryview(self._map).cast("Q")

    def answered(self, status: int | None, fault: str) -> None:
        """Count a call that has ended."""
        cells = self._cells
        cells[0 if status is None else min(max(status // 100 - 1, 1), 4)] += 1
        if fault:
            cells[_FAULT_AT[fault]] += 1

    def refused(self) -> None:
        """Count a request that no provider was asked for."""
        self._cells[_REFUSED] += 1

    def overhead(self, micros: int) -> None:
        """Count the microseconds that a call spent in our hands."""
        self._observe(_OVERHEAD, BOUNDS_US, micros)

    def took(self, micros: int) -> None:
        """Count the microseconds from a call's request to its end."""
        self._observe(_DURATION, DURATION_BOUNDS_US, micros)

    def _observe(self, first: int, bounds: tuple[int, ...], micros: int) -> None:
        cells = self._cells
        cells[first + bisect_left(bounds, micros)] += 1
        cells[first + len(bounds) + 1] += max(micros, 0)

    def gauge(self, *, connections: int, in_flight: int) -> None:
        """Note how much is going on now."""
        self._cells[_REFUSED + 1] = connections
        self._cells[_REFUSED + 2] = in_flight

    def close(self) -> None:
        """Give the mapping back; the file stays, for counters only ever grow."""
        self._cells[_REFUSED + 1] = self._cells[_REFUSED + 2] = 0
        self._cells.release()
        self._map.close()


class SpansSent:
    """What became of the spans that we send to a collector; counted by the one process that sends them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / _SPANS_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, _SIZE)
            self._map = mmap.mmap(handle, _SIZE)
        finally:
            os.close(handle)
        self._cells = memoryview(self._map).cast("Q")

    def sent(self, count: int) -> None:
        """Count spans that the collector took."""
        self._cells[0] += count

    def dropped(self, count: int) -> None:
        """Count spans that it will never get."""
        self._cells[1] += count

    def queued(self, count: int) -> None:
        """Note how many wait."""
        self._cells[2] = count

    def close(self) -> None:
        """Give the mapping back; the file stays."""
        self._cells[2] = 0
        self._cells.release()
        self._map.close()


def render(folder: Path) -> str:
    """Return the counters of all workers in Prometheus' text format."""
    totals = _totals(sorted(folder.glob("*.metrics")))
    lines = [
        *family("logwright_build_info", "gauge", "The release that runs.", {f'version="{logwright.__version__}"': 1}),
        "# HELP logwright_calls_total Calls that have ended, by the class of the provider's status.",
        "# TYPE logwright_calls_total counter",
        *_plain(totals, "logwright_calls_total"),
        "# HELP logwright_faults_total Calls that did not succeed, by what ended them.",
        "# TYPE logwright_faults_total counter",
        *_plain(totals, "logwright_faults_total"),
        "# HELP logwright_refused_total Requests that were refused before any provider was asked.",
        "# TYPE logwright_refused_total counter",
        *_plain(totals, "logwright_refused_total"),
        "# HELP logwright_connections Connections of callers that are open.",
        "# TYPE logwright_connections gauge",
        *_plain(totals, "logwright_connections"),
        "# HELP logwright_calls_in_flight Calls under way.",
        "# TYPE logwright_calls_in_flight gauge",
        *_plain(totals, "logwright_calls_in_flight"),
        *_histogram(
            totals, "logwright_overhead_seconds", "overhead", BOUNDS_US,
            "Time a call spent in the gateway, the provider's time left out.",
        ),
        *_histogram(
            totals, "logwright_call_duration_seconds", "duration", DURATION_BOUNDS_US,
            "Time from a call's request to the end of its answer.",
        ),
        *_spans(folder / _SPANS_FILE),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def family(name: str, kind: str, sentence: str, samples: Mapping[str, float]) -> list[str]:
    """Write one metric with its samples by their labels, the empty text for none."""
    shown = [f"{name}{{{labels}}} {value:g}" if labels else f"{name} {value:.15g}" for labels, value in samples.items()]
    return [f"# HELP {name} {sentence}", f"# TYPE {name} {kind}", *shown]


def _histogram(totals: dict[str, int], name: str, cells: str, bounds: tuple[int, ...], sentence: str) -> list[str]:
    lines = [f"# HELP {name} {sentence}", f"# TYPE {name} histogram"]
    running = 0
    for bound in bounds:
        running += totals[f"{cells}_{bound}"]
        lines.append(f'{name}_bucket{{le="{bound / 1e6:g}"}} {running}')
    running += totals[f"{cells}_inf"]
    return [
        *lines,
        f'{name}_bucket{{le="+Inf"}} {running}',
        f"{name}_sum {totals[f'{cells}_sum'] / 1e6:.6f}",
        f"{name}_count {running}",
    ]


def _spans(file: Path) -> list[str]:
    """Show what became of our own spans, where they are sent at all."""
    if not file.exists():
        return []
    sent, dropped, waiting = memoryview(file.read_bytes()).cast("Q")[:3]
    return [
        *family("logwright_otlp_spans_sent_total", "counter", "Spans of ours that the collector took.", {"": sent}),
        *family("logwright_otlp_spans_dropped_total", "counter", "Spans of ours that it never got.", {"": dropped}),
        *family("logwright_otlp_spans_waiting", "gauge", "Spans of ours that wait to be sent.", {"": waiting}),
    ]


def _totals(files: Iterable[Path]) -> dict[str, int]:
    totals = dict.fromkeys(_NAMES, 0)
    for file in files:
        data = file.read_bytes()
        if len(data) == _SIZE:
            for name, value in zip(_NAMES, memoryview(data).cast("Q"), strict=False):
                totals[name] += value
    return totals


def _plain(totals: dict[str, int], prefix: str) -> list[str]:
    return [f"{name} {value}" for name, value in totals.items() if name == prefix or name.startswith(prefix + "{")]
