"""Whether a log fits a query, case by case; `test_sql.py` holds the store's SQL to the same answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from logwright.logs.matching import matches, needs_bodies
from logwright.logs.query.parse import parse
from logwright.testing.factories import START, a_log, a_row

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOG = a_log(
    requested_at=START,
    model="gpt-4o-mini",
    status=404,
    error_kind="upstream_status",
    error_message="Rate Limit",
    latency=2.5,
    cost=None,
    total_tokens=None,
    stream=True,
    tags={"prompt_id": "triage", "env": "", "a=b": "c"},
    request='{"messages":[{"role":"user","content":"He said \\"hi\\" at the caf\\u00e9\\nfor 50% \\\\o/"}]}',
    response='{"choices":[{"message":{"content":"Straße 漢字"}}]}',
)


def fits(text: str, log: Any = LOG) -> bool:
    return matches(log, parse(text, NOW))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "model:gpt-4o-mini",
        "model:(x,gpt*mini)",
        "-model:gpt-4o",
        "model:~MINI",
        "status:>=400",
        "status:400..499",
        "-status:200",
        "has:error",
        "error:upstream_status",
        'error_message:"rate limit"',
        "error_message:~~Rate",
        "latency:>2s",
        "-latency:>3s",
        "-cost:>0",
        "-has:cost",
        "-tokens:1..2",
        "tag.prompt_id=triage",
        "-tag.prompt_id:other",
        "-tag.absent:x",
        "has:tag.env",
        'tag.env:""',
        'tag."a=b":c',
        "-tag.a:b=c",
        "is:stream",
        "time:2026-01-01T12:00:00",
        "time:<=2026-01-01T12:00:00Z",
        "-time:>2026-01-01T12:00:00Z",
        'he "said \\"hi\\""',
        '"café"',
        '"CAFÉ"',
        '"café\nfor"',
        "50%",
        '"\\\\o/"',
        "straße",
        "漢",
        "response:stra*字",
        "-request:straße",
        "request:~~café",
    ],
)
def test_it_fits(text: str) -> None:
    assert fits(text)


@pytest.mark.parametrize(
    "text",
    [
        "model:gpt-4o",
        "model:GPT-4O-MINI",
        "-model:~mini",
        "status:200",
        "is:success",
        "cost:>=0",
        "cost:0",
        "has:cost",
        "-has:error",
        "tag.prompt_id:tri",
        "tag.absent:x",
        'tag.absent:""',
        "tag.a:b=c",
        "has:tag.absent",
        "-is:stream",
        "stream:false",
        "time:>2026-01-01T12:00:00Z",
        "time:2025",
        "request:~~CAFÉ",
        "51%",
        "5_%",
        "request:straße",
        "response:字*stra",
    ],
)
def test_it_does_not_fit(text: str) -> None:
    assert not fits(text)


def test_a_row_of_the_store_is_as_good_as_a_log() -> None:
    row = a_row(requested_at=START, model="gpt-4o")
    assert fits("model:gpt-4o time:2026-01-01T12:00:00Z", row)
    assert not fits("time:>2026-01-01T12:00:00Z", row)


def test_a_query_says_whether_it_needs_bodies() -> None:
    assert needs_bodies(parse("model:x refund", NOW))
    assert needs_bodies(parse("has:tools", NOW))
    assert not needs_bodies(parse('model:x error_message:"y" tag.a:b', NOW))


def test_a_pattern_of_many_stars_is_answered_at_once() -> None:
    """Within the suite's time limit; a backtracking expression would take longer than the universe has lasted."""
    log = a_log(model="a" * 20_000, request="a" * 200_000)
    assert not fits("model:" + "*a" * 50 + "*b", log)
    assert not fits("a*" * 50 + "b", log)
    assert fits("model:" + "a*" * 50 + "a", log)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("ab*ba", "aba", False),
        ("*b*", "abc", True),
        ("a*b*c", "a-b-c", True),
        ("a*c*b", "a-b-c", False),
        ("**", "", True),
    ],
)
def test_a_star_is_any_run_of_characters(pattern: str, text: str, expected: bool) -> None:
    assert fits(f"model:{pattern}", a_log(model=text)) is expected
