"""Traces and sessions, grouped by the real engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from logwright.errors import InvalidRequest
from logwright.logs.groups import GroupedBy, LogGroup
from logwright.logs.query.parse import parse
from logwright.logs.types import LogQuery
from logwright.testing.factories import START
from logwright.testing.store import EVERYTHING, RunningStore, a_record

AT = 1_767_268_800_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunningStore]:
    with RunningStore(tmp_path / "data") as running:
        yield running


def walked(
    store: RunningStore, by: GroupedBy, query: LogQuery = EVERYTHING, *, page: int = 2, project: str = "project"
) -> Sequence[LogGroup]:
    found: list[LogGroup] = []
    place: str | None = None
    while True:
        answer = store.ask(store.logs.groups(project, query, by, after=place, limit=page))
        found += answer.items
        place = answer.next
        if place is None:
            return found


@pytest.fixture
def filled(store: RunningStore) -> RunningStore:
    """Record five traces of two logs each, in two sessions, the second log of each later than all the first."""
    for number in range(5):
        for step in range(2):
            store.record(
                a_record(
                    requested_at=AT + number * 1_000_000 + step * 60_000_000,
                    trace_id=f"trace {number}",
                    session_id=f"session {number % 2}",
                    error_kind="upstream_status" if (number, step) == (3, 1) else "",
                    model="gpt-4o" if step else "gpt-4o-mini",
                    tags={"span.name": f"step {step}", "n": str(number)},
                )
            )
    store.record(a_record(requested_at=AT), a_record(requested_at=AT, project_id="other", trace_id="foreign"))
    return store


def test_traces_are_listed_by_their_beginnings_page_by_page(filled: RunningStore) -> None:
    found = walked(filled, "trace")

    assert [group.id for group in found] == [f"trace {number}" for number in (4, 3, 2, 1, 0)]
    first = found[1]
    assert (first.logs, first.failed, first.traces, first.session_id) == (2, 1, 1, "session 1")
    assert (first.input_tokens, first.output_tokens, first.total_tokens) == (18, 4, 22)
    assert first.models == ["gpt-4o", "gpt-4o-mini"]
    assert (first.name, first.request_preview, first.response_preview) == ("step 0", "hello", "hi")
    assert (first.started_at - START).total_seconds() == 3
    assert (first.ended_at - first.started_at).total_seconds() == 60.25
    assert first.cost > 0


def test_sessions_hold_several_traces(filled: RunningStore) -> None:
    found = walked(filled, "session", page=1)

    assert [(group.id, group.logs, group.traces) for group in found] == [("session 1", 4, 2), ("session 0", 6, 3)]


def test_a_query_narrows_the_groups_and_their_figures(filled: RunningStore) -> None:
    found = walked(filled, "trace", parse("model:gpt-4o -tag.n:4", START))

    assert [(group.id, group.logs) for group in found] == [(f"trace {number}", 1) for number in (3, 2, 1, 0)]


def test_groups_of_another_project_are_not_seen(filled: RunningStore) -> None:
    assert [group.id for group in walked(filled, "trace", project="other")] == ["foreign"]
    assert walked(filled, "session", project="other") == []


def test_groups_that_began_together_are_all_shown(store: RunningStore) -> None:
    store.record(*[a_record(requested_at=AT, trace_id=f"t{number}") for number in range(5)])

    assert [group.id for group in walked(store, "trace")] == ["t4", "t3", "t2", "t1", "t0"]


@pytest.mark.parametrize("cursor", ["rubbish", "", "§"])
def test_what_is_no_place_is_refused(store: RunningStore, cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="after"):
        store.ask(store.logs.groups("project", EVERYTHING, "trace", after=cursor, limit=1))
