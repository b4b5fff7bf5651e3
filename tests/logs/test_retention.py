"""Logs go when the first rule that fits them says so, and never before somebody set a rule."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from logwright.errors import InvalidRequest, Unavailable
from logwright.logs.retention import keep_to_rules, rules_of, run_retention, set_rules
from logwright.logs.types import LogQuery, RetentionRule
from logwright.projects.audit import SYSTEM, entries
from logwright.testing.factories import START

if TYPE_CHECKING:
    from tests.logs.conftest import Room

NOW = START + timedelta(days=100)


def setting(room: Room, *rules: tuple[str, int | None]) -> Sequence[RetentionRule]:
    made = [RetentionRule(query=query, days=days) for query, days in rules]
    return set_rules(room.app.services.database, room.project.id, made, actor=SYSTEM, now=NOW)


def run(room: Room) -> int:
    deleted = room.app.run(run_retention(room.store, room.app.services.database, NOW))
    return deleted.get(room.project.id, 0)


def an_old_log(room: Room, days: float, **given: Any) -> str:
    return room.record(requested_at=NOW - timedelta(days=days), **given).id


def test_nothing_goes_without_a_rule(room: Room) -> None:
    kept = an_old_log(room, 99)
    assert run(room) == 0
    assert room.found() == [kept]
    assert list(rules_of(room.app.services.database, room.project.id)) == []


def test_one_rule_for_all(room: Room) -> None:
    an_old_log(room, 31)
    kept = an_old_log(room, 29)
    setting(room, ("", 30))
    assert run(room) == 1
    assert room.found() == [kept]
    assert run(room) == 0


def test_the_first_rule_that_fits_decides(room: Room) -> None:
    an_old_log(room, 8, tags={"env": "dev"})
    fresh_dev = an_old_log(room, 6, tags={"env": "dev"})
    audited = an_old_log(room, 99, tags={"audit": "yes"})
    both = an_old_log(room, 20, tags={"audit": "yes", "env": "dev"})
    an_old_log(room, 31, tags={"env": "prod"})
    other = an_old_log(room, 29)
    setting(room, ("tag.audit:yes", None), ("tag.env:dev", 7), ("", 30))
    assert run(room) == 2
    assert set(room.found()) == {fresh_dev, audited, both, other}


def test_another_project_keeps_its_own(room: Room) -> None:
    other = type(room)(app=room.app, project=room.app.project())
    kept = an_old_log(other, 99)
    an_old_log(room, 99)
    setting(room, ("", 1))
    assert run(room) == 1
    assert other.found() == [kept]


def test_rules_are_kept_in_their_canonical_form_and_order(room: Room) -> None:
    kept = setting(room, ("metadata.env=dev", 7), ("-tag.x:y", None), ("", 30))
    assert kept == rules_of(room.app.services.database, room.project.id)
    assert [(rule.query, rule.days) for rule in kept] == [("tag.env:dev", 7), ("-tag.x:y", None), ("", 30)]
    setting(room)
    assert list(rules_of(room.app.services.database, room.project.id)) == []


@pytest.mark.parametrize(
    ("rules", "word"),
    [
        ([("tag.a:b tag.c:d", 7)], "must be one condition"),
        ([("time:>2026-01-01", 7)], "must not look at the time"),
        ([("last:3d", 7)], "must not look at the time"),
        ([("", 7), ("tag.a:b", 3)], "put it last"),
        ([("tag.a:b", 3), ("modle:x", 7)], "rules[1].query: There is no field modle"),
    ],
)
def test_rules_that_cannot_work_are_refused(room: Room, rules: list[tuple[str, int]], word: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        setting(room, *rules)
    assert word in refused.value.message


def test_who_set_them_is_in_the_audit_trail(room: Room) -> None:
    setting(room, ("", 30))
    last = list(entries(room.app.services.database, after=0, limit=10_000))[-1]
    assert (last.action, last.project_id, last.actor) == ("retention.set", room.project.id, "system")


def test_one_projects_failure_is_not_anothers(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    setting(room, ("", 30))
    an_old_log(room, 31)
    failing = type(room)(app=room.app, project=room.app.project())
    setting(failing, ("", 30))
    real = room.store

    class Half:
        async def retain(self, project_id: str, query: LogQuery, before: Any) -> int:
            if project_id == failing.project.id:
                raise Unavailable("The store is busy")
            return await real.retain(project_id, query, before)

    with caplog.at_level(logging.ERROR):
        deleted = room.app.run(run_retention(Half(), room.app.services.database, NOW))
    assert deleted[room.project.id] == 1
    assert failing.project.id not in deleted
    assert failing.project.id in caplog.text


def test_the_rounds_go_on_whatever_fails(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    """The first round finds a store that raises what nobody foresaw; the second deletes."""
    setting(room, ("", 30))
    an_old_log(room, 31)
    real = room.store
    rounds: list[str] = []
    done = asyncio.Event()

    class Flaky:
        async def retain(self, project_id: str, query: LogQuery, before: Any) -> int:
            if project_id != room.project.id:
                return 0
            rounds.append(project_id)
            if len(rounds) == 1:
                raise RuntimeError("unforeseen")
            count = await real.retain(project_id, query, before)
            done.set()
            return count

    async def watch() -> None:
        work = asyncio.create_task(
            keep_to_rules(Flaky(), room.app.services.database, first_seconds=0, pause_seconds=0.01, now=lambda: NOW)
        )
        await done.wait()
        work.cancel()

    with caplog.at_level(logging.ERROR):
        room.app.run(watch())
    assert room.found() == []
    assert "unforeseen" in caplog.text
