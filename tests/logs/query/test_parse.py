"""The language says what its users mean, and says what is wrong where it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.clock import to_micros
from logwright.errors import InvalidRequest
from logwright.logs.query.parse import opposite, parse
from logwright.logs.types import Clause, LogQuery

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(text: str) -> int:
    return to_micros(datetime.fromisoformat(text))


def clauses(text: str) -> tuple[Clause, ...]:
    return parse(text, NOW).clauses


def only(text: str) -> Clause:
    (clause,) = clauses(text)
    return clause


def test_the_example_of_the_guide_means_its_eight_conditions() -> None:
    text = 'model:gpt-4o* status:>=400 tag.prompt_id=triage -tag.env:dev latency:>2s cost:>=0.01 has:error "refund"'
    assert clauses(text) == (
        Clause(field="model", operator="=", values=("gpt-4o*",), wildcard=True),
        Clause(field="status", operator=">=", values=(400,)),
        Clause(field="tag", operator="=", values=("triage",), name="prompt_id"),
        Clause(field="tag", operator="!=", values=("dev",), name="env"),
        Clause(field="latency", operator=">", values=(2,)),
        Clause(field="cost", operator=">=", values=(0.01,)),
        Clause(field="error", operator="exists"),
        Clause(field="body", operator="~", values=("refund",)),
    )


def test_no_text_means_all_logs() -> None:
    assert parse("  ", NOW) == LogQuery()


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("model:(a, 'b',\"c d\")", Clause(field="model", operator="=", values=("a", "'b'", "c d"))),
        ('model:("a*b",c*)', Clause(field="model", operator="=", values=("a\\*b", "c*"), wildcard=True)),
        ("model:*", Clause(field="model", operator="exists")),
        ('model:"*"', Clause(field="model", operator="=", values=("*",))),
        ("model:a\\*b", Clause(field="model", operator="=", values=("a*b",))),
        ("model:~mini", Clause(field="model", operator="~", values=("mini",))),
        ("model!=a", Clause(field="model", operator="!=", values=("a",))),
        ("-model!=a", Clause(field="model", operator="=", values=("a",))),
        ('model:""', Clause(field="model", operator="=", values=("",))),
        ("request:hello", Clause(field="request", operator="~", values=("hello",))),
        ("request:=hello", Clause(field="request", operator="=", values=("hello",))),
        ("response:~~Hello", Clause(field="response", operator="~", values=("Hello",), exact_case=True)),
        ("-hello", Clause(field="body", operator="!~", values=("hello",))),
        ("ref*nd", Clause(field="body", operator="~", values=("ref*nd",), wildcard=True)),
        ('"50% *_"', Clause(field="body", operator="~", values=("50% *_",))),
        ('"say \\"hi\\""', Clause(field="body", operator="~", values=('say "hi"',))),
        ("5-3", Clause(field="body", operator="~", values=("5-3",))),
        ("model:a:b", Clause(field="model", operator="=", values=("a:b",))),
        ("status:400..499", Clause(field="status", operator="..", values=(400, 499))),
        ("-status:400..499", Clause(field="status", operator="..", values=(400, 499), negated=True)),
        ("-latency:>2s", Clause(field="latency", operator=">", values=(2,), negated=True)),
        ("status:(200,429)", Clause(field="status", operator="=", values=(200, 429))),
        ("status>=400", Clause(field="status", operator=">=", values=(400,))),
        ("status:..299", Clause(field="status", operator="<=", values=(299,))),
        ("ttft:<300ms", Clause(field="ttft", operator="<", values=(0.3,))),
        ("latency:1m..2m", Clause(field="latency", operator="..", values=(60, 120))),
        ("cost:$0.5", Clause(field="cost", operator="=", values=(0.5,))),
        ("tokens:>10k", Clause(field="tokens", operator=">", values=(10_000,))),
        ("cost:*", Clause(field="cost", operator="exists")),
        ("stream:yes", Clause(field="stream", operator="=", values=(True,))),
        ("is:stream", Clause(field="stream", operator="=", values=(True,))),
        ("-is:stream", Clause(field="stream", operator="!=", values=(True,))),
        ("is:success", Clause(field="error", operator="missing")),
        ("has:tag.x", Clause(field="tag", operator="exists", name="x")),
        ("-has:cost", Clause(field="cost", operator="missing")),
        ("has:tags", Clause(field="tag", operator="exists")),
        ("has:audio", Clause(field="request", operator="~", values=('"input_audio"',), exact_case=True)),
        ("tag.$sdk.version:5.0.0", Clause(field="tag", operator="=", values=("5.0.0",), name="$sdk.version")),
        ('tag."my tag":x', Clause(field="tag", operator="=", values=("x",), name="my tag")),
        ("metadata.env:dev", Clause(field="tag", operator="=", values=("dev",), name="env")),
        ("tags.env~de", Clause(field="tag", operator="~", values=("de",), name="env")),
        ("tag.n:10", Clause(field="tag", operator="=", values=("10",), name="n")),
        ("kind:(messages,embedding)", Clause(field="kind", operator="=", values=("messages", "embedding"))),
    ],
)
def test_a_condition_means(text: str, clause: Clause) -> None:
    assert only(text) == clause


@pytest.mark.parametrize(
    ("text", "operator", "values"),
    [
        ("time:>2026-01-01T00:00Z", ">", ["2026-01-01T00:00:00+00:00"]),
        ("time:<=2026-01-01T10:30", "<=", ["2026-01-01T10:30:00+00:00"]),
        ("time:>2026-01-01", ">", ["2026-01-01T23:59:59.999999+00:00"]),
        ("time:>=2026-01-01", ">=", ["2026-01-01T00:00:00+00:00"]),
        ("time:2026-01-31", "..", ["2026-01-31T00:00:00+00:00", "2026-01-31T23:59:59.999999+00:00"]),
        ("time:2026-02", "..", ["2026-02-01T00:00:00+00:00", "2026-02-28T23:59:59.999999+00:00"]),
        ("time:2026-01-01..2026-01-02", "..", ["2026-01-01T00:00:00+00:00", "2026-01-02T23:59:59.999999+00:00"]),
        ("time:2026-01-01T10:00..2026-01-01T11:00", "..", ["2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00+00:00"]),
        ("time:>2026-01-01T00:00+02:00", ">", ["2025-12-31T22:00:00+00:00"]),
        ('time:>"2026-01-01 08:00"', ">", ["2026-01-01T08:00:00+00:00"]),
        ("since:24h", ">=", ["2026-11-20T12:00:00+00:00"]),
        ("since:2026-01-31", ">=", ["2026-01-31T00:00:00+00:00"]),
        ("until:2026-01-31", "<=", ["2026-01-31T23:59:59.999999+00:00"]),
        ("until:1h", "<=", ["2026-11-21T11:00:00+00:00"]),
        ("last:7d", ">=", ["2026-11-14T12:00:00+00:00"]),
        ("since:today", ">=", ["2026-11-21T00:00:00+00:00"]),
        ("time:yesterday", "..", ["2026-11-20T00:00:00+00:00", "2026-11-20T23:59:59.999999+00:00"]),
        ("until:now", "<=", ["2026-11-21T12:00:00+00:00"]),
    ],
)
def test_a_time_means(text: str, operator: str, values: list[str]) -> None:
    clause = only(text)
    assert (clause.field, clause.operator) == ("time", operator)
    assert clause.values == tuple(map(at, values))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("modle:gpt-4o", ["no field modle", "did you mean model?", "character 1 "]),
        ("status:200 Latency:>2", ["no field Latency", "did you mean latency?", "character 12 "]),
        ("completionID:x", ["did you mean completionId?"]),
        ("qqqq:x", ["no field qqqq", "put it in quotes"]),
        ("status:abc", ["status needs a number, not 'abc'", "character 8 "]),
        ("latency:>2x", ["latency needs a duration", "'2x'"]),
        ("cost:cheap", ["cost needs an amount"]),
        ("stream:maybe", ["stream needs true or false"]),
        ("stream:>true", ["cannot be compared by >"]),
        ("model:>3", ["model is text and cannot be compared by >"]),
        ("tag.env:<3", ["tag.env is text"]),
        ("status:~4", ["status is no text"]),
        ("status:>(1,2)", ["with one value, not with a list"]),
        ("kind:chat", ["kind is never 'chat'"]),
        ("error:upstream_timeot", ["did you mean upstream_timeout?"]),
        ("time:>soon", ["time needs a moment", "'soon'"]),
        ("time:>2026-02-30", ["time needs a moment"]),
        ("time:(2026-01-01,2026-01-02)", ["one moment or a range"]),
        ("since:2026-13-01", ["since needs a time"]),
        ("last:2026-01-01", ["last needs a time such as 7d"]),
        ("last:>7d", ["last takes one moment"]),
        ("time:..", ["needs a range"]),
        ("has:modle", ["has:modle is unknown", "did you mean model?"]),
        ("has:>error", ["has takes one name"]),
        ("is:streem", ["is:streem is unknown", "did you mean stream?"]),
        ("tag:x", ["tag needs the tag's name"]),
        ("tag.:x", ["A tag needs its name"]),
        ("tag.env", ["tag.env needs a value", "has:tag.env"]),
        ("model:", ["model needs a value"]),
        ("model: gpt", ["model needs a value"]),
        ("model:(a", ["no closing parenthesis"]),
        ("model:(a,,b)", ["an empty place"]),
        ('model:("a" "b")', ["needs a comma"]),
        ("a " * 101, ["at most 100 conditions", "character 201 "]),
        (f"model:({','.join(['a'] * 1001)})", ["at most 1000 values"]),
        ('"refund', ["does not end", "character 1 "]),
        ("a OR b", ["OR is not part of the language", 'write "OR"']),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, words: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(text, NOW)
    for word in words:
        assert word in refused.value.message


def reads(text: str) -> InvalidRequest | None:
    """Parse a text; return the refusal if it is no query."""
    try:
        parse(text, NOW)
    except InvalidRequest as refused:
        return refused
    return None


@given(st.text())
def test_any_text_is_a_query_or_a_refusal_with_its_place(text: str) -> None:
    refused = reads(text)
    assert refused is None or "of the query)" in refused.message


@given(st.text(alphabet='modelstag.has:=<>~!()",*-\\ 0123456789', max_size=30))
def test_near_queries_are_queries_or_refusals(text: str) -> None:
    refused = reads(text)
    assert refused is None or refused.param == "q"


def test_relative_times_count_from_the_given_now() -> None:
    (earlier,) = parse("last:1h", NOW).clauses
    (later,) = parse("last:1h", NOW + timedelta(hours=1)).clauses
    assert float(later.values[0]) - float(earlier.values[0]) == 3_600_000_000


@given(data=st.data())
def test_the_opposite_of_the_opposite_is_the_clause(queries: st.SearchStrategy[LogQuery], data: st.DataObject) -> None:
    for clause in data.draw(queries).clauses:
        assert opposite(opposite(clause)) == clause
