"""The work of an import: batches, what is wrong, going on, and waiting for a server that is away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from logwright.cli.importing import Importer, State, open_report
from logwright.cli.resuming import Progress
from logwright.errors import InvalidRequest, TooLarge, Unavailable
from logwright.logs.imports.base import Item
from logwright.logs.imports.jsonl import reader


class Door:
    """Stands for the API: keeps what is sent and answers as the route does."""

    def __init__(self, *moods: Exception | None, most: int = 10**9) -> None:
        self.moods = list(moods)
        self.most = most
        self.sent: list[list[Any]] = []
        self.params: list[dict[str, Any]] = []

    def send(self, path: str, content: bytes, *, kind: str, params: Any = None) -> Any:
        assert (path, kind) == ("/api/manage/logs/import", "application/x-ndjson")
        mood = self.moods.pop(0) if self.moods else None
        if mood is not None:
            raise mood
        if len(content) > self.most:
            raise TooLarge("too large")
        lines = [json.loads(line) for line in content.splitlines()]
        self.sent.append(lines)
        self.params.append(params)
        told = [{"line": n, "status": "taken", "message": "", "path": ""} for n in range(1, len(lines) + 1)]
        for one, line in zip(told, lines, strict=True):
            if line.get("model") == "refused":
                one |= {"status": "error", "message": "not that one", "path": "$.model"}
        return {"taken": len(lines) - sum(one["status"] == "error" for one in told), "duplicates": 0, "lines": told}


class Origin:
    done = 0

    def __init__(self, *lines: Any) -> None:
        self._lines = lines

    def items(self) -> Iterator[Item]:
        for number, line in enumerate(self._lines, start=1):
            self.done += 1
            yield Item(number, line if isinstance(line, bytes) else json.dumps(line).encode())


def importer(door: Door, progress: Progress[State] | None = None, **options: Any) -> Importer:
    given = {"state": State(), "place": lambda number: ("a.jsonl", number, 1_714_564_800_000_000), **options}
    return Importer(door, reader, progress, **given)  # type: ignore[arg-type]  # a door is enough of an API here


def test_lines_go_out_in_batches_with_their_formats_name() -> None:
    door = Door()
    found = importer(door).run(Origin(*({"id": str(n), "requested_at": 5} for n in range(2400))))
    assert [len(lines) for lines in door.sent] == [1000, 1000, 400]
    assert door.params[0] == {"origin": "jsonl", "at": None, "dry_run": None}
    assert (found.taken, found.errors, found.done) == (2400, 0, 2400)


def test_what_is_wrong_here_and_there_is_reported_with_its_place(tmp_path: Path) -> None:
    report = tmp_path / "errors.jsonl"
    with open_report(str(report), 0) as file:
        one = importer(Door(), errors=file)
        found = one.run(Origin({"model": "a"}, b"{", {"model": "refused"}))
    assert (found.taken, found.errors) == (1, 2)
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert [(line["line"], line["path"], line["content"]) for line in lines] == [
        (2, "", "{"),
        (3, "$.model", '{"model":"refused"}'),
    ]
    assert [each["line"] for each in one.examples] == [2, 3]


def test_a_run_goes_on_where_the_last_batch_was_done(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "state", State, same="x")
    rows = [{"id": str(n), "requested_at": 5} for n in range(2400)]
    away = Door(None, *[Unavailable("away")] * 6)
    slept: list[float] = []
    with pytest.raises(Unavailable, match="Run the same command again"):
        importer(away, progress, sleep=slept.append).run(Origin(*rows))
    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0]
    state = progress.load()
    assert state is not None
    assert (state.done, state.taken) == (1000, 1000)
    door = Door()
    found = importer(door, progress, state=state).run(Origin(*rows))
    assert [lines[0]["id"] for lines in door.sent] == ["1000", "2000"]
    assert found.taken == 2400


def test_a_server_that_is_away_for_a_moment_is_waited_for() -> None:
    door = Door(Unavailable("disk full", retry_after=7.0))
    slept: list[float] = []
    assert importer(door, sleep=slept.append).run(Origin({"id": "a"})).taken == 1
    assert slept == [7.0]


def test_batches_are_cut_down_to_what_the_server_takes() -> None:
    door = Door(most=100)
    found = importer(door).run(Origin({"id": "a"}, {"id": "b", "model": "x" * 60}, {"id": "c", "model": "x" * 200}))
    assert [[line["id"] for line in lines] for lines in door.sent] == [["a"], ["b"]]
    assert (found.taken, found.errors) == (2, 1)


def test_old_ones_and_more_than_wanted_are_left_out() -> None:
    door = Door()
    rows = [{"id": str(day), "requested_at": f"2024-05-{day:02}T00:00:00Z"} for day in range(1, 10)]
    found = importer(door, since=datetime(2024, 5, 3, tzinfo=UTC), limit=4).run(Origin(*rows))
    assert [line["id"] for line in door.sent[0]] == ["3", "4", "5", "6"]
    assert found.skipped == 2


def test_lines_without_a_time_are_lent_their_files() -> None:
    door = Door()
    moments = {1: 1_714_564_800_000_000, 2: 1_714_564_800_000_000, 3: 1_714_564_801_000_000}
    one = importer(door, place=lambda number: ("x", number, moments[number]))
    one.run(Origin({"id": "a"}, {"id": "b"}, {"id": "c"}))
    assert [[line["id"] for line in lines] for lines in door.sent] == [["a", "b"], ["c"]]
    assert [params["at"] for params in door.params] == ["2024-05-01T12:00:00+00:00", "2024-05-01T12:00:01+00:00"]


def test_a_pretty_printed_body_is_sent_on_one_line() -> None:
    door = Door()
    importer(door).run(Origin(b'{"id":"a","request":{\n"messages":[]\r\n}}'))
    assert door.sent[0][0]["request"] == {"messages": []}


def test_a_report_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        open_report(str(tmp_path / "none" / "errors.jsonl"), 0)


def test_a_report_is_cut_back_to_what_belongs_to_the_state(tmp_path: Path) -> None:
    path = tmp_path / "errors.jsonl"
    path.write_bytes(b"kept\nnot yet noted\n")
    with open_report(str(path), 5) as file:
        file.write(b"new\n")
    assert path.read_bytes() == b"kept\nnew\n"
