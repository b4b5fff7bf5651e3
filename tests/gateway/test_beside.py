"""A large body is read in a thread; a small one where it is."""

from __future__ import annotations

import asyncio
import threading

import pytest

from logwright.gateway.beside import LARGE_BYTES, beside


@pytest.mark.parametrize(("size", "apart"), [(LARGE_BYTES, False), (LARGE_BYTES + 1, True)])
def test_only_a_large_body_is_worth_a_thread(size: int, apart: bool) -> None:
    worked_in = asyncio.run(beside(size, threading.current_thread))

    assert (worked_in is not threading.current_thread()) == apart


def test_large_bodies_take_their_turns() -> None:
    """Two threads that fight for the interpreter's lock would keep the loop waiting longer than one."""

    async def two() -> set[threading.Thread]:
        work = [beside(LARGE_BYTES + 1, threading.current_thread) for _ in range(2)]
        return set(await asyncio.gather(*work))

    assert len(asyncio.run(two())) == 1


def test_what_is_wrong_with_a_body_is_raised_where_it_was_asked_for() -> None:
    def refuse() -> None:
        raise ValueError("no JSON")

    with pytest.raises(ValueError, match="no JSON"):
        asyncio.run(beside(LARGE_BYTES + 1, refuse))
