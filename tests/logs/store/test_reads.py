"""Questions in SQL: what the contract suite does not see, the plans behind the answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.logs.store.test_rows import a_row

from logwright.ids import fixed_id
from logwright.logs.row import BODIES, COLUMNS, SUMMARY_COLUMNS
from logwright.logs.store import reads, rows, schema
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.sql import condition, literals
from logwright.logs.types import Clause, LogQuery, Order

EVERYTHING = LogQuery()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    """Return an engine with 5,000 logs in one merged part."""
    opened = EmbeddedEngine(tmp_path_factory.mktemp("reads") / "engine", sessions=2)
    made = [
        a_row(
            id=fixed_id("log", number * 1000, number.to_bytes(10)),
            requested_at=number * 1000,
            tags={"n": str(number)},
            request=f"word{number}",
        )
        for number in range(5000)
    ]
    opened.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, made)), indexed=False)
    opened.query("OPTIMIZE TABLE logwright.logs FINAL")
    yield opened
    opened.close()


def plan(engine: EmbeddedEngine, query: LogQuery) -> str:
    where, values = condition("p", query)
    sql = f"EXPLAIN indexes = 1 SELECT count() FROM {schema.LOGS} WHERE {where}"
    return engine.query(sql, literals(values), form="TSVRaw").decode()


def test_a_list_never_reads_a_body() -> None:
    assert not set(BODIES) & set(SUMMARY_COLUMNS)


def test_a_body_search_is_answered_from_the_index(engine: EmbeddedEngine) -> None:
    found = plan(engine, LogQuery(clauses=(Clause(field="body", operator="~", values=("word4321",)),)))
    assert "__text_index_request_text" in found


def test_a_tag_search_is_answered_from_the_index(engine: EmbeddedEngine) -> None:
    found = plan(engine, LogQuery(clauses=(Clause(field="tag", name="n", operator="=", values=("17",)),)))
    assert "tag_text" in found


def test_a_log_is_found_by_the_time_in_its_id(engine: EmbeddedEngine) -> None:
    log = reads.decode_logs(reads.get(engine, "p", fixed_id("log", 17_000, (17).to_bytes(10))))
    assert [each.request for each in log] == ["word17"]


def test_a_log_whose_id_tells_another_time_is_found_all_the_same(engine: EmbeddedEngine) -> None:
    moved = fixed_id("log", 900_000_000, b"\1" * 10)
    engine.insert(schema.LOGS, COLUMNS, rows.encode(a_row(id=moved, requested_at=5, project_id="other")))
    assert len(reads.decode_logs(reads.get(engine, "other", moved))) == 1


def test_a_page_knows_whether_another_follows(engine: EmbeddedEngine) -> None:
    assert reads.search(engine, "p", EVERYTHING, Order(), None, 5000).next is None
    page = reads.search(engine, "p", EVERYTHING, Order(), None, 4999)
    assert page.next is not None
    assert len(reads.decode_summaries(reads.search(engine, "p", EVERYTHING, Order(), page.next, 10).data)) == 1


def test_a_histogram_of_too_many_bars_gives_the_newest(engine: EmbeddedEngine) -> None:
    rows_ = [a_row(id=f"bar-{n}", project_id="bars", requested_at=n * 1_000_000) for n in range(5003)]
    engine.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, rows_)))
    bars = reads.histogram(engine, "bars", EVERYTHING, 1, None)
    assert len(bars) == 5000
    assert bars[-1].start.timestamp() == 5002


def test_sizes_name_every_project(engine: EmbeddedEngine) -> None:
    found = reads.sizes(engine)
    assert found.projects["p"] == 5000
    assert found.bytes_on_disk > 0
