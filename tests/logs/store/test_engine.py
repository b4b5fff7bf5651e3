"""Both engines are asked alike and answer alike."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from tests.logs.store.test_rows import a_row

from logwright.errors import Unavailable
from logwright.logs.row import COLUMNS
from logwright.logs.store import rows, schema
from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS


def test_a_slow_statement_does_not_hold_up_a_quick_one(engine: Engine) -> None:
    engine.query("SELECT 1", form="TSV")
    slow = threading.Thread(target=lambda: engine.query("SELECT sleepEachRow(0.5) FROM numbers(4)", form="Null"))
    slow.start()
    began = time.monotonic()
    for _ in range(5):
        assert engine.query("SELECT 1", form="TSV") == b"1\n"
    quick = time.monotonic() - began
    assert slow.is_alive()
    slow.join()
    assert quick < 1.0


def test_a_stream_is_read_piece_by_piece_and_may_be_left(engine: Engine) -> None:
    pieces = engine.stream("SELECT number FROM numbers(100000000)")
    first = next(pieces)
    assert first.startswith(b'{"number":0}\n{"number":1}\n')
    assert first.endswith(b"}\n")
    pieces.close()  # type: ignore[attr-defined]  # a generator
    assert engine.query("SELECT 1", form="TSV") == b"1\n"


def test_a_stream_is_whole(engine: Engine) -> None:
    pieces = list(engine.stream("SELECT number FROM numbers(300000)"))
    assert all(piece.endswith(b"}\n") for piece in pieces)
    assert b"".join(pieces).count(b"\n") == 300_000


def test_a_stream_that_fails_says_so(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="no such number"):
        list(engine.stream("SELECT throwIf(number = 900000, 'no such number') FROM numbers(1000000)"))


@pytest.mark.parametrize("text", ["'", 'it\'s \\ "me"', "tab\tnewline\nnull\0", "漢字 🙂", "{x:String}", "%s", ""])
def test_parameters_come_through_as_they_are(engine: Engine, text: str) -> None:
    from logwright.logs.store.sql import literals

    found = engine.query("SELECT hex({x:String})", literals({"x": text}), form="TSV")
    assert bytes.fromhex(found.decode()).decode() == text


def test_a_long_parameter_comes_through(engine: Engine) -> None:
    text = "naïve " * 20_000
    assert engine.query("SELECT length({x:String})", {"x": text}, form="TSV") == b"%d\n" % len(text.encode())


def test_rows_come_back_as_they_were_inserted(engine: Engine) -> None:
    made = [a_row(id=f"log-{number}", request='{"a": "\\u0000 \\r\\n __exception__"}') for number in range(3)]
    engine.insert(LOGS, COLUMNS, b"".join(rows.encode(row) for row in made))
    found = b"".join(engine.stream(f"SELECT id, request FROM {LOGS} ORDER BY id")).splitlines()
    assert len(found) == 3
    assert engine.query(f"SELECT request FROM {LOGS} LIMIT 1", form="TSVRaw").decode() == made[0].request + "\n"


def test_an_insert_of_half_a_row_inserts_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        engine.insert(LOGS, COLUMNS, rows.encode(a_row())[:-5])
    assert engine.query(f"SELECT count() FROM {LOGS}", form="TSV") == b"0\n"


def test_an_insert_without_indexes_has_them_built_later(engine: Engine) -> None:
    engine.insert(LOGS, COLUMNS, rows.encode(a_row()), indexed=False)
    engine.index_bodies()
    engine.apply_patches()
    assert engine.query(f"SELECT count() FROM {LOGS}", form="TSV") == b"1\n"


def test_a_statement_over_its_budget_is_told_to_be_narrowed(engine: Engine) -> None:
    with pytest.raises(Unavailable, match="narrow it"):
        engine.query(
            "SELECT sum(sleepEachRow(1)) FROM numbers(100) SETTINGS max_execution_time = 1, max_block_size = 1"
        )
    assert engine.query("SELECT 1", form="TSV") == b"1\n"


@pytest.mark.parametrize(("form", "begins"), [("Parquet", b"PAR1"), ("CSVWithNames", b'"number"')])
def test_a_result_becomes_a_file(engine: Engine, tmp_path: Path, form: str, begins: bytes) -> None:
    path = tmp_path / "it's a file"
    engine.export("SELECT number FROM numbers({n:UInt64}) SETTINGS max_threads = 1", {"n": 1000}, path, form)
    assert path.read_bytes().startswith(begins)


def test_a_file_whose_statement_fails_is_not_taken_for_one(engine: Engine, tmp_path: Path) -> None:
    sql = "SELECT throwIf(number = 900000, 'no such number') FROM numbers(1000000)"
    with pytest.raises(RuntimeError, match="no such number"):
        engine.export(sql, {}, tmp_path / "file", "CSVWithNames")


def test_the_tables_are_those_of_this_release(engine: Engine) -> None:
    assert engine.query("SELECT max(number) FROM migrations", form="TSV") == b"%d\n" % schema.VERSION
    assert engine.version.startswith("2")
