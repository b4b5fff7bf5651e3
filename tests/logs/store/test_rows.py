"""Rows reach the table byte for byte, in the layout that the table has."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwright.logs.row import COLUMNS, LogRow
from logwright.logs.store import rows, schema
from logwright.logs.store.embedded import EmbeddedEngine


def a_row(**fields: object) -> LogRow:
    required = {"id": "log-1", "project_id": "p", "requested_at": 1, "source": "gateway", "kind": "chat_completion"}
    return LogRow(**{**required, **fields})  # type: ignore[arg-type]  # the test says which fields


def test_the_columns_of_the_table_are_those_of_the_row_in_their_order(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    named = engine.query(
        "SELECT name FROM system.columns WHERE database = 'logwright' AND table = 'logs'"
        " AND default_kind != 'MATERIALIZED' ORDER BY position",
        form="TSV",
    )
    engine.close()
    assert tuple(named.decode().split()) == COLUMNS


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 16_383, 16_384, 3_000_000])
def test_a_text_of_any_length_comes_back(tmp_path: Path, size: int) -> None:
    text = ("é" * size)[:size]
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    engine.insert(schema.LOGS, COLUMNS, rows.encode(a_row(request=text)) + rows.encode(a_row(id="log-2")))
    found = engine.query("SELECT id, lengthUTF8(request) FROM logwright.logs ORDER BY id", form="TSV")
    engine.close()
    assert found == f"log-1\t{size}\nlog-2\t0\n".encode()


def test_missing_values_stay_missing_and_zero_stays_zero(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    some = a_row(id="b", received_at=0, status=0, latency=0.0, ttft=0.0, input_tokens=0, cost=0.0, total_tokens=0)
    engine.insert(schema.LOGS, COLUMNS, rows.encode(a_row(id="a")) + rows.encode(some))
    found = engine.query(
        "SELECT isNull(received_at), status, latency, ttft, input_tokens, total_tokens, cost"
        " FROM logwright.logs ORDER BY id",
        form="TSV",
    )
    engine.close()
    assert found == b"1" + b"\t\\N" * 6 + b"\n" + b"0" + b"\t0" * 6 + b"\n"


@pytest.mark.parametrize(
    "fields",
    [{"status": 70_000}, {"input_tokens": -1}, {"sequence": -1}, {"requested_at": 1 << 63}, {"model": "\ud800"}],
    ids=str,
)
def test_a_value_that_does_not_fit_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"does not fit|surrogates"):
        rows.encode(a_row(**fields))
