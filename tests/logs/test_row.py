"""The columns are those of the log that other rooms see."""

from __future__ import annotations

from dataclasses import fields

from logwright.logs.row import BODIES, COLUMNS, SUMMARY_COLUMNS
from logwright.logs.types import Log, LogSummary


def test_a_list_shows_every_column_but_the_bodies_and_the_bookkeeping() -> None:
    assert set(SUMMARY_COLUMNS) == {field.name for field in fields(LogSummary)}


def test_a_log_is_its_summary_and_its_bodies() -> None:
    assert {*SUMMARY_COLUMNS, *BODIES, "idempotency_key"} == {field.name for field in fields(Log)}
    assert set(COLUMNS) - {field.name for field in fields(Log)} == {"producer", "sequence"}
