"""A tail shows what arrives, says when nothing does, and is taken up where it was left."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from logwright.clock import to_micros
from logwright.logs.follow import follow
from logwright.logs.query.parse import parse
from logwright.testing.factories import START, a_record

if TYPE_CHECKING:
    from tests.logs.conftest import Room


def keep(room: Room, **given: object) -> asyncio.Future[None]:
    record = a_record(project_id=room.project.id, **given)
    return asyncio.ensure_future(room.app.services.recorder.keep(record))


def test_matches_arrive_and_others_do_not(room: Room) -> None:
    async def tail() -> list[str]:
        stream = follow(room.store, room.project.id, parse("tag.a:b", START), after=None, quiet_seconds=0.1)
        found: list[str] = []
        assert await anext(stream) == ()  # from here on nothing is missed
        assert await anext(stream) == ()  # nothing yet, and it says so
        await keep(room, model="one", tags={"a": "b"})
        await keep(room, model="two")
        await keep(room, model="three", tags={"a": "b"})
        async for batch in stream:
            found += [log.model for log in batch]
            if len(found) == 2:
                break
        await stream.aclose()
        return found

    assert room.app.run(tail()) == ["one", "three"]


def test_what_was_missed_comes_first(room: Room) -> None:
    """A log is missed by when its call ended: the long call that began before the last one seen ended after it."""
    long_ = room.record(requested_at=START, received_at=to_micros(START + timedelta(seconds=60)), model="long")
    seen = room.record(requested_at=START + timedelta(seconds=5), model="seen")
    before = room.record(requested_at=START + timedelta(seconds=1), model="before")
    after = room.record(requested_at=START + timedelta(seconds=50), model="after")

    async def tail() -> list[str]:
        stream = follow(room.store, room.project.id, parse("", START), after=seen.id, quiet_seconds=5)
        assert await anext(stream) == ()
        batch = await anext(stream)
        await stream.aclose()
        return [log.id for log in batch]

    found = room.app.run(tail())
    assert found == [after.id, long_.id]
    assert before.id not in found


def test_a_last_log_that_is_gone_begins_a_fresh_tail(room: Room) -> None:
    room.record()

    async def tail() -> object:
        stream = follow(room.store, room.project.id, parse("", START), after="log_gone", quiet_seconds=0.05)
        assert await anext(stream) == ()
        batch = await anext(stream)
        await stream.aclose()
        return batch

    assert room.app.run(tail()) == ()
