"""Journals that another store will need are not let go of."""

from __future__ import annotations

from pathlib import Path

from logwright.journal import Position
from logwright.logs.store import holding, ledger


def test_a_hold_keeps_what_lies_beyond_it(tmp_path: Path) -> None:
    account = ledger.Ledger()
    account.of("w0").position = Position(5, 100, 9)
    ledger.save(tmp_path, account)
    hold = holding.begin(tmp_path, source="embedded", target="server", place=tmp_path)
    assert hold.keeps("w0", Position(9, 0, 20)) == Position(5, 100, 9)
    assert hold.keeps("w0", Position(2, 0, 3)) == Position(2, 0, 3)
    assert hold.keeps("w1", Position(9, 0, 20)) == Position(0, 0, 0)


def test_a_hold_for_the_same_goes_on_and_another_begins_anew(tmp_path: Path) -> None:
    first = holding.begin(tmp_path, source="embedded", target="server", place=tmp_path)
    account = ledger.Ledger(deleted=7)
    ledger.save(tmp_path, account)
    assert holding.begin(tmp_path, source="embedded", target="server", place=tmp_path) == first
    assert holding.begin(tmp_path, source="embedded", target="other", place=tmp_path).account.deleted == 7
    assert holding.end(tmp_path)
    assert holding.held(tmp_path) is None
