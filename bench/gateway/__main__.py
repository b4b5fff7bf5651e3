"""Measure all targets in interleaved rounds and print each figure beside what is demanded of it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.gateway import load, targets
from bench.gateway.peers import PEERS, install
from bench.gateway.shapes import SHAPES, Shape
from bench.gateway.targets import Target

Start = Callable[[Path, Mapping[str, int]], Target]

OURS: Final[Mapping[str, Start]] = {
    "nginx": targets.nginx,
    "haproxy": targets.haproxy,
    "logwright-fsync": partial(targets.logwright, durability="fsync"),
    "logwright-os": partial(targets.logwright, durability="os"),
}
_WARM_UP_SECONDS: Final = 1.0
_MOST_ADDED_P50: Final = 150.0
_MOST_ADDED_P99: Final = 2000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One round at saturation."""

    gateway: float
    """Microseconds of processor time for each call, or chunk."""
    store: float
    rate: float
    """Calls a second."""
    p50: float
    bad: int
    requests: int


def measure(target: Target, shape: Shape, seconds: float) -> Cost:
    """Saturate a target and see what it took."""
    gateway, store = target.cpu()
    seen = saturate(target, shape, seconds)
    gateway_after = target.cpu()[0]
    target.settle()
    store_after = target.cpu()[1]
    units = max(seen.requests, 1) * shape.per
    return Cost(
        gateway=(gateway_after - gateway) * 1e6 / units,
        store=(store_after - store) * 1e6 / units,
        rate=seen.rate,
        p50=seen.p50,
        bad=seen.bad,
        requests=seen.requests,
    )


def saturate(target: Target, shape: Shape, seconds: float) -> load.Result:
    """Load a target with as many calls at once as the shape asks for and the target bears."""
    connections = min(shape.connections, target.most_connections)
    return load.saturate(
        target.urls[shape.name], shape, target.headers.get(shape.name, {}), seconds, connections=connections
    )


def sync_micros(folder: Path, count: int = 200) -> tuple[float, float]:
    """Give the median and the 99th percentile of the time that the disk takes to sync an append of 4 KB."""
    took = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(count):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1e6)
    return statistics.median(took), statistics.quantiles(took, n=100)[98]


def start(chosen: Mapping[str, Start], folder: Path, ports: Mapping[str, int]) -> list[Target]:
    """Start all targets; one that does not start is left out with a word."""
    started = []
    for name, begin in chosen.items():
        try:
            started.append(begin(folder, ports))
        except (OSError, RuntimeError) as error:
            print(f"left out: {name}: {error}", file=sys.stderr)
    return started


def run(chosen: Mapping[str, Start], *, rounds: int, seconds: float, steady_seconds: float, at: Path) -> dict[str, Any]:
    """Measure everything; give the figures."""
    with tempfile.TemporaryDirectory(prefix="logwright-bench-", dir=at) as name:
        folder = Path(name)
        sync = sync_micros(folder)
        direct, ports = targets.upstreams(folder)
        started = start(chosen, folder, ports)
        try:
            costs: dict[tuple[str, str], list[Cost]] = {}
            waits: dict[tuple[str, str], list[load.Result]] = {}
            for target in started:
                for shape in SHAPES:
                    seen = saturate(target, shape, _WARM_UP_SECONDS)
                    if seen.bad:
                        print(f"{target.name}, {shape.name}: {seen.bad} bad answers", file=sys.stderr)
            for number in range(rounds):
                # Every other round backwards, so that no target always follows the same one.
                for target in started if number % 2 == 0 else reversed(started):
                    for shape in SHAPES:
                        costs.setdefault((target.name, shape.name), []).append(measure(target, shape, seconds))
                for target in [direct, *started]:
                    for shape in SHAPES[:2]:
                        headers = target.headers.get(shape.name, {})
                        seen = load.steady(target.urls[shape.name], shape, headers, steady_seconds)
                        waits.setdefault((target.name, shape.name), []).append(seen)
                        target.settle()
                print(f"round {number + 1} of {rounds} done", file=sys.stderr)
        finally:
            for target in [*started, direct]:
                target.stop()
    return figures([target.name for target in started], costs, waits, sync)


def figures(
    names: list[str],
    costs: Mapping[tuple[str, str], list[Cost]],
    waits: Mapping[tuple[str, str], list[load.Result]],
    sync: tuple[float, float],
) -> dict[str, Any]:
    """Reduce the rounds to medians; ratios are paired, round by round, with nginx."""
    rows: list[dict[str, Any]] = []
    for name in names:
        for shape in SHAPES:
            mine = costs[name, shape.name]
            floor = costs.get(("nginx", shape.name), [])
            ratios = [one.gateway / other.gateway for one, other in zip(mine, floor, strict=False) if other.gateway]
            row: dict[str, Any] = {
                "target": name,
                "shape": shape.name,
                "micros": statistics.median(cost.gateway for cost in mine),
                "store_micros": statistics.median(cost.store for cost in mine),
                "of_nginx": statistics.median(ratios) if ratios else None,
                "rate": statistics.median(cost.rate for cost in mine),
                "p50_saturated": statistics.median(cost.p50 for cost in mine),
                "bad": sum(cost.bad for cost in mine),
                "fails": sum(cost.bad for cost in mine) > sum(cost.requests for cost in mine) / 2,
                "most_pure": shape.most_pure,
                "most_compiled": shape.most_compiled,
            }
            if (name, shape.name) in waits:
                plain = waits["direct", shape.name]
                row["steady_rate"] = statistics.median(seen.rate for seen in waits[name, shape.name])
                for point in ("p50", "p99"):
                    mine_waits = [getattr(seen, point) for seen in waits[name, shape.name]]
                    row[f"added_{point}"] = statistics.median(mine_waits) - statistics.median(
                        getattr(seen, point) for seen in plain
                    )
            rows.append(row)
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "sync_p50": sync[0],
        "sync_p99": sync[1],
        "rows": rows,
    }


def table(found: Mapping[str, Any]) -> str:
    """Write the figures for a person."""
    sync_p50, sync_p99 = found["sync_p50"], found["sync_p99"]
    machine = f"{found['cores']} cores, Python {found['python']}"
    lines = [
        f"{machine}; this disk syncs an append in {sync_p50:.0f} us (median), {sync_p99:.0f} us (p99)",
        "",
        "Processor time at saturation, microseconds a call (a chunk for the stream); ratios paired with nginx",
        f"{'':18} {'shape':8} {'gateway':>9} {'x nginx':>8} {'+ store':>9} {'calls/s':>9} {'p50 ms':>8}  demand",
    ]
    for row in found["rows"]:
        if row["fails"]:
            lines.append(f"{row['target']:18} {row['shape']:8} answers with errors: not measured")
            continue
        ratio = row["of_nginx"]
        demand = ""
        if row["target"] == "logwright, fsync" and ratio is not None:
            word = "met" if ratio <= row["most_pure"] else "missed"
            demand = f"<= {row['most_pure']} x nginx: {word} (compiled <= {row['most_compiled']})"
        store = row["micros"] + row["store_micros"]
        bad = f"  ({row['bad']} bad answers)" if row["bad"] else ""
        lines.append(
            f"{row['target']:18} {row['shape']:8} {row['micros']:9.1f} "
            f"{'' if ratio is None else format(ratio, '8.2f'):>8} {store:9.1f} {row['rate']:9.0f} "
            f"{row['p50_saturated'] / 1000:8.2f}  {demand}{bad}"
        )
    lines += [
        "",
        f"Waiting added at {load.RATE} calls a second, microseconds over the upstream alone",
        f"{'':18} {'shape':8} {'calls/s':>9} {'p50':>9} {'p99':>9}  demand",
    ]
    for row in found["rows"]:
        if "steady_rate" not in row or row["fails"]:
            continue
        if row["steady_rate"] < load.RATE / 2:
            lines.append(f"{row['target']:18} {row['shape']:8} {row['steady_rate']:9.0f} at most: not measured")
            continue
        demand = ""
        if row["target"].startswith("logwright"):
            p50, p99 = (sync_p50, sync_p99) if row["target"].endswith("fsync") else (0.0, 0.0)
            first = "met" if row["added_p50"] <= _MOST_ADDED_P50 + p50 else "missed"
            second = "met" if row["added_p99"] <= _MOST_ADDED_P99 + p99 else "missed"
            demand = f"p50 <= {_MOST_ADDED_P50 + p50:.0f}: {first}, p99 <= {_MOST_ADDED_P99 + p99:.0f}: {second}"
        lines.append(
            f"{row['target']:18} {row['shape']:8} {row['steady_rate']:9.0f} {row['added_p50']:9.0f} "
            f"{row['added_p99']:9.0f}  {demand}"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of saturation a target, shape and round")
    parser.add_argument("--steady-seconds", type=float, default=3.0, help="at 1,000 calls a second")
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of {', '.join([*OURS, *PEERS])}")
    parser.add_argument("--peers", action="store_true", help="install the peers that are missing (several hundred MB)")
    parser.add_argument("--folder", type=Path, default=targets.cache(), help="where data goes: on the disk to measure")
    parser.add_argument("--output", type=Path, help="write the figures as JSON, too")
    given = parser.parse_args()
    # Told to end, we stop what we have started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.peers:
        install()
    chosen = {name: begin for name, begin in {**OURS, **PEERS}.items() if given.only is None or name in given.only}
    found = run(
        chosen, rounds=given.rounds, seconds=given.seconds, steady_seconds=given.steady_seconds, at=given.folder
    )
    print(table(found))
    if given.output:
        given.output.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
