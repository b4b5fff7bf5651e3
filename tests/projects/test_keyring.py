"""Who a key belongs to: at once, in every process, and as of the last commit."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from logwright.db import Database
from logwright.errors import Unavailable
from logwright.projects import manage
from logwright.projects.apikeys import PROJECT_PREFIX, new_key
from logwright.projects.audit import SYSTEM
from logwright.projects.keyring import KeyTable
from logwright.projects.manage import Managing
from logwright.projects.master import master_key
from logwright.projects.types import Scope
from logwright.projects.vault import Vault

CHILD = """
import sys
from pathlib import Path
from logwright.db import Database
from logwright.projects.keyring import KeyTable
from logwright.projects.master import master_key
from logwright.projects.vault import Vault
database = Database.open(sys.argv[1], run=Path(sys.argv[2]))
table = KeyTable(database, Vault([master_key(bytes(range(32)))]))
for line in sys.stdin:
    print("known" if table.find(line.strip()) else "unknown", flush=True)
"""


@pytest.fixture
def table(managing: Managing) -> KeyTable:
    return KeyTable(managing.database, managing.vault)


def test_a_key_is_found_with_its_project_and_scope(managing: Managing, table: KeyTable) -> None:
    project, made = manage.create_project(managing, SYSTEM, "one")
    reading = manage.create_key(managing, SYSTEM, project.id, Scope.READ)
    for key, scope in ((made, Scope.WRITE), (reading, Scope.READ)):
        for form in (key.secret.reveal(), key.secret.reveal().encode()):
            found = table.find(form)
            assert found is not None
            assert (found.key_id, found.project_id, found.scope) == (key.key.id, project.id, scope)
            assert not found.is_local


def test_write_includes_read_and_admin_includes_both(managing: Managing, table: KeyTable) -> None:
    admin = table.find(manage.create_key(managing, SYSTEM, None, Scope.ADMIN).secret.reveal())
    project, made = manage.create_project(managing, SYSTEM, "one")
    writing = table.find(made.secret.reveal())
    reading = table.find(manage.create_key(managing, SYSTEM, project.id, Scope.READ).secret.reveal())
    assert admin is not None
    assert writing is not None
    assert reading is not None
    assert [[who.allows(scope) for scope in Scope] for who in (reading, writing, admin)] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


@pytest.mark.parametrize("junk", ["", "lwk_", "Bearer x", "lwk_" + "0" * 49, "ünïcode", "\udcff" * 53, "x" * 100_000])
def test_junk_belongs_to_nobody(table: KeyTable, junk: str) -> None:
    assert table.find(junk) is None


def test_a_well_formed_key_that_was_never_made_belongs_to_nobody(table: KeyTable) -> None:
    assert table.find(new_key(PROJECT_PREFIX)) is None


def test_a_revoked_key_is_refused_from_the_next_request_on(managing: Managing, table: KeyTable) -> None:
    _, made = manage.create_project(managing, SYSTEM, "one")
    assert table.find(made.secret.reveal()) is not None
    manage.revoke_key(managing, SYSTEM, made.key.id)
    assert table.find(made.secret.reveal()) is None


def test_a_key_revoked_in_one_process_is_refused_by_another_at_once(
    managing: Managing, database_address: str, tmp_path: Path
) -> None:
    _, made = manage.create_project(managing, SYSTEM, "one")
    arguments = [sys.executable, "-c", CHILD, database_address, str(tmp_path / "data" / "run")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for expected in ("known", "unknown"):
            child.stdin.write(made.secret.reveal() + "\n")
            assert child.stdout.readline().strip() == expected
            manage.revoke_key(managing, SYSTEM, made.key.id)
        child.stdin.close()


def test_a_key_ends_at_its_hour(managing: Managing) -> None:
    hour = datetime(2100, 1, 1, tzinfo=UTC)
    now = [hour.timestamp() - 1]
    project, _ = manage.create_project(managing, SYSTEM, "one")
    made = manage.create_key(managing, SYSTEM, project.id, Scope.READ, expires_at=hour)
    table = KeyTable(managing.database, managing.vault, wall=lambda: now[0])
    assert table.find(made.secret.reveal()) is not None
    now[0] += 1
    assert table.find(made.secret.reveal()) is None


def test_keys_made_before_the_master_key_changed_still_work(managing: Managing) -> None:
    _, made = manage.create_project(managing, SYSTEM, "one")
    newer = Vault([managing.vault.current, master_key(bytes(32))])
    table = KeyTable(managing.database, newer)
    assert table.find(made.secret.reveal()) is not None
    _, later = manage.create_project(Managing(database=managing.database, vault=newer), SYSTEM, "two")
    assert table.find(later.secret.reveal()) is not None


def test_the_table_in_the_database_cannot_confirm_a_guess_without_the_pepper(managing: Managing) -> None:
    _, made = manage.create_project(managing, SYSTEM, "one")
    assert KeyTable(managing.database, Vault([master_key(bytes(32))])).find(made.secret.reveal()) is None


def test_use_is_written_down_now_and_then_and_at_the_end(managing: Managing, vault: Vault) -> None:
    now = [1_900_000_000.0]
    project, made = manage.create_project(managing, SYSTEM, "one")
    table = KeyTable(managing.database, vault, wall=lambda: now[0])
    assert table.find(made.secret.reveal()) is not None
    assert manage.list_keys(managing, project.id)[0].last_used_at is None
    before = managing.database.counter.value()
    table.write_use()
    assert manage.list_keys(managing, project.id)[0].last_used_at == datetime.fromtimestamp(now[0], UTC)
    assert managing.database.version() == 1  # use announces nothing: making the project was all
    assert managing.database.counter.value() - before <= 1  # the watch may have looked meanwhile
    now[0] += 5
    table.write_use()
    assert manage.list_keys(managing, project.id)[0].last_used_at == datetime.fromtimestamp(now[0] - 5, UTC)


def test_use_is_written_down_when_the_database_closes(tmp_path: Path, vault: Vault) -> None:
    database = Database.open(tmp_path / "logwright.db")
    _, made = manage.create_project(Managing(database=database, vault=vault), SYSTEM, "one")
    KeyTable(database, vault).find(made.secret.reveal())
    database.close()
    database = Database.open(tmp_path / "logwright.db")
    (key,) = manage.list_keys(Managing(database=database, vault=vault), made.key.project_id)
    assert key.last_used_at is not None
    database.close()


def test_use_before_a_reload_is_not_forgotten(managing: Managing, table: KeyTable) -> None:
    project, made = manage.create_project(managing, SYSTEM, "one")
    table.find(made.secret.reveal())
    manage.create_project(managing, SYSTEM, "two")
    table.find(new_key(PROJECT_PREFIX))
    table.write_use()
    assert manage.list_keys(managing, project.id)[0].last_used_at is not None


def test_projects_are_known_by_id_and_by_name(managing: Managing, table: KeyTable) -> None:
    project, _ = manage.create_project(managing, SYSTEM, "one")
    assert table.project(project.id) == table.project("one") == project
    assert table.project("two") is None
    assert table.projects() == [project]


def test_when_keys_have_changed_and_cannot_be_read_nobody_is_let_in(tmp_path: Path, vault: Vault) -> None:
    """The old table might let a revoked key in."""
    database = Database.open(tmp_path / "logwright.db")
    managing = Managing(database=database, vault=vault)
    _, made = manage.create_project(managing, SYSTEM, "one")
    table = KeyTable(database, vault)
    with database.write(announce=False) as connection:
        connection.exec_driver_sql("ALTER TABLE api_keys RENAME TO away")
    database.counter.bump()
    with pytest.raises(Unavailable):
        table.find(made.secret.reveal())
    with database.write(announce=False) as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO api_keys")
    assert table.find(made.secret.reveal()) is not None
    database.close()


def test_finding_a_key_takes_microseconds(tmp_path: Path, vault: Vault) -> None:
    """Measured at 2; the bound leaves room for a machine under load."""
    database = Database.open(tmp_path / "logwright.db")
    managing = Managing(database=database, vault=vault)
    project, _ = manage.create_project(managing, SYSTEM, "one")
    keys = [manage.create_key(managing, SYSTEM, project.id, Scope.READ).secret.reveal().encode() for _ in range(20)]
    table = KeyTable(database, vault)
    best = min(_microseconds(table, keys) for _ in range(5))
    assert best < 50
    database.close()


def _microseconds(table: KeyTable, keys: list[bytes]) -> float:
    began = time.perf_counter()
    for _ in range(100):
        for key in keys:
            assert table.find(key) is not None
    return (time.perf_counter() - began) / 2000 * 1e6


# ------------------------------------------------------------------ any order of events


class Keys(RuleBasedStateMachine):
    """Two processes' tables over one database agree with a model after every step."""

    made: Bundle[str] = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        vault = Vault([master_key(bytes(range(32)))])
        path = Path(self.folder.name) / "logwright.db"
        self.databases = [Database.open(path), Database.open(path)]
        self.managing = Managing(database=self.databases[0], vault=vault)
        self.project_id = manage.create_project(self.managing, SYSTEM, "one")[0].id
        self.now = time.time()
        self.tables = [KeyTable(database, vault, wall=lambda: self.now) for database in self.databases]
        self.ids: dict[str, str] = {}
        self.ends: dict[str, float] = {}

    @rule(target=made, hours=st.integers(1, 5), scope=st.sampled_from([Scope.READ, Scope.WRITE]))
    def make(self, hours: int, scope: Scope) -> str:
        ends = datetime.fromtimestamp(int(self.now), UTC) + timedelta(hours=hours)
        new = manage.create_key(self.managing, SYSTEM, self.project_id, scope, expires_at=ends)
        self.ids[new.secret.reveal()] = new.key.id
        self.ends[new.secret.reveal()] = ends.timestamp()
        return new.secret.reveal()

    @rule(key=made)
    def revoke(self, key: str) -> None:
        manage.revoke_key(self.managing, SYSTEM, self.ids[key])
        self.ends[key] = 0.0

    @rule(hours=st.integers(0, 2))
    def wait(self, hours: int) -> None:
        self.now += hours * 3600

    @rule(which=st.sampled_from([0, 1]))
    def write_use(self, which: int) -> None:
        self.tables[which].write_use()

    @invariant()
    def both_agree_with_the_model(self) -> None:
        for table in self.tables:
            for key, ends in self.ends.items():
                found = table.find(key)
                assert (found.key_id if found else None) == (self.ids[key] if ends > self.now else None)

    def teardown(self) -> None:
        for database in self.databases:
            database.close()
        self.folder.cleanup()


TestKeys = Keys.TestCase
TestKeys.settings = hypothesis.settings(max_examples=15, stateful_step_count=15, deadline=None)
