"""Opening heals what a power cut left, and says so when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.logs.store.test_rows import a_row

from logwright.errors import Misconfigured
from logwright.logs.row import COLUMNS
from logwright.logs.store import ledger, rows, schema
from logwright.logs.store.checkpoints import Checkpoints
from logwright.logs.store.handover import EMBEDDED, current
from logwright.logs.store.machines import machine_of
from logwright.logs.store.opening import open_engine, open_store


def test_a_part_cut_short_with_the_machine_is_set_aside(tmp_path: Path) -> None:
    """Its size is right and its content is not, which the engine itself does not look at when it opens."""
    checkpoints = Checkpoints(tmp_path, tmp_path / "journal")
    engine = open_engine(tmp_path, checkpoints, sessions=1)
    for name in ("whole", "cut"):
        engine.insert(schema.LOGS, COLUMNS, rows.encode(a_row(id=name, request=name * 1000)))
    part = engine.query("SELECT _part FROM logs WHERE id = 'cut'", form="TSVRaw").decode().strip()
    engine.close()
    data = next((tmp_path / "engine" / "store").rglob(f"{part}/data.bin"))
    data.chmod(0o600)
    data.write_bytes(bytes(data.stat().st_size))
    account = ledger.load(tmp_path)
    account.boot = "another run of the machine"
    ledger.save(tmp_path, account)
    again = open_engine(tmp_path, Checkpoints(tmp_path, tmp_path / "journal"), sessions=1)
    assert again.query("SELECT id FROM logwright.logs", form="TSV") == b"whole\n"
    again.close()


def test_a_store_cut_short_while_it_was_made_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "engine" / "metadata").mkdir(parents=True)
    (tmp_path / "engine" / "metadata" / "logwright.sql").write_bytes(b"\0" * 20)
    engine = open_engine(tmp_path, Checkpoints(tmp_path, tmp_path / "journal"), sessions=1)
    assert engine.query("SELECT count() FROM logwright.logs", form="TSV") == b"0\n"
    engine.close()
    assert [path for path in tmp_path.iterdir() if "unfinished" in path.name]


def test_a_damaged_store_that_was_vouched_for_is_not_touched(tmp_path: Path) -> None:
    open_engine(tmp_path, Checkpoints(tmp_path, tmp_path / "journal"), sessions=1).close()
    (tmp_path / "engine" / "metadata" / "logwright.sql").write_bytes(b"\0" * 20)
    with pytest.raises(Misconfigured, match="restore a backup"):
        open_engine(tmp_path, Checkpoints(tmp_path, tmp_path / "journal"), sessions=1)
    assert (tmp_path / "engine" / "metadata" / "logwright.sql").exists()


def test_a_server_is_opened_without_being_asked(tmp_path: Path) -> None:
    """Nobody answers there; the ledger is one of its own, and so is the directory's name."""
    opened = open_store(tmp_path, "clickhouse://127.0.0.1:1/logs", "", sessions=1)
    assert opened.engine.machine == f"{machine_of(tmp_path).name}."
    assert opened.intents is not None
    opened.engine.close()
    assert current(tmp_path / "store") != EMBEDDED
    again = open_store(tmp_path, "", "", sessions=1)
    assert (again.engine.machine, again.intents) == ("", None)
    again.engine.close()


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="of the form"):
        open_store(tmp_path, "postgresql://host/logs", "", sessions=1)
