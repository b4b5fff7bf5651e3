"""The ledger is on the disk whole, the old one or the new one."""

from __future__ import annotations

from pathlib import Path

from logwright.journal import Position
from logwright.logs.store import ledger
from logwright.logs.store.ledger import Ledger, Taken


def a_ledger() -> Ledger:
    taken = Taken(position=Position(1, 200, 9), first=1, last=8, stored=6, duplicates=1, missing=[(3, 3)])
    return Ledger(producers={"w0": taken}, deleted=2)


def test_a_ledger_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    ledger.save(tmp_path, a_ledger())
    assert ledger.load(tmp_path) == a_ledger()
    assert ledger.load(tmp_path).levels == {"w0": 8}


def test_where_none_was_saved_there_is_an_empty_one(tmp_path: Path) -> None:
    assert not ledger.exists(tmp_path)
    assert ledger.load(tmp_path) == Ledger()


def test_a_save_cut_short_leaves_the_ledger_before(tmp_path: Path) -> None:
    ledger.save(tmp_path, a_ledger())
    (tmp_path / "ledger.new").write_bytes(b'{"producers":')
    assert ledger.load(tmp_path) == a_ledger()


def test_a_copy_goes_its_own_way() -> None:
    first = a_ledger()
    second = ledger.copy(first)
    second.of("w0").stored = 100
    second.of("w1").missing.append((1, 1))
    assert first == a_ledger()


def test_what_the_journals_could_not_give_back_is_counted() -> None:
    account = ledger.Ledger(
        producers={"w0": ledger.Taken(unreadable=2, missing=[(5, 7)]), "w1": ledger.Taken(missing=[(1, 1), (9, 10)])}
    )
    assert account.lost == 2 + 3 + 1 + 2
    assert ledger.Ledger().lost == 0
