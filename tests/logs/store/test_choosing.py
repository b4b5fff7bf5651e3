"""The logs that a change means come in pieces, in order of time, none missing and none twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from tests.logs.store.test_rows import a_row

from logwright.logs.row import COLUMNS
from logwright.logs.store import changes, choosing, rows, schema
from logwright.logs.store.changes import Chosen, TagsSet
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.types import Clause, LogQuery

UNTAGGED = LogQuery(clauses=(Clause(field="tag", name="seen", operator="missing"),))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    """Return an engine with 2,500 logs, which came in an order that is not that of time."""
    opened = EmbeddedEngine(tmp_path / "engine", sessions=2)
    made = [a_row(id=f"log-{number:04}", requested_at=number) for number in range(2500)]
    for start in range(5):
        opened.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, made[start::5])))
    yield opened
    opened.close()


async def stream(engine: EmbeddedEngine, query: LogQuery) -> AsyncGenerator[bytes, None]:
    statement = choosing.matching("p", query)
    for piece in engine.stream(statement.sql, statement.parameters, form=choosing.FORM):
        yield piece


def pieces(engine: EmbeddedEngine, query: LogQuery, size: int) -> list[Chosen]:
    async def walk() -> list[Chosen]:
        return [piece async for piece in choosing.in_pieces("p", stream(engine, query), size=size)]

    return asyncio.run(walk())


@pytest.mark.parametrize("size", [1000, 2500, 2501, 7])
def test_pieces_follow_the_time_and_miss_none(engine: EmbeddedEngine, size: int) -> None:
    found = pieces(engine, LogQuery(), size)
    assert [log_id for piece in found for log_id in piece.ids] == [f"log-{number:04}" for number in range(2500)]
    assert all(len(piece.ids) == size for piece in found[:-1])
    assert [(piece.since, piece.until) for piece in found[:1]] == [(0, min(size, 2500) - 1)]


def test_nothing_makes_no_piece(engine: EmbeddedEngine) -> None:
    nobody = LogQuery(clauses=(Clause(field="model", operator="=", values=("nobody",)),))
    assert pieces(engine, nobody, 10) == []


def test_a_change_made_between_pieces_leaves_the_others_chosen(engine: EmbeddedEngine) -> None:
    """Each piece ends what the query asks for; all that matched at the beginning are reached all the same."""

    async def change_all() -> int:
        count = 0
        async for chosen in choosing.in_pieces("p", stream(engine, UNTAGGED), size=300):
            changes.apply(engine, TagsSet(chosen, {"seen": "yes"}, []))
            count += len(chosen.ids)
        return count

    assert asyncio.run(change_all()) == 2500
    assert pieces(engine, UNTAGGED, 300) == []
