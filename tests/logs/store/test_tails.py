"""A reader of the tail gets what matches and comes, and is told when it is too slow."""

from __future__ import annotations

import asyncio

import pytest
from tests.logs.store.test_rows import a_row

from logwright.errors import Unavailable
from logwright.logs.store.tails import ROWS_AHEAD, Tail
from logwright.logs.types import Clause, LogQuery

GPT = LogQuery(clauses=(Clause(field="model", operator="=", values=("gpt-4o",)),))


def test_only_what_matches_is_handed_on() -> None:
    async def follow() -> list[str]:
        tail = Tail("p", GPT)
        tail.offer([a_row(id="a", model="gpt-4o"), a_row(id="b"), a_row(id="c", model="gpt-4o", project_id="other")])
        return [row.id for row in await tail.next()]

    assert asyncio.run(follow()) == ["a"]


def test_a_reader_waits_for_the_next_and_is_let_go_at_the_end() -> None:
    async def follow() -> list[list[str]]:
        tail = Tail("p", LogQuery())
        waiting = asyncio.create_task(tail.next())
        await asyncio.sleep(0)
        tail.offer([a_row(id="a")])
        first = await waiting
        tail.end()
        return [[row.id for row in first], [row.id for row in await tail.next()]]

    assert asyncio.run(follow()) == [["a"], []]


def test_a_reader_too_far_behind_is_told_after_what_it_may_still_have() -> None:
    async def follow() -> int:
        tail = Tail("p", LogQuery())
        tail.offer([a_row(id=f"log-{number}") for number in range(ROWS_AHEAD)])
        tail.offer([a_row(id="one-too-many")])
        kept = len(await tail.next())
        with pytest.raises(Unavailable, match="too slow"):
            await tail.next()
        return kept

    assert asyncio.run(follow()) == ROWS_AHEAD
