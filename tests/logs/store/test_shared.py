"""A machine has a name of its own in a shared store, and a copied data directory is noticed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.logs.store.test_rows import a_row

from logwright.errors import Misconfigured
from logwright.logs.row import COLUMNS
from logwright.logs.store import rows
from logwright.logs.store.address import parse_address
from logwright.logs.store.clickhouse import ClickHouseEngine
from logwright.logs.store.schema import LOGS
from logwright.logs.store.shared import claim, machine_of, note_deletions


@pytest.fixture
def shared(store_url: str) -> ClickHouseEngine:
    return ClickHouseEngine(parse_address(store_url), machine="m1")


def test_a_data_directory_keeps_its_name(tmp_path: Path) -> None:
    name = machine_of(tmp_path).name
    assert name.startswith("m")
    assert machine_of(tmp_path).name == name
    assert machine_of(tmp_path, "gateway-3").name == "gateway-3"
    assert machine_of(tmp_path).name == "gateway-3"


def test_a_directory_that_was_copied_is_refused(shared: ClickHouseEngine, tmp_path: Path) -> None:
    first, copy = tmp_path / "first", tmp_path / "copy"
    first.mkdir()
    claim(shared, first)
    shutil.copytree(first, copy)
    claim(shared, first)
    with pytest.raises(Misconfigured, match="is a copy of it"):
        claim(shared, copy)
    claim(shared, first)
    (copy / "machine.json").unlink()
    claim(shared, copy)
    assert machine_of(copy).name != machine_of(first).name


def test_a_claim_cut_short_is_made_again(shared: ClickHouseEngine, tmp_path: Path) -> None:
    """The file was written and the store never heard of it."""
    claim(shared, tmp_path)
    before = shared.query("SELECT machine, number, claim FROM machines", form="TSV")
    claim(shared, tmp_path)
    shared.query("TRUNCATE TABLE machines")
    shared.query(f"INSERT INTO machines (machine, number, claim) FORMAT TSV\n{before.decode()}")
    claim(shared, tmp_path)


def test_deletions_are_noted_once(shared: ClickHouseEngine) -> None:
    made = [a_row(id=f"log-{number}", producer="m1.w0", sequence=number) for number in range(4)]
    shared.insert(LOGS, COLUMNS, b"".join(rows.encode(row) for row in made))
    for _ in range(2):
        note_deletions(shared, "id IN ('log-1', 'log-2')", {})
    found = shared.query("SELECT producer, sequence FROM deletions FINAL ORDER BY sequence", form="TSV")
    assert found == b"m1.w0\t1\nm1.w0\t2\n"
