"""The work of an export of everything: slices into files, taken up where it broke off, held against the counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from logwright.cli.dumping import Dumper
from logwright.errors import Conflict, NotFound, Unavailable
from logwright.logs.dump import files
from logwright.logs.dump.rows import DUMPED


class _Stream:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def bytes(self) -> Iterator[bytes]:
        yield self._data

    def lines(self) -> Iterator[str]:
        return iter(self._data.decode().splitlines())


class Door:
    """Stands for the API over a list of logs, given as numbers of microseconds."""

    def __init__(self, *logs: int) -> None:
        self.logs = sorted(logs, reverse=True)
        self.asked: list[Any] = []
        self.breaks_at = -1
        self.late: list[int] = []

    def get(self, path: str, params: Any = None) -> Any:
        if path == "/api/manage/projects":
            return {"data": [{"id": "prj_1", "name": "shop"}]}
        assert path == "/api/manage/dump/logs/count"
        self.logs = sorted([*self.logs, *self.late[:1]], reverse=True)
        self.late = self.late[1:]
        return {"logs": len(self.logs)}

    @contextmanager
    def stream(self, method: str, path: str, params: Any = None) -> Iterator[_Stream]:
        assert method == "GET"
        if path.endswith("/tables"):
            yield _Stream(b'{"table":"projects","row":{"id":"prj_1","name":"shop","created_at":1}}\n')
        elif "/blobs/" in path:
            if path.endswith("f" * 64):
                raise NotFound("gone")
            yield _Stream(b"media")
        else:
            self.asked.append((params["until"], params["before"]))
            if len(self.asked) == self.breaks_at:
                raise Unavailable("away")
            before = params["before"]
            left = [at for at in self.logs if at <= params["until"] and (before is None or f"log_{at}" < before)]
            yield _Stream(b"".join(self._line(at) for at in left[: params["limit"]]))

    @staticmethod
    def _line(at: int) -> bytes:
        rest = {name: None for name in DUMPED if name not in {"request", "response", "details"}}
        digests = {3: ["a" * 64], 4: ["f" * 64]}.get(at, [])
        moment = f"1970-01-01T00:00:00.{at:06}Z"
        told: dict[str, Any] = {**rest, "id": f"log_{at}", "project_id": "prj_1", "requested_at": moment, "tags": {}}
        told["blobs"] = digests
        return json.dumps(told).encode() + b"\n"


def dumper(door: Door, folder: Path) -> Dumper:
    return Dumper(door, folder, logs_a_file=2, bytes_a_file=1 << 20)  # type: ignore[arg-type]  # a door is API enough


def test_every_log_is_in_a_file_and_the_manifest_says_which(tmp_path: Path) -> None:
    manifest = dumper(Door(1, 2, 3, 4, 5), tmp_path / "dump").run()
    part = manifest.projects["prj_1"]
    assert (part.logs, part.name, len(part.files)) == (5, "shop", 3)
    names = sorted(path.relative_to(tmp_path / "dump").as_posix() for path in (tmp_path / "dump").rglob("*.*"))
    assert [name for name in names if "logs/" in name] == [
        f"logs/prj_1/00000{n}.{end}" for n in (1, 2, 3) for end in ("jsonl.zst", "parquet")
    ]
    ids = [
        json.loads(line)["id"]
        for name in files.names_of(part.files)
        for line in files.lines_of(tmp_path / "dump", name)
    ]
    assert ids == ["log_5", "log_4", "log_3", "log_2", "log_1"]
    assert files.manifest_of(tmp_path / "dump") == manifest
    assert (manifest.tables, manifest.blobs, manifest.missing_blobs) == ({"projects": 1}, 1, ["f" * 64])
    assert (tmp_path / "dump" / "blobs" / "aa" / ("a" * 64)).read_bytes() == b"media"


def test_a_run_goes_on_after_the_last_whole_file(tmp_path: Path) -> None:
    door = Door(1, 2, 3, 4, 5)
    door.breaks_at = 3
    with pytest.raises(Unavailable):
        dumper(door, tmp_path / "dump").run()
    assert not (tmp_path / "dump" / "manifest.json").exists()
    again = Door(1, 2, 3, 4, 5)
    second = dumper(again, tmp_path / "dump")
    assert second.was_begun
    second.run()
    assert again.asked[0] == (2, "log_2")
    whole = dumper(Door(1, 2, 3, 4, 5), tmp_path / "other")
    whole.run()
    for path in (tmp_path / "other" / "logs").rglob("*.*"):
        assert (tmp_path / "dump" / path.relative_to(tmp_path / "other")).read_bytes() == path.read_bytes()


def test_a_log_that_came_late_has_the_project_written_anew(tmp_path: Path) -> None:
    door = Door(2, 4)
    door.late = [3]
    assert dumper(door, tmp_path / "dump").run().projects["prj_1"].logs == 3


def test_logs_that_keep_coming_end_the_run(tmp_path: Path) -> None:
    door = Door(20, 40)
    door.late = [5, 6, 7, 8]
    with pytest.raises(Unavailable, match="come and go faster"):
        dumper(door, tmp_path / "dump").run()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(Conflict, match="something else"):
        dumper(Door(), tmp_path)
