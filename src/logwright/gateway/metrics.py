"""Counters of one worker, in a file that all workers' `/metrics` can read.

Each worker owns one small file of 64-bit counters mapped into memory, so counting
is an addition and any worker can answer for all of them (Prometheus text format
0.0.4).
"""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
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

_NAMES: Final = (
    *(f'logwright_calls_total{{status="{name}"}}' for name in STATUS_CLASSES),
    *(f'logwright_faults_total{{kind="{name}"}}' for name in FAULTS),
    "logwright_refused_total",
    "logwright_connections",
    "logwright_calls_in_flight",
    *(f"overhead_{bound}" for bound in BOUNDS_US),
    "overhead_inf",
    "overhead_sum",
)
_SIZE: Final = 4096
_FAULT_AT: Final = {name: len(STATUS_CLASSES) + index for index, name in enumerate(FAULTS)}
_REFUSED: Final = len(STATUS_CLASSES) + len(FAULTS)
_OVERHEAD: Final = _REFUSED + 3


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
        cells = self._cells
        for index, bound in enumerate(BOUNDS_US):
            if micros <= bound:
                cells[_OVERHEAD + index] += 1
                break
        else:
            cells[_OVERHEAD + len(BOUNDS_US)] += 1
        cells[_OVERHEAD + len(BOUNDS_US) + 1] += max(micros, 0)

    def gauge(self, *, connections: int, in_flight: int) -> None:
        """Note how much is going on now."""
        self._cells[_REFUSED + 1] = connections
        self._cells[_REFUSED + 2] = in_flight

    def close(self) -> None:
        """Give the mapping back; the file stays, for counters only ever grow."""
        self._cells[_REFUSED + 1] = self._cells[_REFUSED + 2] = 0
        self._cells.release()
        self._map.close()


def render(folder: Path) -> str:
    """Return the counters of all workers in Prometheus' text format."""
    totals = _totals(sorted(folder.glob("*.metrics")))
    lines = [
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
        "# HELP logwright_overhead_seconds Time a call spent in the gateway, the provider's time left out.",
        "# TYPE logwright_overhead_seconds histogram",
    ]
    running = 0
    for bound in BOUNDS_US:
        running += totals[f"overhead_{bound}"]
        lines.append(f'logwright_overhead_seconds_bucket{{le="{bound / 1e6:g}"}} {running}')
    running += totals["overhead_inf"]
    lines += [
        f'logwright_overhead_seconds_bucket{{le="+Inf"}} {running}',
        f"logwright_overhead_seconds_sum {totals['overhead_sum'] / 1e6:.6f}",
        f"logwright_overhead_seconds_count {running}",
    ]
    return "\n".join(lines) + "\n"


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
