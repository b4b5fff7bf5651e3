"""The store's SQL and the plain walk of `matching` give the same answers, to any query."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwright.clock import to_micros
from logwright.logs.matching import matches
from logwright.logs.query.show import show
from logwright.logs.record import LogRecord
from logwright.logs.store.sql import condition, literals
from logwright.logs.types import Clause, Log, LogQuery
from logwright.testing.factories import START, a_completion, a_record
from logwright.testing.store import RunningStore

TEXTS = (
    "Where is my refund?",
    "REFUND 50% a_b a\\b C:\\path",
    'say "hi" to the café, CAFÉ and straße',
    "line\nbreak\ttab 漢字 (a,b) x:y .. * 100",
    "",
)
TAGS: tuple[dict[str, str], ...] = (
    {},
    {"env": "dev", "prompt_id": "triage"},
    {"env": "Dev", "a=b": "c"},
    {"a": "b=c", "$sdk.version": "0", "my tag": 'say "hi"'},
    {"naïve": "café", 'q"uote': "a\\b", "a-b": "50%", "env": "gpt-4o"},
)


def logs() -> list[LogRecord]:
    """Make logs of every kind, the same in each run."""
    chance = random.Random(20260101)  # noqa: S311 - a repeatable test
    return [_log(chance, number) for number in range(150)]


def _log(chance: random.Random, number: int) -> LogRecord:
    text, answer = chance.choice(TEXTS), chance.choice(TEXTS)
    request: Any = {"model": "m", "messages": [{"role": "user", "content": text}]}
    if chance.random() < 0.2:
        request["tools"] = [{"type": "function"}]
    failed = chance.random() < 0.3
    given: dict[str, Any] = {
        "requested_at": to_micros(START) + chance.randrange(0, 300) * 1_000_000 + chance.choice([0, 1, 999_999]),
        "project_id": chance.choice(["one", "one", "two"]),
        "source": chance.choice(["gateway", "report"]),
        "kind": chance.choice(["chat_completion", "messages", "unknown"]),
        "model": chance.choice(["gpt-4o", "gpt-4o-mini", "gpt", "triage", "", "50%", "a_b"]),
        "provider": chance.choice(["openai", "refund", ""]),
        "key_id": chance.choice(["key_1", ""]),
        "parent_id": chance.choice(["", "", "log_0"]),
        "cache": chance.choice(["", "hit", "miss"]),
        "stream": chance.random() < 0.5,
        "status": chance.choice([200, 200, 404, 500, None]),
        "error_kind": chance.choice(["upstream_status", "upstream_timeout", "refused"]) if failed else "",
        "error_message": chance.choice(TEXTS) if failed else "",
        "tags": chance.choice(TAGS),
        "request": json.dumps(request, ensure_ascii=chance.random() < 0.5),
        "response": a_completion(answer, number=number % 7),
    }
    record = a_record(**given)
    record.received_at = chance.choice([None, record.requested_at + chance.choice([250_000, 500_000, 1_200_000])])
    record.first_byte_at = chance.choice([None, record.requested_at + 250_000])
    if chance.random() < 0.2:
        record.response, record.response_form = b"", "none"
    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A store that holds the logs, and the logs that it holds."""

    store: RunningStore
    all: dict[str, list[Log]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with RunningStore(tmp_path_factory.mktemp("sql") / "data") as store:
        store.record(*logs())
        yield Kept(store=store, all={project: store.all(project) for project in ("one", "two", "three")})


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_sql_and_the_plain_walk_agree(kept: Kept, queries: st.SearchStrategy[LogQuery], data: st.DataObject) -> None:
    query = data.draw(queries)
    project = data.draw(st.sampled_from(["one", "two", "three"]))
    found = [log.id for log in kept.store.listed(project, query, page=1000)]
    assert found == [log.id for log in kept.all[project] if matches(log, query)], show(query)


def test_the_logs_are_all_there(kept: Kept) -> None:
    assert sum(map(len, kept.all.values())) == 150
    assert kept.all["three"] == []


def test_values_never_stand_in_the_text() -> None:
    hostile = "' OR 1=1 --{x}"
    query = LogQuery(
        clauses=(
            Clause(field="model", operator="=", values=(hostile,)),
            Clause(field="tag", operator="~", values=(hostile,), name=hostile),
            Clause(field="tag", operator="=", values=(hostile,), name=hostile),
            Clause(field="body", operator="~", values=(hostile,)),
        )
    )
    sql, parameters = condition(hostile, query)
    assert "OR 1=1" not in sql
    assert hostile in parameters.values()


@pytest.mark.parametrize(
    "text", ["plain", "it's", "back\\slash", "tab\tand\nbreak\r", "nul\x00", "back\bspace\f", "\\N", "'; DROP", "é漢🙂"]
)
def test_a_parameter_arrives_as_it_was_given(kept: Kept, text: str) -> None:
    query = LogQuery(clauses=(Clause(field="model", operator="=", values=(text,)),))
    kept.store.record(a_record(project_id="parameters", model=text))
    assert [log.model for log in kept.store.listed("parameters", query)] == [text]


def test_a_text_that_no_store_can_hold_matches_nothing() -> None:
    assert literals({"a": "x\ud800"}) == {"a": "x?"}


def test_an_empty_list_of_alternatives_matches_nothing_and_its_opposite_everything(kept: Kept) -> None:
    none = LogQuery(clauses=(Clause(field="status", operator="=", values=()),))
    all_ = LogQuery(clauses=(Clause(field="status", operator="!=", values=()),))
    assert kept.store.listed("one", none) == []
    assert len(kept.store.listed("one", all_, page=1000)) == len(kept.all["one"])
    assert not any(matches(log, none) for log in kept.all["one"])


def test_equals_uses_the_index_over_tag_pairs() -> None:
    sql, _ = condition("one", LogQuery(clauses=(Clause(field="tag", operator="=", values=("dev",), name="env"),)))
    assert "has(tag_pairs, {q1:String})" in sql
    assert "mapContains" not in sql
