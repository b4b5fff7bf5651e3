"""What many machines would do, where only one is at hand: `python -m bench.scaling`.

A simulation in steps of a second, of gateway machines that each write their own
journal and drain it into a store: their own, or a cluster of shards with replicas.
Nothing in it is measured but the figures of `Costs`, and each of those says where.
No log may vanish: recorded = stored + still in a journal, checked at every step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one log costs, as measured on two cores of a small cloud machine."""

    call_micros: float = 87.0
    """Processor time of a gateway worker for a call, journal synced: the worst of docs/decisions/0004-journal.md."""
    prepare_micros: float = 38.0
    """Of the store's process, to read a record, count, price and encode it: the corpus of bench/store."""
    insert_micros: float = 48.0
    """Of the engine, to insert a log without the indexes over bodies: parts of 3,000 of that corpus, merges stopped."""
    merge_micros: float = 71.0
    """Of the engine, to merge it and index its bodies: what is left of the 173 that bench/store took at 10 million."""
    journal_bytes: float = 3_532.0
    """In the journal: the length of the records in bench/store."""
    store_bytes: float = 1_583.0
    """In the store, indexes included: bench/store at 10 million."""
    statistics_nanos: float = 42.0
    """Processor time of statistics, for each log in the range: 425 ms for 10 million."""
    facets_nanos: float = 55.0
    """Of four facets, two of tags, in one scan: 55 ms for a million."""
    word_nanos: float = 75.0
    """Of a search inside words, for each log: it walks the index's dictionary, of which each log has a word or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Something is away from one second to another."""

    what: str
    """`shard` (all replicas of one), `replica` (one of a shard), or `machine` (a gateway with its journal)."""
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An installation, and the load on it."""

    name: str
    machines: int
    cores: int
    """Of each gateway machine, its own store process included."""
    peak: float
    """Calls a second at the busiest moment of a day; at the quietest a tenth of it."""
    shards: int = 0
    """0: each machine has the embedded store (and there is one machine)."""
    replicas: int = 1
    shard_cores: int = 8
    retention_days: int = 30
    journal_disk: float = 50e9
    """Bytes that a machine's disk has for journals."""
    outages: Sequence[Outage] = ()


@dataclass(slots=True)
class Machine:
    """One gateway machine."""

    up: bool = True
    waiting: float = 0.0
    """Logs in its journals that the store has not taken."""


@dataclass(slots=True)
class Run:
    """What happened in a day."""

    recorded: float = 0.0
    stored: float = 0.0
    refused: float = 0.0
    most_waiting: float = 0.0
    """On one machine."""
    longest_lag: float = 0.0
    """Seconds from a call until its log can be found."""
    caught_up_at: int = 0
    """The last second in which something waited for more than two seconds."""
    busiest_core: float = 0.0
    """The largest part of a gateway's cores in use, 0 to 1."""
    busiest_shard: float = 0.0
    machines: list[Machine] = field(default_factory=list)


def load(plan: Plan, second: int) -> float:
    """Give the calls of a second: a day's wave, busiest at 14:00."""
    wave = (1 + math.cos((second / DAY - 14 / 24) * 2 * math.pi)) / 2
    return plan.peak * (0.1 + 0.9 * wave)


def simulate(plan: Plan, costs: Costs) -> Run:
    """Run a day and the hours after it until all is drained."""
    run = Run(machines=[Machine() for _ in range(plan.machines)])
    second = 0
    while second < DAY or (any(each.waiting > 1 for each in run.machines) and second < 3 * DAY):
        _step(plan, costs, run, second)
        second += 1
    return run


def _step(plan: Plan, costs: Costs, run: Run, second: int) -> None:
    away = [outage for outage in plan.outages if outage.first <= second < outage.last]
    for number, machine in enumerate(run.machines):
        machine.up = not (number == 0 and any(outage.what == "machine" for outage in away))
    live = [machine for machine in run.machines if machine.up]
    calls = load(plan, second) if second < DAY else 0.0
    each = calls / len(live)
    # With a store of its own a machine shares its cores between calls and the taking in; merges wait for the night.
    own = costs.prepare_micros if plan.shards else costs.prepare_micros + costs.insert_micros + costs.merge_micros
    most_calls = plan.cores * 1e6 / (costs.call_micros + (0 if plan.shards else costs.prepare_micros))
    before = {id(machine): machine.waiting for machine in live}
    for machine in live:
        room = plan.journal_disk / costs.journal_bytes - machine.waiting
        taken = min(each, most_calls, max(room, 0.0))
        run.recorded += taken
        run.refused += each - taken
        machine.waiting += taken
    left = max(plan.cores * 1e6 - each * costs.call_micros, 0.0)
    # One thread prepares and inserts; beside it the engine merges.
    thread = 1e6 / (costs.prepare_micros + (0 if plan.shards else costs.insert_micros))
    drain = min(thread, left / own)
    if plan.shards:
        whole = not any(outage.what == "shard" for outage in away)
        # A batch is spread over all shards and waits for each: while one is away with all its replicas, none is taken.
        capacity = plan.shards * plan.shard_cores * 1e6 * 0.5 / (costs.insert_micros + costs.merge_micros)
        drain = min(drain, capacity / len(live)) if whole else 0.0
    stored = 0.0
    for machine in live:
        part = min(machine.waiting, drain)
        machine.waiting -= part
        stored += part
        lag = machine.waiting / max(drain, each, 1.0)
        run.most_waiting = max(run.most_waiting, machine.waiting)
        run.longest_lag = max(run.longest_lag, lag)
        if lag > 2:
            run.caught_up_at = second
    run.stored += stored
    busy = each * costs.call_micros + stored / len(live) * own
    run.busiest_core = max(run.busiest_core, busy / (plan.cores * 1e6))
    if plan.shards:
        share = stored / plan.shards * (costs.insert_micros + costs.merge_micros)
        run.busiest_shard = max(run.busiest_shard, share / (plan.shard_cores * 1e6))
    total = run.stored + sum(machine.waiting for machine in run.machines)
    assert abs(run.recorded - total) < 1e-6 * max(run.recorded, 1.0), (before, second)


HOUR: Final = 3600
NOON: Final = 14 * HOUR
PLANS: Final = (
    Plan(name="a laptop", machines=1, cores=2, peak=5, retention_days=365),
    Plan(name="one server", machines=1, cores=4, peak=1_000, retention_days=30),
    Plan(name="one server, at its edge", machines=1, cores=8, peak=9_000, retention_days=7),
    Plan(
        name="3 gateways, 1 ClickHouse, which is away for an hour at noon",
        machines=3,
        cores=4,
        peak=6_000,
        shards=1,
        shard_cores=16,
        outages=(Outage(what="shard", first=NOON, last=NOON + HOUR),),
    ),
    Plan(
        name="8 gateways, 4 shards of 2; a replica is away for an hour",
        machines=8,
        cores=4,
        peak=20_000,
        shards=4,
        replicas=2,
        shard_cores=16,
        outages=(Outage(what="replica", first=NOON, last=NOON + HOUR),),
    ),
    Plan(
        name="8 gateways, 4 shards of 2; a whole shard is away for half an hour",
        machines=8,
        cores=4,
        peak=20_000,
        shards=4,
        replicas=2,
        shard_cores=16,
        outages=(Outage(what="shard", first=NOON, last=NOON + HOUR // 2),),
    ),
    Plan(
        name="8 gateways, 4 shards of 2; a gateway is away for an hour",
        machines=8,
        cores=4,
        peak=20_000,
        shards=4,
        replicas=2,
        shard_cores=16,
        outages=(Outage(what="machine", first=NOON, last=NOON + HOUR),),
    ),
    Plan(
        name="one of three regions, 12 gateways and 6 shards of 2, having taken over half of a lost one",
        machines=12,
        cores=4,
        peak=45_000,
        shards=6,
        replicas=2,
        shard_cores=16,
    ),
)


def main() -> None:
    """Print what each plan comes to."""
    costs = Costs()
    for plan in PLANS:
        run = simulate(plan, costs)
        daily = run.recorded
        kept = daily * plan.retention_days
        shards = max(plan.shards, 1)
        cores = plan.shard_cores if plan.shards else plan.cores
        store = kept * costs.store_bytes / shards / 1e9
        print(f"\n{plan.name}")
        journals = daily * costs.journal_bytes / 1e9
        print(f"  a day: {daily / 1e6:,.1f} M logs; journals {journals:,.0f} GB written and let go")
        print(
            f"  kept {plan.retention_days} days: {kept / 1e6:,.0f} M logs, {store:,.0f} GB on each of {shards} shard(s)"
        )
        print(
            f"  busiest: gateway {run.busiest_core:.0%} of its cores"
            + f", shard {run.busiest_shard:.0%}" * bool(plan.shards)
        )
        print(
            f"  waiting at most: {run.most_waiting * costs.journal_bytes / 1e9:,.2f} GB on a machine;"
            f" a log found after {run.longest_lag:,.0f} s at worst; refused: {run.refused:,.0f};"
            f" still in a journal: {sum(machine.waiting for machine in run.machines):,.0f}"
        )
        if run.caught_up_at:
            print(f"  nothing waits any more from {run.caught_up_at // HOUR:02}:{run.caught_up_at % HOUR // 60:02} on")
        week = daily * 7 / shards
        for name, nanos in (
            ("statistics", costs.statistics_nanos),
            ("four facets", costs.facets_nanos),
            ("inside a word", costs.word_nanos),
        ):
            print(f"  {name} over a week: {week * nanos / 1e6 / cores:,.0f} ms with all {cores} cores of each shard")


if __name__ == "__main__":
    main()
