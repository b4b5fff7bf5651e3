"""What the statements promise beyond what the verbs show."""

from __future__ import annotations

import pytest

from logwright.db import Database
from logwright.prompts import manage, store
from logwright.prompts.manage import Author
from logwright.prompts.types import Draft


def test_two_files_of_a_type_cannot_have_one_path(database: Database, author: Author) -> None:
    first = manage.upsert(database, author, "tool", Draft({"function": {"name": "f"}}), path="a")
    manage.upsert(database, author, "flow", Draft({"attributes": {}}), path="a")

    with pytest.raises(store.Taken), database.write(announce=False) as connection:
        store.add_file(connection, first.file)
    with database.read() as connection:
        assert store.paths(connection, author.project_id) == ["a", "a"]
        found = store.file_by_path(connection, author.project_id, "a", "flow")
    assert found is not None
    assert found.type == "flow"


def test_the_newest_version_of_each_of_many_files_is_had_at_once(database: Database, author: Author) -> None:
    made = {}
    for path in ("a", "b"):
        for model in ("old", "new"):
            edition = manage.upsert(database, author, "prompt", Draft({"model": model}), path=path)
            made[edition.file.id] = edition
    with database.read() as connection:
        newest = store.newest_versions(connection, author.project_id, list(made))
    assert newest.keys() == made.keys()


def test_a_version_can_be_removed(database: Database, author: Author) -> None:
    made = manage.upsert(database, author, "prompt", Draft({"model": "m"}), path="a")
    with database.write(announce=False) as connection:
        store.remove_version(connection, author.project_id, made.version.id)
    with database.read() as connection:
        assert store.version_by_id(connection, author.project_id, made.version.id) is None
