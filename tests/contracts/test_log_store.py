"""Every log store answers as a plain walk over all logs would: filters, order, pages, figures, changes.

The oracle keeps the rows that `normalise` makes and filters them with `matches`;
it knows neither SQL nor indexes. The same random logs are asked about before and
after the engine has merged everything and built its indexes.
"""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from logwright.clock import from_micros, to_micros
from logwright.errors import InvalidRequest
from logwright.ids import fixed_id
from logwright.logs.matching import matches
from logwright.logs.normalise import normalise
from logwright.logs.query.parse import parse
from logwright.logs.record import LogRecord
from logwright.logs.row import LogRow
from logwright.logs.types import Clause, Direction, Log, LogQuery, LogSummary, Order, SortKey
from logwright.models.prices import Pricer
from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.store import RunningStore, a_record

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
PROJECTS: Final = ("one", "two")
TEXTS: Final = (
    "Where is my refund, please?",
    "REFUND refused: it's over 50%",
    'snake_case and C:\\path\\to and a "quote"',
    "naïve café ÜBER straße 漢字 🙂 tail",
    "tab\tnewline\nand null \x00 byte",
    "{'json': \"inside\"} \\n not a newline",
    "re\u0301fund with a combining accent",
    "Reshipping unhelpfulness antidisestablishmentarianism",
    "",
)
TAGS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"env": "dev"},
    {"env": "prod", "prompt_id": "triage"},
    {"env": "Prod", "user": 'it\'s \\ "me"\n'},
    {"a=b": "c", "a": "b=c"},
    {"naïve": "漢字", "empty": ""},
    {"n": "10", "prompt_id": "triage-2"},
)

QUERIES: Final = (
    "",
    "refund",
    "REFUND",
    "efun",
    "fund",
    '"it\'s over 50%"',
    "50%",
    "snake_case",
    "snake?case",
    r'"C:\\path"',
    "漢字",
    "über",
    "café",
    "response:hi",
    "-response:hi",
    "request:antidisestablish",
    "-refund",
    "model:gpt-4o",
    "model:gpt-4o*",
    "model:gpt*mini",
    "-model:gpt-4o",
    "model:nothing-like-it",
    "status:200",
    "status:>=400",
    "-status:200",
    "has:error",
    "-has:error",
    "error:upstream_status",
    "latency:>1s",
    "latency:<=250ms",
    "has:latency",
    "-has:latency",
    "cost:>0",
    "-has:cost",
    "tokens:>10",
    "tokens:<=11",
    "is:stream",
    "-is:stream",
    "source:report",
    "provider:openai",
    "tag.env:dev",
    "-tag.env:dev",
    "tag.env:pro*",
    "tag.prompt_id=triage",
    "has:tag.prompt_id",
    "-has:tag.prompt_id",
    "has:tag",
    'tag."a=b":c',
    "tag.a:b*",
    "tag.naïve:漢字",
    "time:>2026-11-01T00:00Z",
    "time:<2026-10-01T00:00Z",
    "time:7d",
    "model:gpt-4o* status:200 refund tag.env:prod",
    "tag.env:dev has:error",
    "latency:>1s -tag.env:dev tokens:>5",
)


def records(seed: int, count: int) -> list[LogRecord]:
    """Make logs of every shape: several months, missing values, odd texts, equal times."""
    chance = random.Random(seed)  # noqa: S311  the same logs every time
    made = []
    for number in range(count):
        at = to_micros(NOW) - chance.choice([0, 1, 1000, chance.randrange(86_400_000_000), chance.randrange(10**13)])
        request: dict[str, Any] = {
            "model": "gpt-4o",
            "messages": [{"role": "user", "content": chance.choice(TEXTS) + f" number {chance.randrange(50)}"}],
        }
        took = chance.choice([None, 0, 250_000, 250_000, chance.randrange(5_000_000)])
        answered = took is not None and chance.random() < 0.8
        response: dict[str, Any] = {
            "id": f"chatcmpl-{number}",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": chance.choice(["hi", *TEXTS])}}],
        }
        if chance.random() < 0.8:
            spent, said = chance.randrange(20), chance.randrange(5)
            response["usage"] = {"prompt_tokens": spent, "completion_tokens": said, "total_tokens": spent + said}
        failed = answered and chance.random() < 0.2
        made.append(
            a_record(
                id=chance.choice([fixed_id("log", at, number.to_bytes(10)), f"imported-{number}"]),
                project_id=chance.choice(PROJECTS),
                requested_at=at,
                received_at=None if took is None else at + took,
                first_byte_at=None if took is None or chance.random() < 0.5 else at + took // 2,
                source=chance.choice(["gateway", "gateway", "report", "import"]),
                model=chance.choice(["gpt-4o", "gpt-4o-mini", "claude-4", "own:model*1", ""]),
                provider=chance.choice(["openai", "own", ""]),
                status=(chance.choice([400, 429, 500]) if failed else 200) if answered else None,
                error_kind="upstream_status" if failed else "" if answered else chance.choice(["", "upstream_timeout"]),
                error_message="it's broken" if failed else "",
                stream=chance.random() < 0.3,
                request=b"" if chance.random() < 0.05 else msgspec.json.encode(request),
                response=msgspec.json.encode(response) if answered else b"",
                response_form="json" if answered else "none",
                tags=dict(chance.choice(TAGS)),
                cache=chance.choice(["", "", "hit", "miss"]),
            )
        )
    return made


class Oracle:
    """All logs in a list."""

    def __init__(self, recorded: list[LogRecord]) -> None:
        pricer = Pricer()
        self.rows = [normalise(record, pricer) for record in recorded]

    def found(self, project_id: str, query: LogQuery) -> list[LogRow]:
        return [row for row in self.rows if row.project_id == project_id and matches(row, query)]

    def sorted(self, project_id: str, query: LogQuery, order: Order) -> list[str]:
        value: Callable[[LogRow], Any] = {
            "time": lambda row: row.requested_at,
            "latency": lambda row: row.latency,
            "tokens": lambda row: row.total_tokens,
            "cost": lambda row: row.cost,
        }[order.key]
        rows = self.found(project_id, query)
        known = sorted(
            (row for row in rows if value(row) is not None),
            key=lambda row: (value(row), row.id.encode()),
            reverse=order.direction == "desc",
        )
        unknown = sorted(
            (row for row in rows if value(row) is None),
            key=lambda row: row.id.encode(),
            reverse=order.direction == "desc",
        )
        return [row.id for row in [*known, *unknown]]

    def set_tags(self, project_id: str, query: LogQuery, tags: Mapping[str, str | None]) -> int:
        meant = self.found(project_id, query)
        for row in meant:
            merged = {**row.tags, **tags}
            row.tags = {name: value for name, value in merged.items() if value is not None}
        return len(meant)

    def delete(self, project_id: str, query: LogQuery) -> int:
        meant = self.found(project_id, query)
        gone = {id(row) for row in meant}
        self.rows = [row for row in self.rows if id(row) not in gone]
        return len(meant)


class Both:
    """A store and the oracle of what is in it."""

    def __init__(self, store: RunningStore, recorded: list[LogRecord]) -> None:
        self.store = store
        self.oracle = Oracle(recorded)

    def merge(self) -> None:
        """Let the engine merge everything and build the indexes that inserts leave out."""
        self.store.stop()
        program = (
            "import sys; from pathlib import Path;"
            "from logwright.logs.store.address import parse_address;"
            "from logwright.logs.store.clickhouse import ClickHouseEngine;"
            "from logwright.logs.store.embedded import EmbeddedEngine;"
            "where = sys.argv[1];"
            "engine = ClickHouseEngine(parse_address(where), machine='') if '://' in where"
            " else EmbeddedEngine(Path(where), sessions=1);"
            "engine.query('OPTIMIZE TABLE logs FINAL'); engine.close()"
        )
        where = self.store.url or str(self.store.data / "store" / "engine")
        subprocess.run([sys.executable, "-c", program, where], check=True)
        self.store.start()


_DATABASES: Final = itertools.count(1)

Opener = Callable[[Path], RunningStore]
"""Makes a store of one kind in a folder."""


@pytest.fixture(scope="module", params=["embedded", "clickhouse"])
def opener(request: pytest.FixtureRequest) -> Opener:
    """Return how to make a store, once of each kind; the server's have a database each."""
    if request.param == "embedded":
        return RunningStore
    server: ClickHouseServer = request.getfixturevalue("clickhouse")
    return lambda data: RunningStore(data, url=server.url(f"contract_{next(_DATABASES)}"))


@pytest.fixture(scope="module", params=["fresh", "merged"])
def both(request: pytest.FixtureRequest, opener: Opener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Return a store of 400 logs that came in several batches, once as inserted and once merged."""
    with opener(tmp_path_factory.mktemp("contract") / "data") as store:
        recorded = records(seed=7, count=400)
        for start in range(0, 400, 80):
            store.record(*recorded[start : start + 80], producer=f"w{start % 3}")
            store.ask(store.logs.search("one", LogQuery(), order=Order(), after=None, limit=1))
        pair = Both(store, recorded)
        if request.param == "merged":
            pair.merge()
        yield pair


def agrees(store: RunningStore, oracle: Oracle, query: LogQuery) -> None:
    for project in PROJECTS:
        expected = oracle.found(project, query)
        assert {log.id for log in store.listed(project, query)} == {row.id for row in expected}
        assert store.ask(store.logs.stats(project, query)).count == len(expected)


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_finds_what_a_plain_walk_finds(both: Both, text: str) -> None:
    agrees(both.store, both.oracle, parse(text, NOW))


@pytest.mark.parametrize("word", TEXTS)
@pytest.mark.parametrize("exact", [True, False])
def test_a_body_search_finds_any_text_literally(both: Both, word: str, exact: bool) -> None:
    for operator in ("~", "!~"):
        clause = Clause(field="request", operator=operator, values=(word,), exact_case=exact)
        agrees(both.store, both.oracle, LogQuery(clauses=(clause,)))


@pytest.mark.parametrize("value", ["pro", "PRO", "a", "漢", "%", "nowhere"])
@pytest.mark.parametrize("operator", ["~", "!~"])
def test_a_text_is_looked_for_in_the_values_of_all_tags(both: Both, value: str, operator: Any) -> None:
    clause = Clause(field="tag", operator=operator, values=(value,))
    agrees(both.store, both.oracle, LogQuery(clauses=(clause,)))


@pytest.mark.parametrize("value", ["dev", 'it\'s \\ "me"\n', "b=c", "漢字", "", "PROD", "%", "_"])
@pytest.mark.parametrize("operator", ["=", "!=", "~", "!~"])
def test_a_tag_search_finds_any_value_literally(both: Both, value: str, operator: Any) -> None:
    for name in ("env", "user", "a", "a=b", "empty", "naïve", "nowhere"):
        clause = Clause(field="tag", name=name, operator=operator, values=(value,))
        agrees(both.store, both.oracle, LogQuery(clauses=(clause,)))


@pytest.mark.parametrize("key", ["time", "latency", "tokens", "cost"])
@pytest.mark.parametrize("direction", ["desc", "asc"])
@pytest.mark.parametrize("page", [1, 7, 1000])
def test_pages_follow_the_order_and_miss_nothing(both: Both, key: SortKey, direction: Direction, page: int) -> None:
    """Values that are missing come last either way, and equal ones are ordered by id."""
    order = Order(key=key, direction=direction)
    query = parse("tag.env:prod" if page == 1 else "-model:claude-4", NOW)
    listed = [log.id for log in both.store.listed("one", query, order=order, page=page)]
    assert listed == both.oracle.sorted("one", query, order)


@pytest.mark.parametrize("key", ["time", "latency", "tokens", "cost"])
@pytest.mark.parametrize("direction", ["desc", "asc"])
def test_an_offset_leaves_out_the_first_of_the_order(both: Both, key: SortKey, direction: Direction) -> None:
    order = Order(key=key, direction=direction)
    expected = both.oracle.sorted("one", LogQuery(), order)
    listed: list[str] = []
    while True:
        page = both.store.ask(
            both.store.logs.search("one", LogQuery(), order=order, after=None, limit=37, offset=len(listed))
        )
        listed += [log.id for log in page.items]
        if page.next is None:
            break
    assert listed == expected
    beyond = both.store.logs.search("one", LogQuery(), order=order, after=None, limit=37, offset=len(expected))
    assert both.store.ask(beyond).items == []


def test_a_page_is_had_whole_in_one_question(both: Both) -> None:
    logs = both.store.logs
    page = both.store.ask(logs.search("one", LogQuery(), order=Order(key="cost"), after=None, limit=50)).items
    known = {log.id: log for log in both.store.all("one")}
    whole = both.store.ask(logs.whole("one", page, most_bytes=1 << 20))
    assert [log.id for log in whole] == sorted((log.id for log in page), key=list(known).index)
    assert all(log == known[log.id] for log in whole)
    assert both.store.ask(logs.whole("two", page, most_bytes=1 << 20)) == []
    assert list(both.store.ask(logs.whole("one", (), most_bytes=1 << 20))) == []


def test_a_page_that_is_too_large_keeps_its_newest_logs(opener: Opener, tmp_path: Path) -> None:
    at = to_micros(NOW)
    body = b'"' + b"a" * 1_500_000 + b'"'
    with opener(tmp_path / "data") as store:
        store.record(*[a_record(requested_at=at + number, request=body) for number in range(20)])
        page = store.listed("project")
        whole = store.ask(store.logs.whole("project", page, most_bytes=6_000_000))
        assert 3 < len(whole) < 10
        assert [log.id for log in whole] == [log.id for log in page[: len(whole)]]
        assert all(len(log.request) == len(body) for log in whole)


def test_a_page_in_one_order_does_not_continue_in_another(both: Both) -> None:
    logs = both.store.logs
    page = both.store.ask(logs.search("one", LogQuery(), order=Order(), after=None, limit=2))
    for after, order in ((page.next, Order(key="cost")), ("nonsense", Order()), ("", Order()), ("é", Order())):
        with pytest.raises(InvalidRequest, match="after"):
            both.store.ask(logs.search("one", LogQuery(), order=order, after=after, limit=2))


def test_a_log_comes_back_as_it_was_recorded(both: Both) -> None:
    for row in both.oracle.rows[:60]:
        log = both.store.ask(both.store.logs.get(row.project_id, row.id))
        assert log is not None
        for field in fields(Log):
            expected = getattr(row, field.name)
            if field.name in {"requested_at", "received_at"} and expected is not None:
                expected = from_micros(expected)
            assert getattr(log, field.name) == expected, field.name


def test_a_foreign_log_is_as_unknown_as_one_that_never_was(both: Both) -> None:
    row = both.oracle.rows[0]
    other = next(project for project in PROJECTS if project != row.project_id)
    for project, log_id in ((other, row.id), (row.project_id, "log_none"), ("", row.id), (row.project_id, "'; --")):
        assert both.store.ask(both.store.logs.get(project, log_id)) is None


def test_everything_is_walked_newest_first_and_whole(both: Both) -> None:
    query = parse("refund", NOW)
    walked = both.store.all("one", query)
    assert [log.id for log in walked] == both.oracle.sorted("one", query, Order())
    bodies = {row.id: (row.request, row.response) for row in both.oracle.rows}
    assert all((log.request, log.response) == bodies[log.id] for log in walked)


def test_a_summary_in_a_list_says_what_the_log_says(both: Both) -> None:
    listed = both.store.listed("two")
    whole = {log.id: log for log in both.store.all("two")}
    for summary in listed:
        for field in fields(LogSummary):
            assert getattr(summary, field.name) == getattr(whole[summary.id], field.name)


@pytest.mark.parametrize("text", ["", "refund", "has:error", "tag.env:dev", "model:none"])
def test_statistics_are_those_of_the_matches(both: Both, text: str) -> None:
    query = parse(text, NOW)
    rows = both.oracle.found("one", query)
    stats = both.store.ask(both.store.logs.stats("one", query))
    latencies = sorted(row.latency for row in rows if row.latency is not None)
    assert stats.count == len(rows)
    assert stats.failed == sum(1 for row in rows if row.error_kind)
    assert stats.succeeded == stats.count - stats.failed
    assert stats.input_tokens == sum(row.input_tokens or 0 for row in rows)
    assert stats.total_tokens == sum(row.total_tokens or 0 for row in rows)
    assert stats.cost == pytest.approx(sum(row.cost or 0 for row in rows))
    assert stats.without_cost == sum(1 for row in rows if row.cost is None)
    assert stats.latency_p50 == (pytest.approx(quantile(latencies, 0.5)) if latencies else None)
    assert stats.latency_p95 == (pytest.approx(quantile(latencies, 0.95)) if latencies else None)
    assert stats.average_latency == (pytest.approx(sum(latencies) / len(latencies)) if latencies else None)


@pytest.mark.parametrize("group", [None, "model", "status", "stream", "tag.env"])
def test_a_histogram_counts_every_match_in_its_interval(both: Both, group: str | None) -> None:
    query = parse("-has:error", NOW)
    expected: dict[tuple[datetime, str], int] = defaultdict(int)
    for row in both.oracle.found("one", query):
        start = from_micros(row.requested_at // 3_600_000_000 * 3_600_000_000)
        for value in values_of(row, group) if group else [""]:
            expected[start, value] += 1
    bars = both.store.ask(both.store.logs.histogram("one", query, seconds=3600, group=group))
    assert {(bar.start, bar.group): bar.count for bar in bars} == expected
    assert all((left.start, left.group) < (right.start, right.group) for left, right in pairwise(bars))


def test_the_bars_of_a_histogram_have_the_figures_of_their_logs(both: Both) -> None:
    rows: dict[datetime, list[LogRow]] = defaultdict(list)
    for row in both.oracle.found("one", LogQuery()):
        rows[from_micros(row.requested_at // 86_400_000_000 * 86_400_000_000)].append(row)
    for bar in both.store.ask(both.store.logs.histogram("one", LogQuery(), seconds=86_400, group=None)):
        inside = rows.pop(bar.start)
        latencies = sorted(row.latency for row in inside if row.latency is not None)
        assert bar.failed == sum(1 for row in inside if row.error_kind)
        assert bar.cost == pytest.approx(sum(row.cost or 0 for row in inside))
        for name in ("input_tokens", "output_tokens", "cached_tokens", "total_tokens"):
            assert getattr(bar, name) == sum(getattr(row, name) or 0 for row in inside)
        found = (bar.average_latency, bar.latency_p50, bar.latency_p90, bar.latency_p95, bar.latency_p99)
        if latencies:
            mean = sum(latencies) / len(latencies)
            assert found == pytest.approx((mean, *(quantile(latencies, level) for level in (0.5, 0.9, 0.95, 0.99))))
        else:
            assert found == (None,) * 5
    assert not rows


@pytest.mark.parametrize("text", ["cost:>=0", "tokens:>5", "input_tokens:>5", "output_tokens:<4", "latency:>=0"])
def test_figures_of_what_they_are_asked_about_are_right(both: Both, text: str) -> None:
    """A sum bears the name of its column, which the condition means."""
    query = parse(text, NOW)
    rows = both.oracle.found("one", query)
    logs = both.store.logs
    assert both.store.ask(logs.stats("one", query)).total_tokens == sum(row.total_tokens or 0 for row in rows)
    bars = both.store.ask(logs.histogram("one", query, seconds=86_400, group="model"))
    assert sum(bar.count for bar in bars) == sum(1 for row in rows if row.model)
    assert sum(bar.total_tokens for bar in bars) == sum(row.total_tokens or 0 for row in rows if row.model)
    (facet,) = both.store.ask(logs.facets("one", query, ["provider"], limit=10))
    assert sum(count for _, count in facet.values) == sum(1 for row in rows if row.provider)


def test_facets_count_the_values_of_each_field(both: Both) -> None:
    names = ["model", "provider", "status", "error", "stream", "source", "tag", "tag.env", "tag.a=b", "tag=", "cache"]
    facets = both.store.ask(both.store.logs.facets("two", LogQuery(), names, limit=3))
    assert [facet.field for facet in facets] == names
    for facet in facets:
        counted = Counter(v for row in both.oracle.found("two", LogQuery()) for v in values_of(row, facet.field))
        expected = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].encode()))
        assert [tuple(pair) for pair in facet.values] == expected[:3]
        assert facet.truncated == (len(expected) > 3)


def test_logs_are_counted_by_the_versions_that_they_belong_to(both: Both) -> None:
    rows = both.oracle.found("two", LogQuery())
    expected = Counter((row.version_id, row.prompt_id) for row in rows)
    prompt = rows[0].prompt_id

    every = both.store.ask(both.store.logs.count_by_version("two", None))
    assert {(each.version_id, each.prompt_id): each.logs for each in every} == expected
    for each in both.store.ask(both.store.logs.count_by_version("two", [prompt, "it's none"])):
        mine = [row for row in rows if row.version_id == each.version_id]
        assert (each.prompt_id, each.logs) == (prompt, len(mine))
        assert to_micros(each.last_used_at) == max(row.requested_at for row in mine)
        assert set(each.models) == {row.model for row in mine}


def test_a_field_that_cannot_be_counted_is_refused(both: Both) -> None:
    for field in ("request", "nonsense", "tag.", "1; DROP TABLE logwright.logs"):
        with pytest.raises(InvalidRequest, match="no values to count"):
            both.store.ask(both.store.logs.facets("one", LogQuery(), [field], limit=3))


def test_changes_reach_exactly_the_matches_in_their_order(opener: Opener, tmp_path: Path) -> None:
    """Random changes of tags and deletions, between new logs, leave what the same steps leave in a list."""
    chance = random.Random(11)  # noqa: S311  the same changes every time
    recorded = records(seed=3, count=120)
    names = ["env", "prompt_id", "a=b", "new", "it's"]
    with opener(tmp_path / "data") as store:
        oracle = Oracle([])
        for step in range(12):
            fresh = recorded[step * 10 : step * 10 + 10]
            store.record(*fresh)
            oracle.rows += Oracle(fresh).rows
            query = parse(chance.choice([text for text in QUERIES if text]), NOW)
            project = chance.choice(PROJECTS)
            if step % 3 == 2:
                assert store.ask(store.logs.delete(project, query)) == oracle.delete(project, query)
            else:
                tags = {name: chance.choice([None, "x", "it's \\ \n", "dev"]) for name in chance.sample(names, 2)}
                assert store.ask(store.logs.set_tags(project, query, tags)) == oracle.set_tags(project, query, tags)
            for text in ("", "tag.env:dev", "-tag.env:dev", "has:tag.new", "refund"):
                agrees(store, oracle, parse(text, NOW))
        Both.merge(both := Both(store, []))
        both.oracle = oracle
        for text in QUERIES:
            agrees(store, oracle, parse(text, NOW))
        tags_of = {row.id: row.tags for row in oracle.rows}
        for project in PROJECTS:
            assert all(log.tags == tags_of[log.id] for log in store.listed(project))
        audit = store.ask(store.logs.audit())
        assert audit.complete
        assert (audit.stored, audit.present) == (120, len(oracle.rows))


def test_an_amended_log_is_found_by_what_it_says_now(opener: Opener, tmp_path: Path) -> None:
    """Columns of every kind, the time among them; the others stay, and so does its place in the account."""
    recorded = records(seed=9, count=40)
    with opener(tmp_path / "data") as store:
        store.record(*recorded)
        row = next(row for row in Oracle(recorded).rows if row.project_id == "one")
        values = {
            "response": '{"choices":[{"message":{"role":"assistant","content":"amended, it\'s \\\\ true"}}]}',
            "error_kind": "",
            "latency": 4.25,
            "cost": None,
            "tags": {"only": "one", "it's": "\\ \n"},
            "requested_at": row.requested_at - 40 * 86_400_000_000,
        }
        before = store.ask(store.logs.get("one", row.id))
        log = store.ask(store.logs.amend("one", row.id, values, by="key_1"))
        assert log is not None
        assert before is not None
        assert (log.latency, log.cost, log.tags) == (4.25, None, values["tags"])
        assert log.request == before.request
        assert log.requested_at == before.requested_at - timedelta(days=40)
        for query in ('"amended, it\'s"', "latency:4.25s", "tag.only=one"):
            assert [each.id for each in store.listed("one", parse(query, NOW))] == [row.id], query
        assert len(store.listed("one")) == sum(1 for each in recorded if each.project_id == "one")
        assert [each.by for each in store.ask(store.logs.amendments("one", row.id))] == ["key_1"]
        store.kill()
        store.start()
        assert store.ask(store.logs.get("one", row.id)) == log
        assert store.ask(store.logs.amend("two", row.id, {"latency": 1.0}, by="key_1")) is None
        assert store.ask(store.logs.audit()).complete


def test_retention_takes_what_is_old_and_nothing_else(opener: Opener, tmp_path: Path) -> None:
    recorded = records(seed=5, count=150)
    with opener(tmp_path / "data") as store:
        store.record(*recorded)
        oracle = Oracle(recorded)
        for text, days, project in (("has:error", 3, "one"), ("", 40, "one"), ("", 40, "two"), ("", 1, "one")):
            before = NOW - timedelta(days=days)
            older = Clause(field="time", operator="<", values=(to_micros(before),))
            query = parse(text, NOW)
            gone = oracle.delete(project, LogQuery(clauses=(*query.clauses, older)))
            assert store.ask(store.logs.retain(project, query, before)) == gone
            agrees(store, oracle, LogQuery())
        assert store.ask(store.logs.audit()).complete


def values_of(row: LogRow, field: str) -> list[str]:
    if field == "tag":
        return list(row.tags)
    if field == "tag=":
        return [msgspec.json.encode(pair).decode() for pair in row.tags.items()]
    if field.startswith("tag."):
        name = field.removeprefix("tag.")
        return [row.tags[name]] if name in row.tags else []
    value = {"error": row.error_kind}.get(field, getattr(row, field, ""))
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [] if value in {None, ""} else [str(value)]


def quantile(values: list[float], level: float) -> float:
    """Interpolate between the two nearest values, as ClickHouse's quantileExactInclusive and Excel's PERCENTILE do."""
    place = level * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
