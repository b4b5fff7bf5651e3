"""Ranges that differ are told from those that are equal, whatever the columns hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.logs.store.test_rows import a_row

from logwright.logs.row import COLUMNS
from logwright.logs.store import copying, rows
from logwright.logs.store.address import parse_address
from logwright.logs.store.clickhouse import ClickHouseEngine
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS


@pytest.fixture
def target(store_url: str) -> Iterator[ClickHouseEngine]:
    with closing(ClickHouseEngine(parse_address(store_url), machine="m1")) as engine:
        yield engine


def put(engine: Engine, *sequences: int, producer: str = "w0", model: str = "gpt-4o") -> None:
    made = [
        a_row(
            id=f"log-{n}",
            producer=producer,
            sequence=n,
            model=model,
            latency=None if n % 2 else 0.5,
            tags={"n": str(n)},
        )
        for n in sequences
    ]
    engine.insert(LOGS, COLUMNS, b"".join(rows.encode(row) for row in made))


def test_two_engines_sum_up_alike(target: ClickHouseEngine, tmp_path: Path) -> None:
    source = EmbeddedEngine(tmp_path / "engine", sessions=1)
    put(source, *range(1, 20), 7000, 7001)
    put(target, *range(1, 20), 7000, 7001, producer="m1.w0")
    named = copying.names(source, target)
    found = copying.sums(source, {"w0": 7000})
    assert [(each.number, held.logs) for each, held in found.items()] == [(0, 19), (1, 1)]
    ends = copying.ends(found, named)
    assert ends == {"m1.w0": 7000}
    assert copying.differing(found, copying.sums(target, ends), named) == []
    put(target, 21, producer="m1.w0")
    assert [each.number for each in copying.differing(found, copying.sums(target, ends), named)] == [0]
    source.close()


def test_a_range_takes_the_place_of_what_was_there(target: ClickHouseEngine, tmp_path: Path) -> None:
    """What lies beyond the end is not touched: it never was in the source."""
    source = EmbeddedEngine(tmp_path / "engine", sessions=1)
    put(source, 1, 2, 4)
    put(target, 2, 3, 9, producer="m1.w0", model="old")
    named = copying.names(source, target)
    found = copying.sums(source, {}, others=True)
    for each, held in found.items():
        copying.copy_range(source, target, each, held, named, until=4)
    told = target.query(f"SELECT sequence, model, producer FROM {LOGS} ORDER BY sequence", form="TSV").decode()
    assert told == "1\tgpt-4o\tm1.w0\n2\tgpt-4o\tm1.w0\n4\tgpt-4o\tm1.w0\n9\told\tm1.w0\n"
    source.close()


def test_names_change_only_where_one_side_is_shared() -> None:
    adds = copying.Names(machine="m1.", adds=True, removes=False)
    assert (adds.in_target("w0"), adds.in_target("m2.w0")) == ("m1.w0", "m2.w0")
    removes = copying.Names(machine="m1.", adds=False, removes=True)
    assert (removes.in_target("m1.w0"), removes.in_target("m2.w0")) == ("w0", "m2.w0")
    assert copying.Names(machine="m1.", adds=False, removes=False).in_target("m1.w0") == "m1.w0"
