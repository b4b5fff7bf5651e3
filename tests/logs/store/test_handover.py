"""Another store goes on where the one before stopped, and takes nothing for lost."""

from __future__ import annotations

from pathlib import Path

from logwright.logs.store import ledger
from logwright.logs.store.handover import EMBEDDED, current, folder_of, take_over
from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.store import RunningStore, a_record


def test_a_new_directory_has_the_embedded_store(tmp_path: Path) -> None:
    assert current(tmp_path) == EMBEDDED
    assert take_over(tmp_path, EMBEDDED) == tmp_path
    assert take_over(tmp_path, "clickhouse-1") == folder_of(tmp_path, "clickhouse-1")
    assert current(tmp_path) == "clickhouse-1"


def test_a_ledger_moves_on_once(tmp_path: Path) -> None:
    first = ledger.Ledger()
    first.of("w0").first = 1
    first.of("w0").last = first.of("w0").stored = 10
    ledger.save(tmp_path, first)
    place = take_over(tmp_path, "server")
    there = ledger.load(place)
    assert (there.of("w0").first, there.of("w0").last, there.of("w0").stored) == (None, 10, 0)
    there.of("w0").first, there.of("w0").last, there.of("w0").stored = 11, 14, 4
    ledger.save(place, there)
    for _ in range(2):
        take_over(tmp_path, EMBEDDED)
    back = ledger.load(tmp_path).of("w0")
    assert (back.last, back.stored, back.elsewhere) == (14, 10, 4)


def test_stores_that_change_places_lose_nothing_and_repeat_nothing(
    clickhouse: ClickHouseServer, store_url: str, tmp_path: Path
) -> None:
    number = 0
    kept: dict[str, list[str]] = {"": [], store_url: []}
    for url in ("", store_url, "", store_url):
        with RunningStore(tmp_path / "data", url=url) as store:
            for _ in range(3):
                number += 1
                store.record(a_record(id=f"log-{number}"))
                kept[url].append(f"log-{number}")
            assert sorted(log.id for log in store.listed("project")) == sorted(kept[url])
            audit = store.ask(store.logs.audit())
            assert audit.complete, audit
            assert audit.present == len(kept[url])
