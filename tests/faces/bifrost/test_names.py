"""Names of keys, those of revoked ones included; the menus are tried through the routes."""

from __future__ import annotations

from tests.faces.bifrost.conftest import Room

from logwright.faces.bifrost.names import DELETED, key_names, provider_names
from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.manage import Managing
from logwright.projects.types import Scope


def managing(room: Room) -> Managing:
    return Managing(database=room.app.services.database, vault=room.app.services.vault)


def test_a_key_without_a_name_is_called_by_its_hint(room: Room) -> None:
    key = manage.create_key(managing(room), SYSTEM, room.project.id, Scope.READ).key

    assert key_names(managing(room), room.project.id)[key.id] == (key.name or key.hint)


def test_a_revoked_key_keeps_its_name_and_says_that_it_is_gone(room: Room) -> None:
    to = managing(room)
    key = manage.create_key(to, SYSTEM, room.project.id, Scope.READ, name="old").key
    manage.revoke_key(to, SYSTEM, key.id)

    assert key_names(to, room.project.id)[key.id] == f"old{DELETED}"


def test_a_project_without_providers_names_none(room: Room) -> None:
    assert provider_names(managing(room), room.project.id) == frozenset()


def test_menus_without_logs_are_empty(room: Room) -> None:
    menus = room.ask("/filterdata")

    assert menus["models"] == menus["selected_keys"] == menus["virtual_keys"] == []
    assert menus["metadata_keys"] == {}


def test_the_menu_of_tags_looks_back_from_the_newest_log(room: Room) -> None:
    room.record(requested_at=1_600_000_000_000_000, tags={"old": "x"}, model="old")
    room.record(requested_at=1_700_000_000_000_000, tags={"new": "x"}, model="new")

    menus = room.ask("/filterdata")

    assert menus["metadata_keys"] == {"new": ["x"]}
    assert sorted(menus["models"]) == ["new", "old"]
