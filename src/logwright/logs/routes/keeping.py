"""Routes that say how long logs are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from logwright import clock
from logwright.db import Database
from logwright.logs import retention
from logwright.logs.routes.forms import RetentionIn, RetentionOut, RuleForm
from logwright.logs.routes.selecting import store_of
from logwright.logs.types import LogQuery, RetentionRule
from logwright.projects.access import Access, Reader, Writer

router: Final = APIRouter(tags=["logs"])


@router.get("/retention", summary="Show how long logs are kept")
async def get_rules(request: Request, access: Reader) -> RetentionOut:
    """Return the project's rules and the size of the store. No rules: everything is kept."""
    rules = await run_in_threadpool(retention.rules_of, _database(request), access.project.id)
    return await _shown(request, access, rules)


@router.put("/retention", summary="Set how long logs are kept")
async def put_rules(request: Request, access: Writer, told: RetentionIn) -> RetentionOut:
    """Set all rules of the project, in place of those before; they are carried out within the hour."""
    rules = [RetentionRule(query=rule.query, days=rule.days) for rule in told.rules]
    kept = await run_in_threadpool(
        retention.set_rules, _database(request), access.project.id, rules, actor=access.actor, now=clock.now()
    )
    return await _shown(request, access, kept)


async def _shown(request: Request, access: Access, rules: Sequence[RetentionRule]) -> RetentionOut:
    store = store_of(request)
    health = await store.health()
    figures = await store.stats(access.project.id, LogQuery())
    return RetentionOut(
        rules=[RuleForm(query=rule.query, days=rule.days) for rule in rules],
        logs=figures.count,
        store_bytes=health.bytes_on_disk,
    )


def _database(request: Request) -> Database:
    return cast("Database", request.app.state.database)  # starlette's state is untyped
