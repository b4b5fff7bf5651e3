"""Whatever a provider does, the call ends soon, one log says how, and the server stays small (R-5, R-9)."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from logwright.settings import Settings
from logwright.testing.faults import FAULTS, PREFIX
from logwright.testing.processes import forget_peak, peak_bytes, resident_bytes, workers
from logwright.testing.server import PROVIDER_KEY, Server
from logwright.testing.upstream import FakeUpstream

TIMEOUT: Final = 2.0
"""Seconds that the provider has for its first byte, for anything new, and in all."""

ANSWER_LIMIT: Final = Settings().max_answer_bytes
AT_ONCE: Final = 8

CASES: Final = [f"{fault}/{form}" for fault in sorted(FAULTS) for form in ("plain", "stream")]
WARM_UP: Final = "informational/before"
SOUND: Final = {"closes-idle", "informational", "two-answers", "until-close"}
"""Odd, and allowed: the caller has the whole answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the caller saw of one call."""

    case: str
    status: int
    headers: dict[str, str]
    begin: bytes
    """The first 64 KiB of the answer."""
    told_key: bool
    broke_off: bool
    took: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """All cases, played once against one server."""

    seen: dict[str, Seen]
    logs: list[dict[str, Any]]
    failed: set[str]
    """Cases whose log `has:error` finds."""
    export: str
    said: str
    """What the server printed."""
    growth: int
    """Bytes that the worker held at its peak beyond what it held before."""
    healthy: int
    """Status of an ordinary call afterwards."""


def call(server: Server, case: str) -> Seen:
    """Make one call and read its answer to whatever end."""
    fault, _, form = case.partition("/")
    body = {
        "model": PREFIX + fault,
        "messages": [{"role": "user", "content": "Say hello"}],
        "metadata": {"case": case},
        "stream": form == "stream",
    }
    key, tail, begin = PROVIDER_KEY.encode(), b"", b""
    told_key = broke_off = False
    status, headers = 0, {}
    began = time.monotonic()
    with server.http(timeout=60.0) as web:
        try:
            with web.stream("POST", "/v1/chat/completions", json=body) as answer:
                status, headers = answer.status_code, dict(answer.headers)
                told_key = PROVIDER_KEY in str(headers)
                for piece in answer.iter_raw():
                    told_key = told_key or key in tail + piece
                    tail = piece[-len(key) :]
                    begin += piece[: 65536 - len(begin)]
        except httpx2.RemoteProtocolError:
            broke_off = True
    took = time.monotonic() - began
    return Seen(
        case=case, status=status, headers=headers, begin=begin, told_key=told_key, broke_off=broke_off, took=took
    )


def logs(server: Server, query: str) -> list[dict[str, Any]]:
    with server.http(timeout=60.0) as web:
        answer = web.get("/api/manage/logs", params={"q": query, "limit": 1000})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    flags = [
        *("--upstream-first-byte-timeout", str(TIMEOUT), "--upstream-idle-timeout", str(TIMEOUT)),
        *("--upstream-total-timeout", str(TIMEOUT)),
    ]
    export = tmp_path_factory.mktemp("export") / "logs.jsonl"
    with FakeUpstream() as upstream, Server(upstream=upstream, settings=flags) as server:
        for _ in range(20):  # what the first calls load is no growth
            assert call(server, WARM_UP).status == 200
        (worker,) = workers(server.pid)
        forget_peak(worker)
        before = resident_bytes(worker)
        with ThreadPoolExecutor(AT_ONCE) as callers:
            seen = list(callers.map(lambda case: call(server, case), CASES))
        growth = peak_bytes(worker) - before
        server.cli("logs", "export", "--project", server.project, "--format", "jsonl", "--output", str(export))
        with server.http() as web:
            healthy = web.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": []}).status_code
        yield Played(
            seen={each.case: each for each in seen},
            logs=[log for log in logs(server, "has:tag.case") if log["tags"]["case"] != WARM_UP],
            failed={log["tags"]["case"] for log in logs(server, "has:error")},
            export=Path(export).read_text(),
            said=server.log,
            growth=growth,
            healthy=healthy,
        )


def test_each_call_leaves_exactly_one_log(played: Played) -> None:
    counted = Counter(log["tags"]["case"] for log in played.logs)

    assert counted == Counter(CASES)


def test_every_call_that_failed_is_marked_and_none_that_did_not(played: Played) -> None:
    complete = {
        case
        for case, seen in played.seen.items()
        if seen.status == 200 and not seen.broke_off and b'"error"' not in seen.begin
    }

    assert played.failed == set(CASES) - complete
    assert {f"{fault}/{form}" for fault in SOUND for form in ("plain", "stream")} <= complete


def test_each_call_ends_within_three_times_the_timeout(played: Played) -> None:
    slow = {case: seen.took for case, seen in played.seen.items() if seen.took >= 3 * TIMEOUT}

    assert slow == {}


def test_no_provider_makes_the_server_grow_beyond_six_times_the_limit_of_an_answer(played: Played) -> None:
    assert played.growth < 6 * ANSWER_LIMIT


@pytest.mark.parametrize("form", ["plain", "stream"])
def test_a_caller_is_told_how_long_to_wait(played: Played, form: str) -> None:
    seen = played.seen[f"status-429/{form}"]

    assert (seen.status, seen.headers["retry-after"]) == (429, "7")


def test_the_providers_key_is_told_to_nobody(played: Played) -> None:
    """One of the faults repeats it in its message, as providers do."""
    assert b"removed by logwright" in played.seen["status-401/plain"].begin
    assert [case for case, seen in played.seen.items() if seen.told_key] == []
    assert PROVIDER_KEY not in json.dumps(played.logs)
    assert PROVIDER_KEY not in played.export
    assert PROVIDER_KEY not in played.said


def test_nothing_of_ours_broke_and_the_next_call_is_served(played: Played) -> None:
    assert played.healthy == 200
    assert "Traceback" not in played.said
    assert {case for case, seen in played.seen.items() if seen.status == 500} == {
        "status-500/plain",
        "status-500/stream",
    }
