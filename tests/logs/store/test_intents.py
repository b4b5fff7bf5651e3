"""An insert that may yet arrive is made again alike: the same records by the same token."""

from __future__ import annotations

from pathlib import Path

from logwright.logs.store.intents import NAME, Intents


def test_without_an_intent_everything_may_be_taken(tmp_path: Path) -> None:
    assert Intents(tmp_path).limits({"w0": 4}) == (None, "")


def test_an_intent_outlives_the_process(tmp_path: Path) -> None:
    token = Intents(tmp_path).begin({"w0": (4, 9), "w1": (0, 2)})
    again = Intents(tmp_path)
    assert again.limits({"w0": 4}) == ({"w0": 9, "w1": 2}, token)
    again.done()
    assert again.limits({"w0": 4}) == (None, "")


def test_a_ledger_behind_the_intent_comes_up_to_it_first(tmp_path: Path) -> None:
    """What lies between has been acknowledged, so it is not to be made a part of the insert."""
    Intents(tmp_path).begin({"w0": (4, 9), "w1": (3, 5)})
    assert Intents(tmp_path).limits({"w0": 1, "w1": 3}) == ({"w0": 4}, "")


def test_a_file_cut_short_is_no_intent(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"token":"x","spa')
    assert Intents(tmp_path).limits({}) == (None, "")
