"""A partition is dropped whole only when every row in it may go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.logs.store.test_rows import a_row

from logwright.logs.row import COLUMNS
from logwright.logs.store import rows, schema
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.retention import partitions_before

MONTH = 31 * 86_400_000_000
MARCH = datetime(1970, 3, 15, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    """Return an engine with a log of each month from January to April 1970."""
    opened = EmbeddedEngine(tmp_path / "engine", sessions=1)
    made = [a_row(id=f"m{n}", requested_at=n * MONTH, producer="w0", sequence=n + 1) for n in range(4)]
    opened.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, made)))
    yield opened
    opened.close()


def test_months_that_are_over_are_found_with_their_rows(engine: EmbeddedEngine) -> None:
    assert sorted(partitions_before(engine, "p", MARCH, {"w0": 9})) == [("197001", 1), ("197002", 1), ("197003", 1)]


def test_another_projects_log_keeps_the_month(engine: EmbeddedEngine) -> None:
    engine.insert(schema.LOGS, COLUMNS, rows.encode(a_row(project_id="q", requested_at=5, producer="w0", sequence=8)))
    assert sorted(name for name, _ in partitions_before(engine, "p", MARCH, {"w0": 9})) == ["197002", "197003"]


def test_a_later_log_of_the_month_keeps_it(engine: EmbeddedEngine) -> None:
    late = a_row(requested_at=2 * MONTH + 20 * 86_400_000_000, producer="w0", sequence=7)
    engine.insert(schema.LOGS, COLUMNS, rows.encode(late))
    assert sorted(name for name, _ in partitions_before(engine, "p", MARCH, {"w0": 9})) == ["197001", "197002"]


def test_a_log_taken_in_since_the_decision_keeps_the_month(engine: EmbeddedEngine) -> None:
    assert sorted(name for name, _ in partitions_before(engine, "p", MARCH, {"w0": 2})) == ["197001", "197002"]
