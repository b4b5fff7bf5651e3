"""Random filters of all three languages over random logs, held against a plain walk that knows none of our code.

Our own query language, OpenPipe's filter objects and Bifrost's parameters each have an
oracle here that is written from their descriptions: a predicate over a log as it was
recorded. Every question goes over HTTP to the embedded store.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwright.clock import to_micros
from logwright.logs.record import LogRecord
from logwright.logs.types import Log, LogQuery
from logwright.testing.application import Application, TestProject
from logwright.testing.factories import START, a_completion, a_record

WORDS: Final = ("refund", "REFUND", "efun", "50%", "a_b", "%", "_", "billing", "overloaded", "nowhere", "role", "it's")
TEXTS: Final = ("Where is my refund?", "REFUND over 50% of a_b", "snake a-b", "it's billing", "")
PROVIDERS: Final = ("openai", "own", "OpenAI", "")
MODELS: Final = ("gpt-4o", "gpt-4o-mini", "GPT-4o", "claude", "")
KINDS: Final = ("chat_completion", "responses", "embedding", "messages")
KEYS: Final = ("key_1", "key_2", "")
THREADS: Final = ("", "", "log_0", "chat-1")
LATENCIES: Final = (None, 0.0, 0.25, 0.25, 1.234567, 3.0)
COSTS: Final = (None, 0.0, 0.5, 0.5, 0.000123)
TOKENS: Final = (None, 0, 11, 11, 900)
ERRORS: Final = ("", "", "", "upstream_status", "client_disconnected", "refused")
TAGS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"env": "dev"},
    {"env": "prod", "a.b": "50%"},
    {"env": "Dev", "a-b": "c"},
)


def records(project_id: str) -> Iterator[LogRecord]:
    """Make logs in which every value occurs with every other, many of them equal."""
    chance = random.Random(20261121)  # noqa: S311 - the same logs every time
    for number in range(160):
        text, said = chance.choice(TEXTS), chance.choice(TEXTS)
        error = chance.choice(ERRORS)
        told: dict[Any, float] = {}
        for name, values in (("latency", LATENCIES), ("cost", COSTS), ("total_tokens", TOKENS)):
            if (value := chance.choice(values)) is not None:
                told[name] = value
        yield a_record(
            project_id=project_id,
            requested_at=START + timedelta(seconds=chance.randrange(40), microseconds=chance.choice([0, 0, 500_000])),
            received_at=None,
            first_byte_at=None,
            kind=chance.choice(KINDS),
            stream=chance.random() < 0.4,
            provider=chance.choice(PROVIDERS),
            model=chance.choice(MODELS),
            upstream_model="unpriced",
            key_id=chance.choice(KEYS),
            parent_id=chance.choice(THREADS),
            session_id=chance.choice(THREADS),
            cache=chance.choice(["", "hit", "miss"]),
            status=chance.choice([200, 404, 500, None]) if error else 200,
            error_kind=error,
            error_message="The provider is overloaded, a_b" if error else "",
            tags=dict(chance.choice(TAGS)),
            told=told,
            request=json.dumps({"messages": [{"role": "user", "content": text}]}),
            response=json.dumps({**a_completion(said, number=number % 5), "model": "unpriced", "usage": None}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The logs, and the project that holds them."""

    app: Application
    project: TestProject
    logs: list[Log]

    def ask(self, path: str, params: Mapping[str, Any]) -> Any:
        answer = self.app.call("GET", path, key=self.project.read_key, params=dict(params))
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def kept(application: Application) -> Kept:
    project = application.project()
    store, recorder = application.services.store, application.services.recorder

    async def fill() -> list[Log]:
        for record in records(project.id):
            await recorder.keep(record)
        return [log async for batch in store.iterate(project.id, LogQuery()) for log in batch]

    return Kept(app=application, project=project, logs=application.run(fill()))


Holds = Callable[[Log], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as its language writes it, and what it means."""

    written: Any
    holds: Holds


# ------------------------------------------------------------------ Bifrost


def _listed(name: str, values: tuple[str, ...], of: Callable[[Log], set[str]]) -> st.SearchStrategy[Filter]:
    def make(chosen: list[str], separator: str) -> Filter:
        wanted = {value for value in chosen if value}
        return Filter((name, separator.join(chosen)), lambda log: not wanted or bool(of(log) & wanted))

    items = st.lists(st.sampled_from([*values, "unheard-of"]), min_size=1, max_size=3)
    return st.builds(make, items, st.sampled_from([",", " , ", ",,"]))


def _status(log: Log) -> set[str]:
    return {{"": "success", "client_disconnected": "cancelled"}.get(log.error_kind, "error")}


def _bounded(
    name: str, scale: float, values: tuple[float | None, ...], of: Callable[[Log], float | None]
) -> st.SearchStrategy[Filter]:
    def make(least: bool, bound: float) -> Filter:
        def holds(log: Log) -> bool:
            value = of(log)
            return value is not None and (value >= bound if least else value <= bound)

        # Twelve digits are more than any of the values has, and fewer than binary noise begins at.
        return Filter((f"{'min' if least else 'max'}_{name}", f"{bound * scale:.12g}"), holds)

    return st.builds(make, st.booleans(), st.sampled_from([*(value for value in values if value is not None), -1, 2]))


def _within(least: bool, micros: int) -> Filter:
    moment = START + timedelta(microseconds=micros)
    edge = to_micros(moment)

    def holds(log: Log) -> bool:
        at = to_micros(log.requested_at)
        return at >= edge if least else at <= edge

    return Filter(("start_time" if least else "end_time", moment.isoformat()), holds)


def _content(word: str) -> Filter:
    sought = word.lower()

    def holds(log: Log) -> bool:
        return any(sought in text.lower() for text in (log.request, log.response, log.error_message))

    return Filter(("content_search", word), holds)


def _tag(key: str, value: str) -> Filter:
    return Filter((f"metadata_{key}", value), lambda log: log.tags.get(key) == value)


OBJECTS: Final = tuple(kind + suffix for kind in KINDS for suffix in ("", "_stream"))

BIFROST: Final = st.lists(
    st.one_of(
        _listed("providers", PROVIDERS, lambda log: {log.provider}),
        _listed("models", MODELS, lambda log: {log.model}),
        _listed("status", ("success", "error", "cancelled", "processing"), _status),
        _listed("objects", OBJECTS, lambda log: {log.kind + ("_stream" if log.stream else "")}),
        _listed("selected_key_ids", PROVIDERS, lambda log: {log.provider}),
        _listed("virtual_key_ids", KEYS, lambda log: {log.key_id}),
        _bounded("latency", 1000, LATENCIES, lambda log: log.latency),
        _bounded("tokens", 1, TOKENS, lambda log: log.total_tokens or 0),
        _bounded("cost", 1, COSTS, lambda log: log.cost),
        st.builds(_within, st.booleans(), st.sampled_from([0, 500_000, 1, 10_000_000, 20_500_000, 90_000_000])),
        st.sampled_from(WORDS).map(_content),
        st.builds(_tag, st.sampled_from(["env", "a.b", "a-b"]), st.sampled_from(["dev", "prod", "50%", "c", "Dev"])),
        st.just(Filter(("missing_cost_only", "true"), lambda log: log.cost is None)),
        st.just(Filter(("roots_only", "1"), lambda log: not log.parent_id)),
        st.sampled_from(["log_0", "chat-1"]).map(
            lambda name: Filter(("parent_request_id", name), lambda log: name in {log.parent_id, log.session_id})
        ),
        st.just(Filter(("cache_hit_types", "direct"), lambda log: log.cache == "hit")),
    ),
    max_size=4,
    unique_by=lambda each: each.written[0],
)


@settings(max_examples=120, deadline=None)
@given(filters=BIFROST)
def test_bifrosts_parameters_find_what_they_describe(kept: Kept, filters: list[Filter]) -> None:
    expected = [log for log in kept.logs if all(each.holds(log) for each in filters)]

    found = kept.ask("/api/logs", {**dict(each.written for each in filters), "limit": 1000})

    assert [log["id"] for log in found["logs"]] == [log.id for log in expected]
    stats = found["stats"]
    succeeded = sum(1 for log in expected if not log.error_kind)
    latencies = [log.latency for log in expected if log.latency is not None]
    assert stats["total_requests"] == found["pagination"]["total_count"] == len(expected)
    assert stats["success_rate"] == pytest.approx(100 * succeeded / len(expected) if expected else 0)
    assert stats["average_latency"] == pytest.approx(1000 * sum(latencies) / len(latencies) if latencies else 0)
    assert stats["total_tokens"] == sum(log.total_tokens or 0 for log in expected)
    assert stats["total_cost"] == pytest.approx(sum(log.cost or 0 for log in expected))


@settings(max_examples=40, deadline=None)
@given(
    filters=BIFROST,
    sort_by=st.sampled_from(["timestamp", "latency", "tokens", "cost"]),
    order=st.sampled_from(["asc", "desc"]),
    limit=st.sampled_from([7, 40, 160]),
)
def test_pages_by_offset_hold_every_match_once_in_order(
    kept: Kept, filters: list[Filter], sort_by: str, order: str, limit: int
) -> None:
    """Logs that lack the value come last either way, and equal ones follow their ids."""
    values: dict[str, Callable[[Log], Any]] = {
        "timestamp": lambda log: log.requested_at,
        "latency": lambda log: log.latency,
        "tokens": lambda log: log.total_tokens,
        "cost": lambda log: log.cost,
    }
    of, descending = values[sort_by], order == "desc"
    matching = sorted((log for log in kept.logs if all(each.holds(log) for each in filters)), key=lambda log: log.id)
    known = sorted((log for log in matching if of(log) is not None), key=lambda log: (of(log), log.id))
    lacking = [log for log in matching if of(log) is None]
    expected = [log.id for part in (known, lacking) for log in (reversed(part) if descending else part)]

    walked: list[str] = []
    asked = {**dict(each.written for each in filters), "sort_by": sort_by, "order": order, "limit": limit}
    while page := kept.ask("/api/logs", {**asked, "offset": len(walked)})["logs"]:
        walked += [log["id"] for log in page]

    assert walked == expected


# ------------------------------------------------------------------ OpenPipe


def _compared(comparator: str, of: Callable[[Log], str | None], value: str) -> Holds:
    """Compare as OpenPipe's log page does: as text, letter by letter; the negative ones hold without a value."""
    match comparator:
        case "=":
            return lambda log: of(log) == value
        case "!=":
            return lambda log: of(log) != value
        case "CONTAINS":
            return lambda log: value in (of(log) or "") and of(log) is not None
        case _:
            return lambda log: value not in (of(log) or "") or of(log) is None


def _openpipe(field: str, values: tuple[str, ...], of: Callable[[Log], str | None]) -> st.SearchStrategy[Filter]:
    def make(comparator: str, value: str) -> Filter:
        return Filter({"field": field, "comparator": comparator, "value": value}, _compared(comparator, of, value))

    return st.builds(make, st.sampled_from(["=", "!=", "CONTAINS", "NOT_CONTAINS"]), st.sampled_from(values))


OPENPIPE: Final = st.lists(
    st.one_of(
        _openpipe("model", ("gpt-4o", "gpt", "GPT", "-4o-"), lambda log: log.model),
        _openpipe("request", WORDS, lambda log: log.request),
        _openpipe("response", WORDS, lambda log: log.response),
        _openpipe("completionId", ("chatcmpl-1", "chatcmpl", "x"), lambda log: log.completion_id),
        _openpipe("statusCode", ("200", "4", "0", "500"), lambda log: None if log.status is None else str(log.status)),
        _openpipe("metadata.env", ("dev", "Dev", "e", "prod"), lambda log: log.tags.get("env")),
        _openpipe("tags.a.b", ("50%", "%", "5"), lambda log: log.tags.get("a.b")),
    ),
    max_size=3,
)


@settings(max_examples=100, deadline=None)
@given(filters=OPENPIPE)
def test_openpipes_filters_find_what_they_describe(kept: Kept, filters: list[Filter]) -> None:
    expected = [log.id for log in kept.logs if all(each.holds(log) for each in filters)]

    asked = {"filters": json.dumps([each.written for each in filters]), "limit": 1000}
    assert [log["id"] for log in kept.ask("/api/manage/logs", asked)["data"]] == expected


# ------------------------------------------------------------------ our own


def _ours(written: str, holds: Holds) -> st.SearchStrategy[Filter]:
    """Write a condition, or its opposite, which also holds where there is no value."""
    return st.sampled_from([Filter(written, holds), Filter(f"-{written}", lambda log: not holds(log))])


def _word(word: str) -> st.SearchStrategy[Filter]:
    sought = word.lower()
    return _ours(f'"{word}"', lambda log: sought in log.request.lower() or sought in log.response.lower())


OURS: Final = st.lists(
    st.one_of(
        *(_word(word) for word in WORDS),
        _ours("model:gpt-4o", lambda log: log.model == "gpt-4o"),
        _ours("model:gpt*", lambda log: log.model.startswith("gpt")),
        _ours("model:~GPT", lambda log: "gpt" in log.model.lower()),
        _ours("model:(claude,own)", lambda log: log.model in {"claude", "own"}),
        _ours("object:messages_stream", lambda log: log.kind == "messages" and log.stream),
        _ours("thread:log_0", lambda log: "log_0" in {log.parent_id, log.session_id}),
        _ours("has:thread", lambda log: bool(log.parent_id or log.session_id)),
        _ours("status:>=400", lambda log: log.status is not None and log.status >= 400),
        _ours("has:error", lambda log: bool(log.error_kind)),
        _ours("latency:>250ms", lambda log: log.latency is not None and log.latency > 0.25),
        _ours("latency:0.25..3", lambda log: log.latency is not None and 0.25 <= log.latency <= 3),
        _ours("cost:<=0.5", lambda log: log.cost is not None and log.cost <= 0.5),
        _ours("has:cost", lambda log: log.cost is not None),
        _ours("tokens:11", lambda log: log.total_tokens == 11),
        _ours("tag.env:dev", lambda log: log.tags.get("env") == "dev"),
        _ours("has:tag.a-b", lambda log: "a-b" in log.tags),
        _ours("is:stream", lambda log: log.stream),
        _ours("cache:hit", lambda log: log.cache == "hit"),
        _ours("content:overloaded", lambda log: "overloaded" in log.error_message),
        _ours("time:>2026-01-01T12:00:10Z", lambda log: log.requested_at > START + timedelta(seconds=10)),
    ),
    max_size=4,
)


@settings(max_examples=120, deadline=None)
@given(filters=OURS)
def test_our_queries_find_what_they_describe(kept: Kept, filters: list[Filter]) -> None:
    expected = [log.id for log in kept.logs if all(each.holds(log) for each in filters)]

    asked = {"q": " ".join(each.written for each in filters), "limit": 1000}
    assert [log["id"] for log in kept.ask("/api/manage/logs", asked)["data"]] == expected


@settings(max_examples=60, deadline=None)
@given(ours=OURS, openpipe=OPENPIPE)
def test_two_languages_in_one_question_must_both_hold(kept: Kept, ours: list[Filter], openpipe: list[Filter]) -> None:
    expected = [log.id for log in kept.logs if all(each.holds(log) for each in (*ours, *openpipe))]

    q, filters = " ".join(each.written for each in ours), json.dumps([each.written for each in openpipe])
    found = kept.ask("/api/manage/logs", {"q": q, "filters": filters, "limit": 1000})["data"]
    assert [log["id"] for log in found] == expected


def test_the_random_logs_are_of_every_sort(kept: Kept) -> None:
    assert len(kept.logs) == 160
    assert {log.latency for log in kept.logs} == set(LATENCIES)
    assert {log.cost for log in kept.logs} == set(COSTS)
    assert {log.total_tokens for log in kept.logs} == set(TOKENS)
    assert {log.error_kind for log in kept.logs} == set(ERRORS)
