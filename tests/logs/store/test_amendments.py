"""An amended log is found by what it says now, is itself still, and its past is kept until it is deleted."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.logs.store.test_rows import a_row

from logwright.logs.row import COLUMNS
from logwright.logs.store import amendments, changes, reads, rows, schema
from logwright.logs.store.amendments import LogAmended
from logwright.logs.store.changes import Chosen, LogsDeleted, PartitionDropped
from logwright.logs.store.engine import Engine
from logwright.logs.types import Clause, LogQuery, Order

START = 1_790_000_000_000_000


@pytest.fixture
def engine(engine: Engine) -> Engine:
    """Return an engine of either kind with two logs."""
    found = [
        a_row(id=name, requested_at=START, request='{"old":"words"}', producer="w0", sequence=number)
        for number, name in enumerate(("a", "b"), start=1)
    ]
    engine.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, found)))
    return engine


def amended(values: dict[str, Any], *, at: int = 7, log_id: str = "a", place: int = START) -> LogAmended:
    return LogAmended("p", log_id, place, {**values, "amended_at": at}, {"some": "before"}, at, "key_1")


def found(engine: Engine, field: Any, value: str) -> list[str]:
    query = LogQuery(clauses=(Clause(field=field, operator="~", values=(value,)),))
    lines = reads.search(engine, "p", query, Order(), None, 10).data
    return [log.id for log in reads.decode_summaries(lines)]


def whole(engine: Engine, log_id: str = "a") -> Any:
    return reads.decode_logs(reads.get(engine, "p", log_id))[0]


EVERY_KIND: dict[str, Any] = {
    "request": '{"new":"wörds \' \\\\ \\n"}',
    "response": "",
    "details": '{"inputs":{"a":1}}',
    "tags": {"it's": "a \\ tag\n"},
    "received_at": START + 5,
    "input_tokens": 3,
    "output_tokens": None,
    "cost": 0.1,
    "input_cost": None,
    "status": 200,
    "error_kind": "reported",
    "error_message": "\x00",
    "model": "gpt",
}


def test_values_of_every_kind_arrive_and_twice_is_once(engine: Engine) -> None:
    for _ in range(2):
        changes.apply(engine, amended(EVERY_KIND))
        log = whole(engine)
        assert {name: getattr(log, name) for name in EVERY_KIND if name != "received_at"} == {
            name: value for name, value in EVERY_KIND.items() if name != "received_at"
        }
        assert log.received_at is not None
        assert log.amended_at is not None
        assert len(amendments.of_log(engine, "p", "a")) == 1
    assert whole(engine, "b").amended_at is None


def test_the_new_text_is_found_and_the_old_is_not(engine: Engine) -> None:
    changes.apply(engine, amended({"request": '{"new":"sentence"}'}))
    for tidy in (lambda: None, lambda: engine.query("OPTIMIZE TABLE logs FINAL")):
        tidy()
        assert found(engine, "request", "sentence") == ["a"]
        assert found(engine, "request", "words") == ["b"]


def test_tags_that_were_set_are_found_by_the_index_over_them(engine: Engine) -> None:
    changes.apply(engine, amended({"tags": {"env": "dev"}}))
    query = LogQuery(clauses=(Clause(field="tag", name="env", operator="=", values=("dev",)),))
    assert [log.id for log in reads.decode_summaries(reads.search(engine, "p", query, Order(), None, 5).data)] == ["a"]
    changes.apply(engine, amended({"tags": {}}, at=8))
    assert reads.search(engine, "p", query, Order(), None, 5).data == b""


def test_a_log_moved_in_time_is_there_once_however_often_that_is_replayed(engine: Engine) -> None:
    """Across the end of a month too, where it comes to lie in another partition."""
    move = amended({"requested_at": START + 40 * 86_400_000_000, "model": "moved"})
    for _ in range(3):
        changes.apply(engine, move)
    rows_now = engine.query("SELECT id, model, producer, sequence FROM logs ORDER BY id", form="JSONCompactEachRow")
    assert msgspec.json.Decoder(tuple[str, str, str, int]).decode_lines(rows_now) == [
        ("a", "moved", "w0", 1),
        ("b", "", "w0", 2),
    ]


def test_the_past_of_a_deleted_log_is_deleted_with_it(engine: Engine) -> None:
    changes.apply(engine, amended({"model": "x"}))
    changes.apply(engine, amended({"model": "y"}, log_id="b"))
    changes.apply(engine, LogsDeleted(Chosen("p", ["a"], START, START)))
    assert amendments.of_log(engine, "p", "a") == []
    assert len(amendments.of_log(engine, "p", "b")) == 1
    changes.apply(engine, PartitionDropped("202609", {"w0": 2}, 1))
    assert amendments.of_log(engine, "p", "b") == []


def test_amendments_come_in_their_order(engine: Engine) -> None:
    for at in (3, 1, 2):
        changes.apply(engine, amended({"model": f"m{at}"}, at=at))
    assert [one.after for one in amendments.of_log(engine, "p", "a")] == [{"model": f"m{at}"} for at in (1, 2, 3)]
    assert amendments.of_log(engine, "other", "a") == []


def test_an_amendment_comes_back_from_its_bytes() -> None:
    change = amended(EVERY_KIND)
    assert changes.decode(changes.encode(change)) == change
