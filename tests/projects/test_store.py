"""The room's rows: what goes in comes out, and only for its own project."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from logwright.clock import to_micros
from logwright.db import Database
from logwright.projects import store
from logwright.projects.types import ApiKey, Project, Scope, StoredProvider

THEN = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
ONE = Project(id="prj_1", name="one", created_at=THEN)
TWO = Project(id="prj_2", name="two", created_at=THEN + timedelta(microseconds=1))


def a_key(name: str, project: Project | None) -> ApiKey:
    return ApiKey(
        id=f"key_{name}",
        project_id=None if project is None else project.id,
        name=name,
        scope=Scope.ADMIN if project is None else Scope.READ,
        hint="lwk_ab…wxyz",
        created_at=THEN,
        expires_at=THEN + timedelta(days=1),
        revoked_at=None,
        last_used_at=None,
    )


def a_provider(slug: str, project: Project) -> StoredProvider:
    return StoredProvider(
        id=f"prv_{project.name}_{slug}",
        project_id=project.id,
        slug=slug,
        kind="openai",
        base_url="https://api.openai.com/v1",
        models=("gpt-4o", "o3"),
        api_version="",
        key_hint="…wxyz",
        created_at=THEN,
        updated_at=THEN,
    )


@pytest.fixture
def two_projects(database: Database) -> Database:
    with database.write() as connection:
        store.add_project(connection, ONE)
        store.add_project(connection, TWO)
    return database


def test_what_goes_in_comes_out_to_the_microsecond(two_projects: Database) -> None:
    key, provider = a_key("a", ONE), a_provider("main", ONE)
    with two_projects.write() as connection:
        store.add_key(connection, key, digest=bytes(range(32)), pepper="0a1b2c3d")
        store.put_provider(connection, provider, "v0a1b2c3d:n:c")
    with two_projects.read() as connection:
        assert store.all_projects(connection) == [ONE, TWO]
        assert store.keys_in_force(connection) == [
            store.KeyRow(key.id, ONE.id, Scope.READ, bytes(range(32)), "0a1b2c3d", to_micros(THEN + timedelta(days=1)))
        ]
        assert store.keys_of(connection, ONE.id) == [key]
        assert store.providers_of(connection, ONE.id) == [(provider, "v0a1b2c3d:n:c")]
        assert store.key_by_id(connection, ONE.id, key.id) == key


def test_a_project_is_named_by_id_before_by_name(two_projects: Database) -> None:
    odd = Project(id="prj_3", name="prj_1", created_at=THEN)
    with two_projects.write() as connection:
        store.add_project(connection, odd)
        assert store.project_named(connection, "prj_1") == ONE
        assert store.project_named(connection, "two") == TWO
        assert store.project_named(connection, "'; DROP TABLE projects; --") is None


def test_one_projects_things_are_not_found_through_another(two_projects: Database) -> None:
    with two_projects.write() as connection:
        store.add_key(connection, a_key("a", ONE), digest=b"1" * 32, pepper="p")
        store.add_key(connection, a_key("b", None), digest=b"2" * 32, pepper="p")
        store.put_provider(connection, a_provider("main", ONE), None)
        assert store.keys_of(connection, TWO.id) == []
        assert store.key_by_id(connection, TWO.id, "key_a") is None
        assert store.key_by_id(connection, None, "key_a") is None
        assert [key.id for key in store.keys_of(connection, None)] == ["key_b"]
        assert store.providers_of(connection, TWO.id) == []
        assert not store.remove_provider(connection, TWO.id, "main")
        store.reseal(connection, TWO.id, "prv_one_main", "stolen")
        assert store.providers_of(connection, ONE.id)[0][1] is None


def test_two_keys_cannot_have_the_same_digest(two_projects: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), two_projects.write() as connection:  # noqa: PT012 - the second raises
        store.add_key(connection, a_key("a", ONE), digest=b"1" * 32, pepper="p")
        store.add_key(connection, a_key("b", ONE), digest=b"1" * 32, pepper="p")


def test_a_provider_is_replaced_in_place(two_projects: Database) -> None:
    with two_projects.write() as connection:
        store.put_provider(connection, a_provider("main", ONE), "first")
        store.put_provider(connection, a_provider("main", TWO), "theirs")
        store.put_provider(connection, a_provider("main", ONE), "second")
        assert [(each.project_id, secret) for each, secret in store.all_providers(connection)] == [
            ("prj_1", "second"),
            ("prj_2", "theirs"),
        ]


def test_revoked_keys_are_not_in_force_and_still_listed(two_projects: Database) -> None:
    with two_projects.write() as connection:
        store.add_key(connection, a_key("a", ONE), digest=b"1" * 32, pepper="p")
        store.revoke_key(connection, "key_a", THEN)
        store.revoke_key(connection, "key_a", THEN + timedelta(days=1))
        assert store.keys_in_force(connection) == []
        assert [key.revoked_at for key in store.keys_of(connection, ONE.id)] == [THEN]


def test_the_last_use_of_a_key_never_moves_back(two_projects: Database) -> None:
    """Two processes write down what each has seen, in any order."""
    with two_projects.write() as connection:
        store.add_key(connection, a_key("a", ONE), digest=b"1" * 32, pepper="p")
        store.note_use(connection, [("key_a", THEN)])
        store.note_use(connection, [("key_a", THEN - timedelta(hours=1)), ("key_gone", THEN)])
        assert [key.last_used_at for key in store.keys_of(connection, ONE.id)] == [THEN]
