"""The same spans to every product over HTTP, the same questions after: `python -m bench.store.compare --install`."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bench.gateway.processes import cpu_seconds, tree
from bench.store.corpus import Corpus
from bench.store.rivals import QUESTIONS, RIVALS, Rival, install
from bench.store.spans import batches

_WAIT_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one product did."""

    name: str
    per_second: float
    """Logs a second, from the first request until all can be found."""
    processor: float
    """Seconds of processor time for 1,000 logs, all its processes together."""
    bytes_per_log: float
    millis: Mapping[str, float]
    """Median milliseconds by the name of the question."""


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(prog="python -m bench.store.compare", description=__doc__)
    parser.add_argument("--logs", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--install", action="store_true", help="install Phoenix and MLflow first, in ~/.cache")
    parser.add_argument("--only", nargs="*", help="names of products")
    options = parser.parse_args()
    if options.install:
        install()
    compare(options.logs, options.rounds, options.only)


def compare(logs: int, rounds: int = 5, only: list[str] | None = None) -> None:
    """Measure one product after the other, each alone on the machine, and print the figures beside ours."""
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-rivals-") as folder:
        for kind in RIVALS:
            if only and kind.name.lower() not in only:
                continue
            try:
                rival = kind(Path(folder))
            except (OSError, RuntimeError) as error:
                print(f"left out: {kind.name}: {error}", file=sys.stderr)
                continue
            try:
                found.append(measure(rival, logs, rounds))
            finally:
                rival.running.stop()
    show(found, logs)


def measure(rival: Rival, logs: int, rounds: int) -> Figures:
    """Fill a product and question it."""
    bodies = list(batches(islice(Corpus(logs).records(), logs)))
    cpu = cpu_seconds(tree(rival.running.pid))
    began = time.perf_counter()
    for body in bodies:
        rival.export(body)
    while rival.count() < logs:
        if time.perf_counter() - began > _WAIT_SECONDS:
            raise RuntimeError(f"{rival.name} has {rival.count()} of {logs} logs after {_WAIT_SECONDS:.0f} s")
        time.sleep(0.05)
    took = time.perf_counter() - began
    cpu = cpu_seconds(tree(rival.running.pid)) - cpu
    millis = {}
    for name, question in rival.questions().items():
        question()
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            question()
            times.append((time.perf_counter() - start) * 1000)
        millis[name] = statistics.median(times)
    return Figures(
        name=rival.name,
        per_second=logs / took,
        processor=cpu / logs * 1000,
        bytes_per_log=rival.disk() / logs,
        millis=millis,
    )


def show(found: list[Figures], logs: int) -> None:
    """Print a line for each figure, with how many times ours it is."""
    print(f"{logs:,} logs as OpenTelemetry spans over HTTP, then questions over HTTP, medians")
    _line("logs a second", [(each.name, each.per_second) for each in found], "")
    _line("processor for 1,000 logs", [(each.name, each.processor) for each in found], " s")
    _line("disk a log", [(each.name, each.bytes_per_log) for each in found], " B")
    for question in QUESTIONS:
        _line(question, [(each.name, each.millis[question]) for each in found if question in each.millis], " ms")


def _line(name: str, figures: list[tuple[str, float]], unit: str) -> None:
    ours = dict(figures).get("Logwright")
    shown = [
        f"{who} {figure:,.1f}{unit}" + (f" (x{figure / ours:,.3g})" if ours and who != "Logwright" else "")
        for who, figure in figures
    ]
    print(f"{name:<26} {'; '.join(shown)}", flush=True)


if __name__ == "__main__":
    main()
