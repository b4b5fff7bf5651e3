"""The database: two doors, the same behaviour on SQLite and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from logwright.db import Database
from logwright.db.database import changes
from logwright.errors import Misconfigured, Unavailable
from logwright.projects.store import projects

ROW = {"id": "prj_1", "name": "one", "created_at": 1}


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(projects)).scalar_one()


def test_what_a_writing_block_did_is_there_afterwards_and_announced(database: Database) -> None:
    before, version = database.counter.value(), database.version()
    with database.write() as connection:
        connection.execute(sa.insert(projects).values(ROW))
    assert count(database) == 1
    assert database.counter.value() == before + 1
    assert database.version() == version + 1


def test_nothing_of_a_block_that_fails_remains_and_nothing_is_announced(database: Database) -> None:
    before, version = database.counter.value(), database.version()

    def fail_midway() -> None:
        with database.write() as connection:
            connection.execute(sa.insert(projects).values(ROW))
            raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        fail_midway()
    assert count(database) == 0
    assert (database.counter.value(), database.version()) == (before, version)


def test_a_quiet_write_is_durable_and_announces_nothing(database: Database) -> None:
    before = database.counter.value()
    with database.write(announce=False) as connection:
        connection.execute(sa.insert(projects).values(ROW))
    assert count(database) == 1
    assert database.counter.value() == before


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.read() as reading:
        select = sa.select(sa.func.count()).select_from(projects)
        assert reading.execute(select).scalar_one() == 0
        with database.write() as connection:
            connection.execute(sa.insert(projects).values(ROW))
        assert reading.execute(select).scalar_one() == 0
    assert count(database) == 1


def test_a_reading_block_cannot_write_where_it_would_not_be_announced(database: Database) -> None:
    with pytest.raises((Unavailable, sa.exc.DBAPIError)), database.read() as connection:
        connection.execute(sa.insert(projects).values(ROW))
    with database.write() as connection:
        connection.execute(sa.insert(projects).values(ROW))
    assert count(database) == 1


def test_writers_come_one_after_another_so_what_they_read_stays_true(database: Database) -> None:
    """Each of eight threads adds one to what it read; no addition is lost."""

    def add() -> None:
        for _ in range(5):
            with database.write() as connection:
                (found,) = connection.execute(sa.select(changes.c.id)).scalars()
                held = connection.execute(sa.select(sa.func.count()).select_from(projects)).scalar_one()
                name = f"{found}-{held}"
                connection.execute(sa.insert(projects).values(id=name, name=name, created_at=held))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert sorted(connection.execute(sa.select(projects.c.created_at)).scalars()) == list(range(40))


def test_a_key_to_a_project_that_is_not_there_is_refused(database: Database) -> None:
    row = "INSERT INTO providers VALUES ('p', 'nowhere', 's', 'openai', 'u', '[]', '', NULL, '', 1, 1)"
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(sa.text(row))


def test_a_change_by_another_machine_is_noticed_within_seconds(
    database: Database, database_address: str, tmp_path: Path
) -> None:
    """The other machine shares the database and not the counter; a process that dies before it bumps looks the same."""
    database.watch()
    other = Database.open(database_address, run=tmp_path / "elsewhere")
    seen, until = database.counter.value(), time.monotonic() + 10
    while database.counter.value() == seen and time.monotonic() < until:
        time.sleep(0.01)  # the first look always counts as a change
    seen = database.counter.value()
    with other.write():
        pass
    other.close()
    while database.counter.value() == seen and time.monotonic() < until:
        time.sleep(0.01)
    assert database.counter.value() != seen


def test_what_is_to_be_done_regularly_is_done_a_last_time_at_the_end(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "logwright.db")
    done: list[int] = []
    database.watch(lambda: done.append(1), every=3600)
    database.close()
    assert done == [1]


def test_the_watch_outlives_what_fails_in_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = Database.open(tmp_path / "logwright.db")
    called = threading.Semaphore(0)

    def fail() -> None:
        called.release()
        raise RuntimeError("on purpose")

    database.watch(fail, every=0)
    assert called.acquire(timeout=10)
    assert called.acquire(timeout=10)
    database._regularly.clear()
    database.close()
    assert "on purpose" in caplog.text


def test_after_it_could_not_be_reached_the_database_is_left_in_peace_for_a_moment(tmp_path: Path) -> None:
    """A try may take seconds where packets vanish, and the caller may stand on an event loop."""
    database = Database.open(tmp_path / "data" / "logwright.db")
    file = tmp_path / "data" / "logwright.db"
    database._engine.dispose()
    file.rename(tmp_path / "away")
    file.mkdir()
    for _ in range(2):
        with pytest.raises(Unavailable):
            database.version()
    file.rmdir()
    (tmp_path / "away").rename(file)
    with pytest.raises(Unavailable):
        database.version()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            assert database.version() == 0
            break
        except Unavailable:
            time.sleep(0.02)
    assert database.version() == 0
    database.close()


def test_processes_may_open_an_empty_database_at_once(empty_address: str, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from logwright.db import Database\n"
        "database = Database.open(sys.argv[1], run=Path(sys.argv[2]))\n"
        "with database.write() as connection: pass\n"
        "database.close()"
    )
    arguments = [sys.executable, "-W", "error", "-c", code, empty_address, str(tmp_path / "run")]
    running = [subprocess.Popen(arguments) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0] * 4
    database = Database.open(empty_address, run=tmp_path / "run")
    assert database.version() == 4
    database.close()


# ------------------------------------------------------------------ PostgreSQL alone


@pytest.fixture
def on_postgres(postgres_url: str, tmp_path: Path) -> Iterator[Database]:
    database = Database.open(postgres_url, run=tmp_path / "run")
    yield database
    database.close()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def test_connections_that_the_server_cut_are_made_anew(on_postgres: Database, postgres_url: str) -> None:
    """As a restart of PostgreSQL, or a firewall, does."""
    assert on_postgres.version() == 0
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert on_postgres.version() == 0


def test_a_cut_amid_a_block_is_answered_with_try_again_and_nothing_was_done(
    on_postgres: Database, postgres_url: str
) -> None:
    def write_and_be_cut() -> None:
        with on_postgres.write() as writing:
            writing.execute(sa.insert(projects).values(ROW))
            pid = writing.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            with psycopg.connect(postgres_url, autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            writing.execute(sa.insert(projects).values(ROW | {"id": "prj_2", "name": "two"}))

    before = on_postgres.counter.value()
    with pytest.raises(Unavailable):
        write_and_be_cut()
    assert count(on_postgres) == 0
    assert on_postgres.counter.value() == before


def test_what_is_acknowledged_survives_a_power_cut_whatever_the_servers_default(on_postgres: Database) -> None:
    with on_postgres.write() as connection:
        assert connection.execute(sa.text("SHOW synchronous_commit")).scalar_one() == "on"


# ------------------------------------------------------------------ SQLite alone


def test_sqlite_survives_a_power_cut_and_checks_foreign_keys(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "logwright.db")
    with database.read() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 10_000]
    database.close()


def test_nobody_else_may_read_any_file_of_the_database(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "data" / "logwright.db")
    with database.write():
        pass
    rights = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").glob("logwright.db*")}
    assert rights == dict.fromkeys(["logwright.db", "logwright.db-wal", "logwright.db-shm"], 0o600)
    database.close()


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "logwright.db").write_text("this is a diary, not a database; it goes on for a while" * 20)
    with pytest.raises(Misconfigured, match="cannot be used"):
        Database.open(tmp_path / "logwright.db")


def test_a_full_disk_is_answered_with_try_again(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "logwright.db")
    rows = [{"id": str(number), "name": "x" * 1000 + str(number), "created_at": 1} for number in range(100)]

    def fill() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite takes this as: no more than there are
            connection.execute(sa.insert(projects), rows)

    with pytest.raises(Unavailable):
        fill()
    assert count(database) == 0
    database.close()


def test_a_copy_holds_all_that_was_committed_and_is_a_database_again(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "data" / "logwright.db")
    with database.write() as connection:
        connection.execute(sa.insert(projects).values(ROW))
    assert count(database) == 1
    copy = tmp_path / "copy.db"
    database.copy_to(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        database.copy_to(copy)
    database.close()
    opened = Database.open(copy)
    assert count(opened) == 1
    opened.close()


def test_a_copy_is_made_while_another_writes(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "data" / "logwright.db")
    with database.write() as connection:
        connection.execute(sa.insert(projects).values(ROW))
        database.copy_to(tmp_path / "copy.db")
    database.close()
    opened = Database.open(tmp_path / "copy.db")
    assert count(opened) == 0
    opened.close()


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize("address", ["mysql://host/name", "postgresql://[", "http://host"])
def test_an_address_of_no_database_we_know_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        Database.open(address, run=tmp_path)


def test_an_unreachable_postgresql_is_refused_in_words_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be used") as refused:
        Database.open(f"postgresql://me:s3cret@/name?host={tmp_path}", run=tmp_path)
    assert "s3cret" not in str(refused.value)
