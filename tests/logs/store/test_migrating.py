"""A store moves while it is written to and changed, and nothing is lost, doubled or old on the other side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from logwright.errors import Conflict, Misconfigured
from logwright.logs.query.parse import parse
from logwright.logs.store import holding, migrating
from logwright.logs.store.migrating import Move, abandon, migrate, prepare
from logwright.logs.types import Log, LogQuery
from logwright.models.prices import Pricer
from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.store import RunningStore, a_record

MONTH: Final = 31 * 86_400_000_000
START: Final = 1_790_000_000_000_000


def asked(text: str) -> LogQuery:
    return parse(text, datetime(2026, 11, 21, tzinfo=UTC))


def fill(store: RunningStore, count: int, *, start: int = 0, producer: str = "w0") -> None:
    """Record logs of three months, some of them without what others have."""
    store.record(
        *[
            a_record(
                id=f"log-{number:05d}",
                requested_at=START + number * 1000 - number % 3 * MONTH,
                received_at=None if number % 5 == 0 else START + number * 1000 + 500,
                model=f"model-{number % 4}",
                tags={"n": str(number), "naïve": "it's \"\\ 漢字"},
            )
            for number in range(start, start + count)
        ],
        producer=producer,
    )


def kept(store: RunningStore) -> list[Log]:
    return sorted(store.all("project"), key=lambda log: log.id)


@contextmanager
def moved(store: RunningStore, source: str, target: str) -> Iterator[migrating.Migrated]:
    """Migrate while the store serves, as the command does."""
    move = Move(data=store.data, source=source, target=target)
    prepare(move)
    if source != "embedded":
        yield migrate(move, Pricer(), None)
        return
    with snapshot(store) as name:
        move.snapshot = store.data / "store" / "snapshots" / name
        yield migrate(move, Pricer(), None)


@contextmanager
def snapshot(store: RunningStore) -> Iterator[str]:
    context = store.logs.snapshot()
    name = store.ask(context.__aenter__())
    try:
        yield name
    finally:
        store.ask(context.__aexit__(None, None, None))


def stores(data: Path, url: str) -> RunningStore:
    return RunningStore(data, url="" if url == "embedded" else url)


@pytest.mark.parametrize("way", ["to a server", "from a server", "between servers"])
def test_a_store_moves_while_it_serves(clickhouse: ClickHouseServer, store_url: str, tmp_path: Path, way: str) -> None:
    other = store_url.replace("test_", "other_")
    source, target = {
        "to a server": ("embedded", store_url),
        "from a server": (store_url, "embedded"),
        "between servers": (store_url, other),
    }[way]
    with stores(tmp_path / "data", source) as store:
        fill(store, 60)
        fill(store, 30, start=60, producer="w1")
        store.ask(store.logs.set_tags("project", asked("model:model-1"), {"early": "yes", "n": None}))
        store.ask(store.logs.delete("project", asked("model:model-2")))
        with moved(store, source, target) as told:
            assert told.logs == told.copied == len(kept(store))
            assert told.differing == 0
            fill(store, 20, start=90)
            store.ask(store.logs.set_tags("project", asked("model:model-1"), {"late": "yes"}))
            store.ask(store.logs.delete("project", asked("model:model-3")))
        expected = kept(store)
        assert [log for log in expected if "late" in log.tags]
    with stores(tmp_path / "data", target) as store:
        assert kept(store) == expected
        audit = store.ask(store.logs.audit())
        assert audit.complete, audit
        assert holding.held(store.data / "store") is None
        fill(store, 5, start=200)
        assert len(kept(store)) == len(expected) + 5
        assert store.ask(store.logs.audit()).complete


def test_a_migration_again_copies_only_what_has_changed(
    clickhouse: ClickHouseServer, store_url: str, tmp_path: Path
) -> None:
    with RunningStore(tmp_path / "data") as store:
        fill(store, 40)
        with moved(store, "embedded", store_url) as told:
            assert told.copied == 40
        with moved(store, "embedded", store_url) as told:
            assert (told.logs, told.copied) == (40, 0)
        store.ask(store.logs.set_tags("project", LogQuery(), {"changed": "yes"}))
        with moved(store, "embedded", store_url) as told:
            assert told.copied == 40
        store.ask(store.logs.delete("project", LogQuery()))
        with moved(store, "embedded", store_url):
            pass
        fill(store, 3, start=100)
        with moved(store, "embedded", store_url) as told:
            assert (told.logs, told.copied) == (3, 3)
        expected = kept(store)
    with RunningStore(tmp_path / "data", url=store_url) as store:
        assert kept(store) == expected


def test_there_and_back_again_is_the_same(clickhouse: ClickHouseServer, store_url: str, tmp_path: Path) -> None:
    with RunningStore(tmp_path / "data") as store:
        fill(store, 25)
        with moved(store, "embedded", store_url):
            pass
    with RunningStore(tmp_path / "data", url=store_url) as store:
        fill(store, 5, start=25)
        store.ask(store.logs.delete("project", asked("model:model-0")))
        with moved(store, store_url, "embedded"):
            pass
        expected = kept(store)
    with RunningStore(tmp_path / "data") as store:
        assert kept(store) == expected
        assert store.ask(store.logs.audit()).complete


def test_another_machines_logs_come_along(clickhouse: ClickHouseServer, store_url: str, tmp_path: Path) -> None:
    """And what that machine has written to the target since is left alone."""
    other = store_url.replace("test_", "other_")
    with RunningStore(tmp_path / "a", url=store_url) as ours, RunningStore(tmp_path / "b", url=store_url) as theirs:
        fill(ours, 10)
        fill(theirs, 10, start=10)
        kept(ours)
        kept(theirs)
        with moved(theirs, store_url, other) as told:
            assert told.logs == 20
        with RunningStore(tmp_path / "c", url=other) as third:
            fill(third, 5, start=20)
            with moved(ours, store_url, other) as told:
                assert (told.logs, told.copied) == (20, 0)
            assert len(kept(third)) == 25


def test_wrong_ends_are_refused(store_url: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="the same store"):
        prepare(Move(data=tmp_path, source="embedded", target="embedded"))
    with pytest.raises(Misconfigured, match="takes its logs to the embedded store"):
        prepare(Move(data=tmp_path, source=store_url, target="embedded"))
    with pytest.raises(Misconfigured, match="of the form"):
        prepare(Move(data=tmp_path, source="embedded", target="nowhere"))


def test_one_migration_runs_at_a_time_and_may_be_given_up(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    move = Move(data=tmp_path, source="embedded", target=store_url)
    prepare(move)
    with migrating._alone(move.folder), pytest.raises(Conflict, match="runs already"):
        migrate(move, Pricer(), None)
    assert abandon(move.folder)
    assert not abandon(move.folder)
