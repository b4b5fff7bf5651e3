"""The audit finds what is missing, whether the journal or the store lost it."""

from __future__ import annotations

from pathlib import Path

from tests.logs.store.test_intake import intake_of, opened, record, some_records

from logwright.logs.record import encode
from logwright.logs.store.audit import audit, waiting_bytes


def test_all_that_was_taken_in_is_accounted_for(tmp_path: Path) -> None:
    record(tmp_path, *[encode(log) for log in some_records(6)])
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        assert waiting_bytes(tmp_path / "journal", intake.ledger) > 0
        intake.catch_up()
        assert waiting_bytes(tmp_path / "journal", intake.ledger) == 0
        found = audit(engine, tmp_path / "journal", intake.ledger)
        assert (found.complete, found.stored, found.present, found.gaps) == (True, 6, 6, [])
        record(tmp_path, *[encode(log) for log in some_records(2, start=6)])
        assert audit(engine, tmp_path / "journal", intake.ledger).producers[0].waiting == 2


def test_a_segment_that_vanished_is_a_gap(tmp_path: Path) -> None:
    """Somebody deleted a file of the journal between two starts."""
    for start in (0, 3, 6):
        record(tmp_path, *[encode(log) for log in some_records(3, start=start)])
        if start == 0:
            with opened(tmp_path) as (engine, checkpoints):
                intake = intake_of(engine, tmp_path, checkpoints)
                intake.catch_up()
                checkpoints.make(intake.ledger)
    segments = sorted((tmp_path / "journal" / "w0").glob("*.journal"))
    next(path for path in segments if int(path.stem) == 4).unlink()
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        found = audit(engine, tmp_path / "journal", intake.ledger)
    assert not found.complete
    assert [(gap.producer, gap.first, gap.last) for gap in found.gaps] == [("w0", 4, 6)]
    assert (found.stored, found.present) == (6, 6)


def test_rows_that_vanished_from_the_store_are_noticed(tmp_path: Path) -> None:
    record(tmp_path, *[encode(log) for log in some_records(6)])
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        engine.query("DELETE FROM logwright.logs WHERE id = 'log-3'")
        found = audit(engine, tmp_path / "journal", intake.ledger)
        assert (found.complete, found.stored, found.present) == (False, 6, 5)
