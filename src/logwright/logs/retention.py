"""Forget logs when their time has come: a project's rules, and the round that carries them out.

Nothing is forgotten until a project says so. The first rule that fits a log decides
how long it is kept, so exceptions stand before the rule for all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from logwright import clock
from logwright.clock import Clock
from logwright.errors import InvalidRequest, Unavailable
from logwright.logs.query.parse import opposite, parse
from logwright.logs.query.show import show
from logwright.logs.store import rules as table
from logwright.logs.types import LogQuery, RetentionRule
from logwright.projects import audit

if TYPE_CHECKING:
    from logwright.db import Database

log = logging.getLogger(__name__)


class Retaining(Protocol):
    """The part of a `LogStore` that forgets; the open store in its own process has it too."""

    async def retain(self, project_id: str, query: LogQuery, before: datetime) -> int:
        """Delete matches older than `before`; return how many."""


def rules_of(database: Database, project_id: str) -> Sequence[RetentionRule]:
    """Return a project's rules in the order in which they are tried."""
    with database.read() as connection:
        return table.rules_of(connection, project_id)


def set_rules(
    database: Database, project_id: str, rules: Sequence[RetentionRule], *, actor: audit.Actor, now: datetime
) -> Sequence[RetentionRule]:
    """Set a project's rules, in place of those before; return them as they are kept.

    Raises:
        InvalidRequest: when a rule is more than one condition, looks at the time, or can never be reached.
    """
    kept = [
        RetentionRule(query=show(_condition(rule, place, rules, now)), days=rule.days)
        for place, rule in enumerate(rules)
    ]
    with database.write() as connection:
        before = table.rules_of(connection, project_id)
        table.put_rules(connection, project_id, kept, now)
        audit.record(
            connection,
            actor,
            "retention.set",
            project_id,
            project_id=project_id,
            before=_shown(before),
            after=_shown(kept),
        )
    return kept


async def run_retention(store: Retaining, database: Database, now: datetime) -> Mapping[str, int]:
    """Delete what the rules of all projects say has had its time; return how many logs, by project id.

    A project whose turn fails is left for the next round; the others have theirs.

    Raises:
        Unavailable: when the rules themselves cannot be read.
    """
    with database.read() as connection:
        all_rules = table.all_rules(connection)
    deleted: dict[str, int] = {}
    for project_id, rules in all_rules.items():
        try:
            deleted[project_id] = await _run_project(store, project_id, rules, now)
        except (Unavailable, InvalidRequest):
            log.exception("Retention of project %s failed; the next round tries again", project_id)
    return deleted


async def keep_to_rules(
    store: Retaining,
    database: Database,
    *,
    first_seconds: float = 60.0,
    pause_seconds: float = 3600.0,
    now: Clock = clock.now,
) -> None:
    """Carry out the rules every hour, without end; what fails is left for the next hour.

    Not at once, so that a store that is started for one command has better things to do.
    """
    pause = first_seconds
    while True:
        await asyncio.sleep(pause)
        pause = pause_seconds
        try:
            deleted = await run_retention(store, database, now())
        # Broad, because this runs unattended for months: whatever fails must fail again next hour, not never run again.
        except Exception:
            log.exception("Retention failed; the next round tries again")
            continue
        for project_id, count in deleted.items():
            if count:
                log.info("Retention deleted %d logs of project %s", count, project_id)


async def _run_project(store: Retaining, project_id: str, rules: Sequence[RetentionRule], now: datetime) -> int:
    count = 0
    earlier: LogQuery = LogQuery()
    for rule in rules:
        condition = parse(rule.query, now)
        if rule.days is not None:
            query = LogQuery(clauses=(*condition.clauses, *earlier.clauses))
            count += await store.retain(project_id, query, now - timedelta(days=rule.days))
        earlier = LogQuery(clauses=(*earlier.clauses, *map(opposite, condition.clauses)))
    return count


def _condition(rule: RetentionRule, place: int, rules: Sequence[RetentionRule], now: datetime) -> LogQuery:
    try:
        query = parse(rule.query, now)
    except InvalidRequest as error:
        raise InvalidRequest(f"rules[{place}].query: {error.message}", param=f"rules[{place}].query") from error
    if len(query.clauses) > 1:
        raise InvalidRequest(
            f"rules[{place}].query must be one condition, such as tag.env:dev, not {len(query.clauses)}; "
            "the first rule that fits a log decides",
            param=f"rules[{place}].query",
        )
    if any(clause.field == "time" for clause in query.clauses):
        raise InvalidRequest(
            f"rules[{place}].query must not look at the time; days says it", param=f"rules[{place}].query"
        )
    if not query.clauses and place < len(rules) - 1:
        raise InvalidRequest(
            f"rules[{place}] fits all logs, so the rules after it would never decide; put it last",
            param=f"rules[{place}].query",
        )
    return query


def _shown(rules: Sequence[RetentionRule]) -> dict[str, object]:
    return {"rules": [[rule.query, rule.days] for rule in rules]}
