"""Counts are remembered for seconds, and asked for together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from logwright.faces.humanloop import counts
from logwright.faces.humanloop.counts import Counts
from logwright.prompts.types import Counted

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Store:
    """Counts one more log each time it is asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def count_by_version(self, project_id: str, prompt_ids: Sequence[str] | None) -> Sequence[Counted]:
        self.asked.append([f"{project_id}/{each}" for each in prompt_ids or ()])
        return [Counted(f"{each}v", each, len(self.asked), NOW) for each in prompt_ids or ()]


def test_what_is_known_is_not_asked_for_again_until_it_is_old() -> None:
    now = [0.0]
    store, known = Store(), Counts(lambda: now[0])

    def of(*ids: str, project: str = "p", anew: bool = False) -> list[int]:
        return [each.logs for each in asyncio.run(known.of(store, project, ids, anew=anew))]

    assert of("a") == [1]
    assert of("a", "b") == [1, 2]
    assert of("a", project="q") == [3]
    assert of("a", anew=True) == [4]
    now[0] = counts.SECONDS + 1
    assert of("a", "b") == [5, 5]
    assert of() == []
    assert store.asked == [["p/a"], ["p/b"], ["q/a"], ["p/a"], ["p/a", "p/b"]]


def test_the_oldest_counts_are_let_go() -> None:
    store, known = Store(), Counts()
    asyncio.run(known.of(store, "p", [str(number) for number in range(counts.MOST + 1)]))

    assert len(asyncio.run(known.of(store, "p", ["0"]))) == 1
    assert store.asked[-1] == ["p/0"]
