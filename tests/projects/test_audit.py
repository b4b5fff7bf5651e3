"""The audit trail: every change leaves a line, and a line changed later shows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from logwright.projects import audit, manage
from logwright.projects.audit import SYSTEM, Actor
from logwright.projects.manage import Managing
from logwright.projects.types import Secret


@pytest.fixture
def trail(managing: Managing) -> Managing:
    """Return an installation with five lines of history."""
    who = Actor(key_id="key_9", address="192.0.2.7", request_id="req_1")
    project, made = manage.create_project(managing, SYSTEM, "one")
    manage.set_provider(managing, who, project.id, "openai", kind="openai", key=Secret("sk-canary-0123456789"))
    manage.remove_provider(managing, who, project.id, "openai")
    manage.revoke_key(managing, who, made.key.id)
    return managing


def test_every_change_leaves_a_line_that_says_who_what_and_from_where(trail: Managing) -> None:
    lines = audit.entries(trail.database, after=0, limit=100)
    assert [(line.sequence, line.actor, line.action) for line in lines] == [
        (1, "system", "project.create"),
        (2, "system", "key.create"),
        (3, "key_9", "provider.set"),
        (4, "key_9", "provider.remove"),
        (5, "key_9", "key.revoke"),
    ]
    assert {line.result for line in lines} == {"done"}
    assert (lines[2].address, lines[2].request_id) == ("192.0.2.7", "req_1")
    assert lines[2].before == ""
    assert lines[2].after == lines[3].before
    assert lines[3].after == ""


def test_no_line_holds_a_secret(trail: Managing) -> None:
    assert "canary" not in repr(audit.entries(trail.database, after=0, limit=100))


def test_an_untouched_trail_is_whole(trail: Managing) -> None:
    assert audit.first_broken(trail.database) is None


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        ("UPDATE audit SET actor = 'key_1' WHERE sequence = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE sequence = 2", 2),
        ("DELETE FROM audit WHERE sequence = 4", 4),
        ("DELETE FROM audit WHERE sequence = 1", 1),
        ("UPDATE audit SET hash = previous WHERE sequence = 5", 5),
    ],
)
def test_a_line_altered_or_taken_out_breaks_the_chain_there(trail: Managing, damage: str, broken: int) -> None:
    with trail.database.write() as connection:
        connection.execute(sa.text(damage))
    assert audit.first_broken(trail.database) == broken


def test_the_trail_is_read_in_pages(trail: Managing) -> None:
    assert [line.sequence for line in audit.entries(trail.database, after=2, limit=2)] == [3, 4]
