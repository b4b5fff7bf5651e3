"""A machine has a name of its own in a store that several write, and a copied data directory is noticed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.logs.store.test_rows import a_row

from logwright.errors import Misconfigured
from logwright.logs.row import COLUMNS
from logwright.logs.store import rows
from logwright.logs.store.address import parse_address
from logwright.logs.store.clickhouse import ClickHouseEngine
from logwright.logs.store.machines import Claim, machine_of, note_deletions
from logwright.logs.store.schema import LOGS
from logwright.logs.types import LogQuery
from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.store import RunningStore, a_record


@pytest.fixture
def shared(store_url: str) -> Iterator[ClickHouseEngine]:
    with closing(ClickHouseEngine(parse_address(store_url), machine="m1")) as engine:
        yield engine


def test_a_data_directory_keeps_its_name(tmp_path: Path) -> None:
    name = machine_of(tmp_path).name
    assert name.startswith("m")
    assert machine_of(tmp_path).name == name
    assert machine_of(tmp_path, "gateway-3").name == "gateway-3"
    assert machine_of(tmp_path).name == "gateway-3"


def test_a_directory_that_was_copied_is_noticed_on_both_sides(shared: ClickHouseEngine, tmp_path: Path) -> None:
    """Whichever of the two claims the name first, the other hears of it, at its next start or while it runs."""
    first, copy = tmp_path / "first", tmp_path / "copy"
    first.mkdir()
    running = Claim(shared, first, every=0)
    running()
    running()
    shutil.copytree(first, copy)
    Claim(shared, copy)()
    for still in (running, Claim(shared, first)):
        with pytest.raises(Misconfigured, match="is a copy of it"):
            still()
    (first / "machine.json").unlink()
    Claim(shared, first)()
    assert machine_of(copy).name != machine_of(first).name


def test_a_claim_is_looked_at_from_time_to_time(shared: ClickHouseEngine, tmp_path: Path) -> None:
    mine = Claim(shared, tmp_path)
    mine()
    shared.query("TRUNCATE TABLE machines")
    mine()


def test_a_claim_cut_short_is_made_again(shared: ClickHouseEngine, tmp_path: Path) -> None:
    """The file was written and the store never heard of it."""
    Claim(shared, tmp_path)()
    before = shared.query("SELECT machine, number, claim FROM machines", form="TSV").decode().split()
    Claim(shared, tmp_path)()
    shared.query("TRUNCATE TABLE machines")
    shared.query(f"INSERT INTO machines (machine, number, claim) SELECT '{before[0]}', {before[1]}, '{before[2]}'")
    Claim(shared, tmp_path)()


def test_deletions_are_noted_once(shared: ClickHouseEngine) -> None:
    made = [a_row(id=f"log-{number}", producer="m1.w0", sequence=number) for number in range(4)]
    shared.insert(LOGS, COLUMNS, b"".join(rows.encode(row) for row in made))
    for _ in range(2):
        note_deletions(shared, "id IN ('log-1', 'log-2')", {})
    found = shared.query("SELECT producer, sequence FROM deletions FINAL ORDER BY sequence", form="TSV")
    assert found == b"m1.w0\t1\nm1.w0\t2\n"


def test_a_copied_directory_under_a_name_of_its_own_repeats_nothing(
    clickhouse: ClickHouseServer, store_url: str, tmp_path: Path
) -> None:
    """What lies in its journals was stored by the other; what it records itself is its own."""
    first, copy = tmp_path / "first", tmp_path / "copy"
    with RunningStore(first, url=store_url) as store:
        store.record(*[a_record(id=f"log-{number}") for number in range(10)])
        assert len(store.listed("project")) == 10
    shutil.copytree(first, copy)
    (copy / "machine.json").unlink()
    shutil.rmtree(copy / "store")
    with RunningStore(first, url=store_url) as ours, RunningStore(copy, url=store_url) as theirs:
        ours.record(a_record(id="log-ours"))
        theirs.record(a_record(id="log-theirs"))
        assert len(ours.listed("project")) >= 11
        assert len(theirs.listed("project")) == 12
        assert theirs.ask(theirs.logs.audit()).complete


def test_a_log_that_another_machine_deleted_stays_deleted(
    clickhouse: ClickHouseServer, store_url: str, tmp_path: Path
) -> None:
    """Though the machine that recorded it reads its journal again after a crash, from before it was stored."""
    with RunningStore(tmp_path / "a", url=store_url) as ours, RunningStore(tmp_path / "b", url=store_url) as theirs:
        ours.record(*[a_record(id=f"log-{number}") for number in range(6)])
        assert len(ours.listed("project")) == 6
        assert theirs.ask(theirs.logs.delete("project", LogQuery())) == 6
        ours.kill()
        ours.start()
        assert ours.listed("project") == []
        assert ours.ask(ours.logs.audit()).complete


@pytest.mark.parametrize("name", ["a.b", "x" * 65, "it's", "\n"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misconfigured, match="up to 64 letters"):
        machine_of(tmp_path, name)
