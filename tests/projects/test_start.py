"""The first start, and every start after it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from logwright.errors import Misconfigured
from logwright.projects import manage, start
from logwright.projects.audit import SYSTEM
from logwright.projects.keyring import KeyTable
from logwright.projects.manage import Managing
from logwright.projects.master import VARIABLE
from logwright.projects.types import Scope


def test_the_first_start_makes_an_admin_a_project_and_a_key_that_work(managing: Managing) -> None:
    made = start.first_start(managing.database, managing.vault)
    assert made is not None
    assert made.project is not None
    assert made.project_key is not None
    table = KeyTable(managing.database, managing.vault)
    admin, key = table.find(made.admin_key.reveal()), table.find(made.project_key.reveal())
    assert admin is not None
    assert key is not None
    assert (admin.scope, admin.project_id) == (Scope.ADMIN, None)
    assert (key.scope, key.project_id) == (Scope.WRITE, made.project.id)
    assert made.project.name == "default"
    assert made.admin_key.reveal() not in repr(made)


def test_a_later_start_makes_nothing(managing: Managing) -> None:
    start.first_start(managing.database, managing.vault)
    assert start.first_start(managing.database, managing.vault) is None
    assert [project.name for project in manage.list_projects(managing)] == ["default"]


def test_of_several_processes_that_start_at_once_one_makes_the_keys(managing: Managing) -> None:
    made: list[start.FirstStart | None] = []

    def begin() -> None:
        made.append(start.first_start(managing.database, managing.vault))

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome is None for outcome in made) == [False] + [True] * 5


def test_projects_made_before_the_first_start_are_kept_and_an_admin_is_added(managing: Managing) -> None:
    manage.create_project(managing, SYSTEM, "mine")
    made = start.first_start(managing.database, managing.vault)
    assert made is not None
    assert made.project is None
    assert [project.name for project in manage.list_projects(managing)] == ["mine"]


def test_the_data_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    start.prepare_directory(data)
    assert data.stat().st_mode & 0o777 == 0o700
    data.chmod(0o755)
    start.prepare_directory(data)
    assert data.stat().st_mode & 0o777 == 0o700


def test_a_data_directory_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(Misconfigured, match="data directory"):
        start.prepare_directory(tmp_path / "data")


def test_the_vault_opens_again_with_the_same_file(managing: Managing, tmp_path: Path) -> None:
    file = tmp_path / "config" / "master.key"
    vault = start.open_vault(managing.database, {}, file, may_generate=True)
    start.first_start(managing.database, vault)
    assert start.open_vault(managing.database, {}, file, may_generate=False).current.id == vault.current.id


def test_a_database_with_keys_and_no_master_key_is_refused_and_nothing_is_made(
    managing: Managing, tmp_path: Path
) -> None:
    start.first_start(managing.database, managing.vault)
    with pytest.raises(Misconfigured, match="Put the file back"):
        start.open_vault(managing.database, {}, tmp_path / "config" / "master.key", may_generate=True)
    assert not (tmp_path / "config").exists()


def test_another_master_key_than_the_database_needs_is_refused_by_its_id(managing: Managing, tmp_path: Path) -> None:
    start.first_start(managing.database, managing.vault)
    with pytest.raises(Misconfigured, match=managing.vault.current.id):
        start.open_vault(managing.database, {VARIABLE: "ab" * 32}, tmp_path / "none", may_generate=True)
