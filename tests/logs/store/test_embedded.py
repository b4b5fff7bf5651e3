"""The embedded engine keeps statements apart, streams as slowly as it is read, and tells what went wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.errors import Misconfigured, Unavailable
from logwright.logs.store import schema
from logwright.logs.store.embedded import EmbeddedEngine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine(tmp_path / "engine", sessions=2)
    yield opened
    opened.close()


def test_a_slow_statement_does_not_hold_up_a_quick_one(engine: EmbeddedEngine) -> None:
    slow = threading.Thread(target=lambda: engine.query("SELECT sleepEachRow(0.5) FROM numbers(4) FORMAT Null"))
    slow.start()
    began = time.monotonic()
    for _ in range(5):
        assert engine.query("SELECT 1", form="TSV") == b"1\n"
    quick = time.monotonic() - began
    assert slow.is_alive()
    slow.join()
    assert quick < 1.0


def test_a_statement_over_its_budget_is_told_to_be_narrowed(engine: EmbeddedEngine) -> None:
    with pytest.raises(Unavailable, match="narrow it"):
        engine.query("SELECT groupArray(number) FROM numbers(1000000000)")
    assert engine.query("SELECT 1", form="TSV") == b"1\n"


def test_a_stream_is_read_piece_by_piece_and_may_be_left(engine: EmbeddedEngine) -> None:
    pieces = engine.stream("SELECT number FROM numbers(1000000000)", form="TSV")
    assert next(pieces).startswith(b"0\n1\n")
    pieces.close()  # type: ignore[attr-defined]  # a generator
    assert engine.query("SELECT 1", form="TSV") == b"1\n"


def test_a_stream_that_fails_says_so(engine: EmbeddedEngine) -> None:
    with pytest.raises(RuntimeError, match="no such number"):
        list(engine.stream("SELECT throwIf(number = 500000, 'no such number') FROM numbers(1000000)", form="TSV"))


def test_parameters_come_through_as_they_are(engine: EmbeddedEngine) -> None:
    assert engine.query("SELECT {x:String} = unhex('27')", {"x": "'"}, form="TSV") == b"1\n"


def test_an_insert_of_half_a_row_inserts_nothing(engine: EmbeddedEngine) -> None:
    with pytest.raises(RuntimeError):
        engine.insert(f"{schema.DATABASE}.migrations", ("number", "sentence"), b"\x05\x00")
    assert engine.query("SELECT count() FROM logwright.migrations", form="TSV") == b"%d\n" % schema.VERSION


def test_a_store_of_a_later_release_is_refused(tmp_path: Path) -> None:
    first = EmbeddedEngine(tmp_path / "engine", sessions=1)
    first.query("INSERT INTO logwright.migrations (number, sentence) VALUES (999, 'from the future')")
    first.close()
    with pytest.raises(Misconfigured, match="version 999"):
        EmbeddedEngine(tmp_path / "engine", sessions=1)
