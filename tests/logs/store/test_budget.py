"""A question costs what it may, and what was left out is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.logs.store.test_rows import a_row

from logwright.clock import from_micros
from logwright.logs.row import COLUMNS
from logwright.logs.store import reads, rows, schema
from logwright.logs.store.budget import Budget, Span, spend
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.engine import OverBudget
from logwright.logs.types import Clause, LogQuery
from logwright.paging import Narrowed

EVERYTHING = LogQuery()
BUDGET = Budget(seconds=8, memory=100 << 20)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    """Return an engine with 800 logs, a microsecond apart."""
    opened = EmbeddedEngine(tmp_path_factory.mktemp("budget") / "engine", sessions=1)
    made = [a_row(id=f"log-{number:04}", requested_at=number) for number in range(800)]
    opened.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, made)))
    yield opened
    opened.close()


def bearing(engine: EmbeddedEngine, most: int, asked: list[str] | None = None) -> Callable[[LogQuery, str], int]:
    """Return a question that is too much when it is about more than `most` logs."""

    def ask(query: LogQuery, settings: str) -> int:
        if asked is not None:
            asked.append(settings)
        count = reads.stats(engine, "p", query).count
        if count > most:
            raise OverBudget("Code: 159. TIMEOUT_EXCEEDED")
        return count

    return ask


def test_a_question_that_is_not_too_much_is_answered_whole(engine: EmbeddedEngine) -> None:
    assert spend(engine, BUDGET, "p", EVERYTHING, bearing(engine, 800)) == (800, None)


def test_one_that_is_too_much_is_answered_for_the_newest_part(engine: EmbeddedEngine) -> None:
    answer = spend(engine, BUDGET, "p", EVERYTHING, bearing(engine, 150))
    assert answer == (100, Narrowed(since=from_micros(700), why="time"))
    assert spend(engine, BUDGET, "p", EVERYTHING, bearing(engine, 99))[0] == 12


def test_a_list_that_begins_with_the_oldest_is_answered_for_the_oldest_part(engine: EmbeddedEngine) -> None:
    answer = spend(engine, BUDGET, "p", EVERYTHING, bearing(engine, 150), direction="asc")
    assert answer == (100, Narrowed(until=from_micros(99), why="time"))


def test_the_part_is_one_of_the_time_that_the_query_means(engine: EmbeddedEngine) -> None:
    query = LogQuery(clauses=(Clause(field="time", operator="<", values=(400,)),))
    assert spend(engine, BUDGET, "p", query, bearing(engine, 60)) == (50, Narrowed(since=from_micros(350), why="time"))


def test_all_attempts_together_keep_to_the_time(engine: EmbeddedEngine) -> None:
    """Each takes all that it is given: half of everything, then halves of what is left, and at last the rest."""
    passed = 0.0
    given: list[float] = []

    def ask(_: LogQuery, settings: str) -> int:
        nonlocal passed
        given.append(float(settings.partition("max_execution_time = ")[2].partition(",")[0]))
        passed += given[-1]
        raise OverBudget("TIMEOUT_EXCEEDED")

    with pytest.raises(OverBudget, match="narrow it"):
        spend(engine, BUDGET, "p", EVERYTHING, ask, clock=lambda: passed)
    assert given[:3] == [4, 2, 1]
    assert sum(given) == pytest.approx(8, abs=0.01)


def test_memory_that_is_not_enough_narrows_too(engine: EmbeddedEngine) -> None:
    """The engine refuses a statement by itself, and the answer says why."""

    def ask(query: LogQuery, settings: str) -> int:
        if len(query.clauses) == 0:
            engine.query("SELECT groupArray(number) FROM numbers(100000000)" + settings)
        return reads.stats(engine, "p", query, settings).count

    count, narrowed = spend(engine, Budget(seconds=30, memory=20 << 20), "p", EVERYTHING, ask)
    assert (count, narrowed) == (100, Narrowed(since=from_micros(700), why="memory"))


def test_time_that_is_not_enough_narrows_too(engine: EmbeddedEngine) -> None:
    def ask(query: LogQuery, settings: str) -> int:
        if len(query.clauses) == 0:
            engine.query("SELECT sum(sipHash64(number)) FROM numbers(100000000000)" + settings)
        return reads.stats(engine, "p", query, settings).count

    count, narrowed = spend(engine, Budget(seconds=1), "p", EVERYTHING, ask)
    assert (count, narrowed) == (100, Narrowed(since=from_micros(700), why="time"))


def test_where_there_are_no_logs_nothing_can_be_left_out(engine: EmbeddedEngine) -> None:
    with pytest.raises(OverBudget):
        spend(engine, BUDGET, "nobody", EVERYTHING, bearing(engine, -1))


def test_a_part_is_never_empty_of_time() -> None:
    assert Span(first=5, last=5).part("desc") == Span(first=5, last=5)
    assert Span(first=0, last=7).part("asc") == Span(first=0, last=0)
