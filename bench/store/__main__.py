"""Fill a store, ask it everything, and print each figure beside its demand and beside what the bare machine does."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from bench.store.corpus import INSIDE, PROJECT, RARE, Corpus
from bench.store.peers import sqlite_full_text, write_speed
from bench.store.questions import ask_all
from logwright.clock import to_micros
from logwright.journal import JournalWriter
from logwright.logs.record import encode
from logwright.logs.store.client import StoreClient
from logwright.logs.store.process import command
from logwright.logs.types import Clause, LogQuery
from logwright.testing.store import a_record

_GROUP: Final = 256
_QUIET_CPU: Final = 0.05


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--logs", type=int, default=1_000_000)
    parser.add_argument("--peer-logs", type=int, default=20_000, help="how many of them SQLite gets")
    parser.add_argument("--data", type=Path, help="a data directory to keep; one that has logs is only asked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-store-") as temporary:
        data = options.data or Path(temporary) / "data"
        full = (data / "store" / "ledger.json").exists()
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        print(f"bare disk, write and sync: {write_speed(data):.0f} MB/s")
        with subprocess.Popen([*command(data), "--with-parent"]) as process:
            try:
                asyncio.run(run(data, process.pid, options.logs, full=full))
            finally:
                process.terminate()
                process.wait()
        if not full:
            peer = sqlite_full_text(
                Path(temporary), islice(Corpus(options.peer_logs).records(), options.peer_logs), RARE, INSIDE
            )
            print(
                f"SQLite FTS5, {peer.logs:,} logs: {peer.per_second:,.0f} logs/s, {peer.bytes_per_log:,.0f} B a log,"
                f" rare word {peer.rare_word:.1f} ms, inside a word {peer.inside_a_word:.0f} ms"
            )


async def run(data: Path, pid: int, logs: int, *, full: bool) -> None:
    """Fill the store unless it is full, then measure."""
    async with StoreClient(data, patience=60) as store:
        corpus = Corpus(logs)
        if full:
            corpus.until = await _newest(store)
        else:
            await fill(store, data, pid, corpus, logs)
            before = time.perf_counter()
            await _quiet(pid)
            show("text index and merges caught up after", time.perf_counter() - before, "s", "60")
        health = await store.health()
        show("bytes on disk a log", health.bytes_on_disk / max(health.logs, 1), "B", "1,700 to 2,100")
        for answer in await ask_all(store, corpus.until, lambda: _cpu(pid)):
            rest = f"ms (worst {answer.worst:.0f}, processor {answer.processor:.0f}, found {answer.found:,})"
            show(answer.name, answer.median, rest, answer.demand)
        await export(store)
        await tag(store, logs)
        await loop(store, data)
        await tag_many(store, data)
        show("peak memory of the store's process", _memory(pid), "MiB", "1,536")


async def fill(store: StoreClient, data: Path, pid: int, corpus: Corpus, logs: int) -> None:
    """Record all logs and wait until they are in the store."""
    writer = JournalWriter(data / "journal", "w0")
    size = 0
    cpu = _cpu(pid)
    making = 0.0
    began = time.perf_counter()
    records = corpus.records()
    while True:
        start = time.perf_counter()
        group = [encode(record) for record in islice(records, _GROUP)]
        making += time.perf_counter() - start
        if not group:
            break
        size += sum(map(len, group))
        await asyncio.gather(*[writer.record(payload) for payload in group])
    recorded = time.perf_counter() - began
    await store.stats(PROJECT, LogQuery())  # it waits for all that was recorded
    found = (await store.health()).logs  # and may count the newest part alone, when that is all its budget bears
    took = time.perf_counter() - began
    writer.close()
    print(f"{found:,} logs of {size / logs:,.0f} bytes; {making:.0f} s of {recorded:.0f} s went into making them up")
    show("recorded", logs / recorded, "logs/s", "")
    show("recorded and in the store", logs / took, "logs/s", "10,000")
    show("processor time of the store's process for 100,000 logs", (_cpu(pid) - cpu) / logs * 1e5, "s", "2 to 6")


async def export(store: StoreClient) -> None:
    """Walk a part of the logs whole, and let the engine write a Parquet file."""
    began = time.perf_counter()
    size = 0
    async for batch in store.iterate(PROJECT, LogQuery(), limit=100_000):
        size += sum(len(log.request) + len(log.response) for log in batch)
    show("walk 100,000 logs whole", size / 1e6 / (time.perf_counter() - began), "MB/s of bodies", "100")
    began = time.perf_counter()
    size = 0
    now = datetime.fromtimestamp(await _newest(store) / 1e6, UTC)
    since = Clause(field="time", operator=">", values=(to_micros(now) - 6 * 86_400_000_000,))
    async for piece in store.export(PROJECT, LogQuery(clauses=(since,)), form="parquet"):
        size += len(piece)
    show("Parquet of 6 days", size / 1e6 / (time.perf_counter() - began), f"MB/s ({size / 1e6:.0f} MB)", "")


async def tag(store: StoreClient, logs: int) -> None:
    """Tag ten thousand logs."""
    batch = str(logs // 10_000 // 2)
    query = LogQuery(clauses=(Clause(field="tag", name="batch", operator="=", values=(batch,)),))
    began = time.perf_counter()
    changed = await store.set_tags(PROJECT, query, {"reviewed": "yes"})
    show(f"tag {changed:,} logs", time.perf_counter() - began, "s", "1")


async def tag_many(store: StoreClient, data: Path) -> None:
    """Tag all logs of twelve days, and see how soon a log recorded meanwhile can be found."""
    since = Clause(field="time", operator=">", values=(await _newest(store) - 12 * 86_400_000_000,))
    query = LogQuery(clauses=(since,))
    writer = JournalWriter(data / "journal", "w2")
    lags = []
    began = time.perf_counter()
    tagging = asyncio.create_task(store.set_tags(PROJECT, query, {"twelve": "yes"}))
    while not tagging.done():
        log = a_record(project_id="meanwhile")
        start = time.perf_counter()
        await writer.record(encode(log))
        assert await store.get("meanwhile", log.id) is not None
        lags.append((time.perf_counter() - start) * 1000)
        await asyncio.wait([tagging], timeout=0.1)
    changed = await tagging
    took = time.perf_counter() - began
    writer.close()
    show(f"tag {changed:,} logs", took, "s", "")
    show("meanwhile: a log recorded and found", statistics.median(lags), f"ms (worst {max(lags):.0f})", "")


async def loop(store: StoreClient, data: Path) -> None:
    """Report a log, tag it, read it: what the SDKs' own tests do."""
    writer = JournalWriter(data / "journal", "w1")
    times = []
    for _ in range(100):
        log = a_record(project_id=PROJECT)
        began = time.perf_counter()
        await writer.record(encode(log))
        by_id = LogQuery(clauses=(Clause(field="id", operator="=", values=(log.id,)),))
        assert await store.set_tags(PROJECT, by_id, {"seen": "yes"}) == 1
        found = await store.get(PROJECT, log.id)
        times.append((time.perf_counter() - began) * 1000)
        assert found is not None
        assert found.tags == {"seen": "yes"}
    writer.close()
    times.sort()
    show("record, tag, read one log", statistics.median(times), f"ms (p95 {times[94]:.0f})", "")


async def _newest(store: StoreClient) -> int:
    bars = await store.histogram(PROJECT, LogQuery(), seconds=86_400, group=None)
    return to_micros(bars[-1].start) + 86_400_000_000


async def _quiet(pid: int) -> None:
    """Wait until the process has hardly worked for five seconds."""
    calm = 0
    while calm < 5:
        before = _cpu(pid)
        await asyncio.sleep(1)
        calm = calm + 1 if _cpu(pid) - before < _QUIET_CPU else 0


def _cpu(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Return the most memory that a process has held, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def show(name: str, figure: float, unit: str, demand: float | str) -> None:
    """Print a figure beside its demand."""
    wanted = f"   demand: {demand}" if demand != "" else ""
    print(f"{name:<55} {figure:>10,.1f} {unit}{wanted}", flush=True)


if __name__ == "__main__":
    main()
