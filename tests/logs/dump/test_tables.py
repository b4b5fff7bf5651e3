"""The small tables of a dump: no secret leaves, and what comes back is what was there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright import people  # noqa: F401 - declares its tables
from logwright.db import Database, tables
from logwright.errors import InvalidRequest
from logwright.http import app  # noqa: F401 - loads every room, so every table is declared
from logwright.logs.dump.tables import LEFT_OUT, TABLES, lines, project_ids, put


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "a.db")
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "b" / "b.db", run=tmp_path / "run")
    yield opened
    opened.close()


def fill(database: Database, name: str = "shop") -> None:
    with database.write() as connection:
        tables.put(connection, "projects", {"id": "prj_1", "name": name, "created_at": 5})
        provider = {"id": "pv_1", "project_id": "prj_1", "slug": "openai", "kind": "openai", "base_url": "https://x"}
        rest = {"models": "[]", "api_version": "", "secret": "v1:sealed", "key_hint": "abcd"}
        tables.put(connection, "providers", {**provider, **rest, "created_at": 5, "updated_at": 5})
        key = {"id": "key_1", "project_id": "prj_1", "name": "k", "scope": "read", "digest": b"d", "pepper": "p"}
        tables.put(connection, "api_keys", {**key, "hint": "lwk_…", "created_at": 5})
        price = {"project_id": "prj_1", "model": "m", "input": 1.5, "output": 2.5, "updated_at": 5}
        tables.put(connection, "prices", price)


def test_every_table_is_dumped_or_left_out_on_purpose() -> None:
    """A new table fails here until somebody decides what of it may leave the installation."""
    assert set(tables.names()) == {*TABLES, *LEFT_OUT}
    for name, table in TABLES.items():
        behind = set(tables.columns(name)) - set(table.columns)
        assert not set(table.columns) - set(tables.columns(name)), name
        assert behind <= {"secret", "digest", "pepper", "password"}, f"{name}: {behind} must be named, or are secrets"
        if table.restored:
            assert behind <= set(table.filled), name


def test_no_secret_is_in_a_dump(database: Database) -> None:
    fill(database)
    text = b"".join(lines(database))
    assert b"sealed" not in text
    assert b"pepper" not in text
    assert b'"hint":"lwk_' in text


def test_rows_come_back_once(database: Database, other: Database) -> None:
    fill(database)
    written = list(lines(database))
    first = put(other, iter(written))
    assert (first.inserted, first.there, first.renamed) == (3, 0, {})
    assert put(other, iter(written)).there == 3
    back = [json.loads(line) for line in lines(other)]
    assert [row["table"] for row in back] == ["projects", "providers", "prices"]
    assert back[2]["row"]["input"] == 1.5
    assert back[1]["row"]["key_hint"] == ""
    assert project_ids(other) == {"prj_1"}


def test_a_project_whose_name_is_taken_is_given_another(database: Database, other: Database) -> None:
    fill(database, "default")
    with other.write() as connection:
        tables.put(connection, "projects", {"id": "prj_9", "name": "default", "created_at": 5})
        tables.put(connection, "projects", {"id": "prj_8", "name": "default (imported)", "created_at": 5})
    assert put(other, lines(database)).renamed == {"default": "default (imported 2)"}
    assert put(other, lines(database)).renamed == {}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "no line of a dump"),
        (b'{"table":"secrets","row":{}}', "no table 'secrets'"),
        (b'{"table":"projects","row":{"id":"a","name":"b","created_at":1,"new":2}}', "no column 'new'"),
    ],
)
def test_what_is_not_known_here_is_refused_and_nothing_is_inserted(other: Database, line: bytes, words: str) -> None:
    good = b'{"table":"projects","row":{"id":"prj_2","name":"x","created_at":1}}'
    with pytest.raises(InvalidRequest, match=words):
        put(other, iter([good, line]))
    assert project_ids(other) == set()
