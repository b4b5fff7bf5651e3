"""Queries to try things with, whatever the language can say; and a project of its own with logs in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from hypothesis import strategies as st

from logwright.clock import to_micros
from logwright.logs.query.fields import FIELDS
from logwright.logs.record import LogRecord
from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, LogQuery
from logwright.testing.application import Application, TestProject
from logwright.testing.factories import START, a_record

WORDS = st.sampled_from(
    [
        *(
            "refund",
            "Refund",
            "gpt-4o",
            "gpt",
            "triage",
            "dev",
            "café",
            "CAFÉ",
            "straße",
            'say "hi"',
            "50%",
            "a_b",
            "a\\b",
            "*",
        ),
        *(
            "C:\\path",
            "line\nbreak",
            "",
            "tag",
            "0",
            "-x",
            "(a,b)",
            "x:y",
            "漢字",
            "..",
            "OR",
            "é",
            "\\*",
            "$sdk",
            "=",
            "a=b",
        ),
    ]
)
PATTERNS = (
    st.lists(
        st.one_of(
            st.just("*"), st.sampled_from(["gpt", "re", "fund", "4", "é", "%", "_", "\\\\", "\\*", '"', " ", "a"])
        ),
        min_size=2,
        max_size=4,
    )
    .map("".join)
    .filter(lambda pattern: "*" in pattern.replace("\\*", "") and pattern.strip("*"))
)
TAG_NAMES = st.sampled_from(["env", "prompt_id", "$sdk.version", "a=b", "a", "my tag", "naïve", 'q"uote', "a-b"])
NUMBERS = st.one_of(st.integers(-5, 600), st.sampled_from([0.25, 0.5, 1.2, 0.0000066, 1e-9, 12.75]))
MOMENTS = st.integers(-30, 400).map(lambda seconds: to_micros(START) + seconds * 1_000_000 + seconds % 3)


def _texts(field: str, *, contains: bool) -> st.SearchStrategy[Clause]:
    name = TAG_NAMES if field == "tag" else st.just("")
    operators = ["~", "!~"] if contains else ["=", "!="]
    plain = st.builds(
        Clause,
        field=st.just(field),
        operator=st.sampled_from(operators),
        values=st.lists(WORDS, min_size=1, max_size=3).map(tuple),
        name=name,
        exact_case=st.booleans() if contains else st.just(False),
    )
    wild = st.builds(
        Clause,
        field=st.just(field),
        operator=st.sampled_from(operators),
        values=st.lists(PATTERNS, min_size=1, max_size=2).map(tuple),
        name=name,
        exact_case=st.booleans() if contains else st.just(False),
        wildcard=st.just(True),
    )
    return st.one_of(plain, wild)


def _measures(field: str, values: st.SearchStrategy[float]) -> st.SearchStrategy[Clause]:
    equal = st.builds(
        Clause,
        field=st.just(field),
        operator=st.sampled_from(["=", "!="]),
        values=st.lists(values, min_size=1, max_size=1 if FIELDS[field].kind == "time" else 3).map(tuple),
    )
    compared = st.builds(
        Clause,
        field=st.just(field),
        operator=st.sampled_from(["<", "<=", ">", ">="]),
        values=values.map(lambda value: (value,)),
        negated=st.booleans(),
    )
    ranged = st.builds(
        Clause,
        field=st.just(field),
        operator=st.just(".."),
        values=st.tuples(values, values),
        negated=st.booleans(),
    )
    return st.one_of(equal, compared, ranged)


def _of_field(field: str) -> st.SearchStrategy[Clause]:
    presence = st.builds(
        Clause,
        field=st.just(field),
        operator=st.sampled_from(["exists", "missing"]),
        name=TAG_NAMES if field == "tag" else st.just(""),
    )
    info = FIELDS[field]
    match info.kind:
        case "text" if info.choices:
            among = st.lists(st.sampled_from(info.choices), min_size=1, max_size=2).map(tuple)
            chosen = st.builds(Clause, field=st.just(field), operator=st.sampled_from(["=", "!="]), values=among)
            return st.one_of(presence, chosen, _texts(field, contains=True))
        case "text" | "body" | "tag":
            return st.one_of(presence, _texts(field, contains=False), _texts(field, contains=True))
        case "time":
            return _measures(field, MOMENTS) if field == "time" else st.one_of(presence, _measures(field, MOMENTS))
        case "flag":
            return st.builds(
                Clause,
                field=st.just(field),
                operator=st.sampled_from(["=", "!="]),
                values=st.booleans().map(lambda value: (value,)),
            )
        case _:
            return st.one_of(presence, _measures(field, NUMBERS))


@pytest.fixture(scope="session")
def queries() -> st.SearchStrategy[LogQuery]:
    """Return a strategy for queries of up to three conditions, in the form in which `parse` makes them."""
    clauses = st.sampled_from(sorted(FIELDS)).flatmap(_of_field)
    return st.lists(clauses, max_size=3).map(lambda found: LogQuery(clauses=tuple(found)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A project of a running application, and plain ways to record into it and to ask about it."""

    app: Application
    project: TestProject

    @property
    def store(self) -> LogStore:
        return self.app.services.store

    def record(self, **given: Any) -> LogRecord:
        """Record one log, durably."""
        record = a_record(project_id=self.project.id, **given)
        self.app.run(self.app.services.recorder.keep(record))
        return record

    def records(self, count: int, **given: Any) -> Sequence[LogRecord]:
        """Record several logs, oldest first."""
        return [self.record(**given) for _ in range(count)]

    def call(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Call the management API with the project's key."""
        return self.app.call(method, f"/api/manage{path}", key=request.pop("key", self.project.key), **request)

    def get(self, path: str, **params: Any) -> Any:
        """Read something that is there."""
        reply = self.call("GET", path, params=params or None)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def found(self, q: str = "", **params: Any) -> list[str]:
        """Return the ids of the logs that match."""
        return [log["id"] for log in self.get("/logs", q=q, **params)["data"]]


@pytest.fixture
def room(application: Application) -> Room:
    return Room(app=application, project=application.project())
