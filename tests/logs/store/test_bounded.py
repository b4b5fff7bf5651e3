"""Questions under a budget that is far too small for all logs: honest answers about a part, lists that lead on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from tests.logs.store.test_rows import a_row

from logwright.clock import from_micros
from logwright.logs.row import COLUMNS
from logwright.logs.store import bounded, reads, rows, schema
from logwright.logs.store.budget import Budget
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.engine import OverBudget
from logwright.logs.types import Clause, Direction, LogQuery, Order, SortKey
from logwright.paging import Narrowed

EVERYTHING = LogQuery()
AMPLE = Budget()
NEWEST = [f"log-{number:04}" for number in reversed(range(800))]


class Strained:
    """An engine for which a statement about more than `most` logs is too much."""

    owned = schema.LOGS

    def __init__(self, engine: EmbeddedEngine, most: int) -> None:
        self._engine = engine
        self._most = most

    def query(self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow") -> bytes:
        if "max_execution_time" in sql:
            count = int(self._engine.query(f"SELECT count() FROM {schema.LOGS} {_where(sql)}", parameters, form="TSV"))
            if count > self._most:
                raise OverBudget("TIMEOUT_EXCEEDED")
        return self._engine.query(sql, parameters, form=form)


def _where(sql: str) -> str:
    """Cut a statement's condition out of it."""
    text = sql[sql.index("WHERE") :]
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth < 0 or (depth == 0 and text.startswith(("GROUP BY", "ORDER BY"), place)):
            return text[:place]
    return text


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    """Return an engine with 800 logs a microsecond apart; the later, the cheaper."""
    opened = EmbeddedEngine(tmp_path_factory.mktemp("bounded") / "engine", sessions=1)
    made = [
        a_row(id=f"log-{number:04}", requested_at=number, cost=800.0 - number, model=f"m{number % 2}")
        for number in range(800)
    ]
    opened.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, made)))
    yield opened
    opened.close()


def walk(engine: object, order: Order, limit: int) -> tuple[list[str], list[Narrowed | None]]:
    found: list[str] = []
    parts: list[Narrowed | None] = []
    after: str | None = None
    while True:
        page = bounded.search(engine, AMPLE, "p", EVERYTHING, order, after, limit)  # type: ignore[arg-type]  # in part
        found += [log.id for log in reads.decode_summaries(page.data)]
        parts.append(page.narrowed)
        after = page.next
        if after is None:
            return found, parts


@pytest.mark.parametrize("direction", ["desc", "asc"])
@pytest.mark.parametrize("limit", [7, 100, 1000])
def test_a_list_in_order_of_time_is_whole_though_each_page_is_narrowed(
    engine: EmbeddedEngine, direction: Direction, limit: int
) -> None:
    found, parts = walk(Strained(engine, 60), Order(direction=direction), limit)
    assert found == (NEWEST if direction == "desc" else NEWEST[::-1])
    assert parts[0] is not None


@pytest.mark.parametrize("key", ["cost", "latency"])
def test_a_list_in_another_order_is_that_of_the_newest_part_on_all_its_pages(
    engine: EmbeddedEngine, key: SortKey
) -> None:
    found, parts = walk(Strained(engine, 150), Order(key=key), 30)
    assert sorted(found) == sorted(NEWEST[:100])
    assert found == NEWEST[:100][::-1] if key == "cost" else NEWEST[:100]
    assert {part.since for part in parts if part is not None} == {from_micros(700)}
    assert None not in parts


def test_what_is_not_too_much_is_answered_whole(engine: EmbeddedEngine) -> None:
    assert walk(engine, Order(), 300) == (NEWEST, [None, None, None])
    assert bounded.stats(engine, AMPLE, "p", EVERYTHING).narrowed is None
    assert bounded.histogram(engine, AMPLE, "p", EVERYTHING, 1, None).narrowed is None
    assert bounded.count_values(engine, AMPLE, "p", EVERYTHING, ["model"], 5)[0].narrowed is None


def test_figures_say_what_part_they_are_of(engine: EmbeddedEngine) -> None:
    strained: object = Strained(engine, 150)
    part = Narrowed(since=from_micros(700), why="time")
    stats = bounded.stats(strained, AMPLE, "p", EVERYTHING)  # type: ignore[arg-type]  # in part
    assert (stats.count, stats.narrowed) == (100, part)
    bars = bounded.histogram(strained, AMPLE, "p", EVERYTHING, 1, "model")  # type: ignore[arg-type]  # in part
    assert (sum(bar.count for bar in bars), bars.narrowed) == (100, part)
    models, kinds = bounded.count_values(strained, AMPLE, "p", EVERYTHING, ["model", "kind"], 5)  # type: ignore[arg-type]  # in part
    assert models.values == [("m0", 50), ("m1", 50)]
    assert (models.narrowed, kinds.narrowed) == (part, part)


def test_no_match_in_the_part_is_said_to_be_of_the_part(engine: EmbeddedEngine) -> None:
    strained: object = Strained(engine, 0)
    query = LogQuery(clauses=(Clause(field="cost", operator=">", values=(790.0,)),))
    page = bounded.search(strained, AMPLE, "p", query, Order(), None, 50)  # type: ignore[arg-type]  # in part
    assert page.data == b""
    assert page.next is not None
    assert page.narrowed == Narrowed(since=from_micros(700), why="time")


def test_a_budget_of_nothing_refuses_and_says_what_to_do(engine: EmbeddedEngine) -> None:
    with pytest.raises(OverBudget, match="narrow it, for example by time"):
        bounded.stats(engine, Budget(seconds=0.0), "p", EVERYTHING)
