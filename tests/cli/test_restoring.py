"""The work of reading a dump back: checked before anything is read, in order, taken up where it broke off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logwright.cli.restoring import Restored, Restorer
from logwright.cli.resuming import Progress
from logwright.errors import InvalidRequest, TooLarge, Unavailable
from logwright.logs.dump import files
from logwright.logs.dump.files import Manifest, ProjectDump


class Door:
    def __init__(self, *moods: Exception | None) -> None:
        self.moods = list(moods)
        self.sent: list[tuple[str, bytes]] = []

    def send(self, path: str, content: bytes, *, kind: str) -> Any:
        mood = self.moods.pop(0) if self.moods else None
        if mood is not None:
            raise mood
        self.sent.append((path.removeprefix("/api/manage/dump/"), content))
        if path.endswith("tables"):
            return {"inserted": 2, "there": 0, "renamed": {"default": "default (imported)"}}
        return {"taken": len(content.splitlines()), "there": 0}


@pytest.fixture
def dump(tmp_path: Path) -> tuple[Path, Manifest]:
    folder = tmp_path / "dump"
    manifest = Manifest(made_by="1", made_at="now", until=9, tables={"prices": 1, "projects": 1}, blobs=1)
    for name in ("prices", "projects"):
        place = f"tables/{name}.jsonl"
        manifest.files[place] = files.write(folder, place, json.dumps({"table": name}).encode() + b"\n")
    part = manifest.projects["prj_1"] = ProjectDump(name="shop", logs=3)
    for number, ids in ((1, ("c", "b")), (2, ("a",))):
        name = f"logs/prj_1/00000{number}"
        data = files.jsonl([json.dumps({"id": each}).encode() + b"\n" for each in ids])
        manifest.files[f"{name}.jsonl.zst"] = files.write(folder, f"{name}.jsonl.zst", data)
        part.files.append(name)
    manifest.files["blobs/ab/abcd"] = files.write(folder, "blobs/ab/abcd", b"media")
    return folder, manifest


def restorer(door: Door, dump: tuple[Path, Manifest], **options: Any) -> Restorer:
    folder, manifest = dump
    progress = Progress(folder.with_name(".state"), Restored, same="x")
    return Restorer(door, folder, manifest, progress, **options)  # type: ignore[arg-type]  # a door is API enough


def test_tables_come_first_then_media_then_the_oldest_logs(dump: tuple[Path, Manifest]) -> None:
    door = Door()
    found = restorer(door, dump).run()
    assert door.sent == [
        ("tables", b'{"table": "projects"}\n{"table": "prices"}\n'),
        ("blobs/abcd", b"media"),
        ("logs", b'{"id": "a"}'),
        ("logs", b'{"id": "c"}\n{"id": "b"}'),
    ]
    assert (found.logs, found.rows, found.renamed) == (3, 2, {"default": "default (imported)"})
    assert not dump[0].with_name(".state").exists()


def test_a_damaged_dump_is_read_not_at_all(dump: tuple[Path, Manifest]) -> None:
    (dump[0] / "blobs" / "ab" / "abcd").write_bytes(b"other")
    door = Door()
    with pytest.raises(InvalidRequest, match="is damaged"):
        restorer(door, dump).run()
    assert door.sent == []


def test_lines_go_in_smaller_pieces_where_the_server_takes_no_more(dump: tuple[Path, Manifest]) -> None:
    door = Door(None, None, None, TooLarge("over the limit"))
    assert restorer(door, dump).run().logs == 3
    assert [content for path, content in door.sent if path == "logs"] == [
        b'{"id": "a"}',
        b'{"id": "c"}',
        b'{"id": "b"}',
    ]
    with pytest.raises(TooLarge, match="--max-body-bytes"):
        restorer(Door(None, TooLarge("over the limit")), dump).run()
    with pytest.raises(TooLarge, match="--max-body-bytes"):
        restorer(Door(None, TooLarge("over the limit")), dump).run()  # the tables are done, now it is a log


def test_a_run_goes_on_with_the_file_that_it_was_at(dump: tuple[Path, Manifest]) -> None:
    slept: list[float] = []
    door = Door(None, None, None, *[Unavailable("away")] * 6)
    with pytest.raises(Unavailable, match="Run the same command again"):
        restorer(door, dump, sleep=slept.append).run()
    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0]
    again = Door()
    assert restorer(again, dump).run().logs == 3
    assert [path for path, _ in again.sent] == ["logs"]
