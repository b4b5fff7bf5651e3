"""Files as people have them: JSONL, arrays, saved answers, CSV, Parquet, compressed, in folders and in archives."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from logwright.errors import InvalidRequest
from logwright.logs.imports.files import Source

ROWS: list[dict[str, Any]] = [{"n": 1, "text": "a\nb"}, {"n": 2, "text": "é"}, {"n": 3, "text": ""}]
LINES = "\n".join(json.dumps(row) for row in ROWS).encode()


def read(*paths: Path, pattern: str = "**/*") -> list[tuple[int, Any]]:
    source = Source([str(path) for path in paths], pattern=pattern)
    found = [(item.number, json.loads(item.raw)) for item in source.items()]
    if source.total is not None:
        assert source.done == source.total
    return found


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", LINES),
        ("a.jsonl", b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n")),
        ("a.json", json.dumps(ROWS).encode()),
        ("a.json", json.dumps(ROWS, indent=2).encode()),
        ("a.json", json.dumps({"object": "list", "data": ROWS}).encode()),
        ("a.json", json.dumps({"meta": {}, "observations": ROWS}, indent=1).encode()),
        ("a.json", "\n".join(json.dumps(row, indent=1) for row in ROWS).encode()),
        ("a.jsonl.gz", gzip.compress(LINES)),
        ("whatever", gzip.compress(json.dumps(ROWS).encode())),
    ],
    ids=["lines", "marked", "array", "indented", "list", "answer", "documents", "gzip", "nameless"],
)
def test_json_is_read_in_every_shape(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert read(path) == list(enumerate(ROWS, start=1))


def test_zstd_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(pa.compress(LINES, codec="zstd", asbytes=True))
    with pa.CompressedOutputStream(pa.OSFile(str(path), "wb"), "zstd") as file:
        file.write(LINES)
    assert [row for _, row in read(path)] == ROWS


def test_blank_and_wrong_lines_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"bad\n\n{"n": 2}\nno')
    source = Source([str(path)])
    assert [(item.number, item.raw) for item in source.items()] == [(1, b'{"bad'), (3, b'{"n": 2}'), (4, b"no")]
    assert [source.place(number)[1] for number in (1, 3, 4)] == [1, 3, 4]


def test_a_broken_array_gives_what_came_before_and_the_rest_once(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"n": 1}, {"n": oops}, {"n": 3}]')
    items = list(Source([str(path)]).items())
    assert json.loads(items[0].raw) == {"n": 1}
    assert items[1].raw.startswith(b'{"n": oops}')
    assert len(items) == 2


def test_csv_cells_are_texts_and_numbered_by_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = io.StringIO()
    writer = csv.DictWriter(text, ["n", "text"])
    writer.writeheader()
    writer.writerows(ROWS)
    path.write_text(text.getvalue(), "utf-8")
    assert read(path) == [(3, {"n": "1", "text": "a\nb"}), (4, {"n": "2", "text": "é"}), (5, {"n": "3", "text": ""})]


def test_parquet_is_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    assert read(path) == list(enumerate(ROWS, start=1))
    broken = tmp_path / "b.parquet"
    broken.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InvalidRequest, match="no whole Parquet"):
        read(broken)


def test_an_archive_and_a_folder_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("logs/1.jsonl", b'{"n": 1}')
        file.writestr("logs/2.jsonl", b'{"n": 2}')
    assert [row["n"] for _, row in read(archive)] == [1, 2]
    folder = tmp_path / "export" / "support" / "logs"
    folder.mkdir(parents=True)
    for number in (10, 9, 1):
        (folder / f"{number}.jsonl").write_text(json.dumps({"n": number}))
    (folder.parent / "file.json").write_text("{}")
    assert [row["n"] for _, row in read(tmp_path / "export", pattern="**/logs/*.jsonl")] == [1, 9, 10]


def test_items_of_several_files_tell_their_place(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(LINES)
    source = Source([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")])
    places = [source.place(item.number) for item in source.items()]
    assert [(path.name, line) for path, line in places] == [
        (name, n) for name in ("a.jsonl", "b.jsonl") for n in (1, 2, 3)
    ]


def test_a_pipe_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BufferedReader(io.BytesIO(LINES))

    monkeypatch.setattr(sys, "stdin", Standard())
    source = Source(["-"])
    assert source.total is None
    assert [json.loads(item.raw) for item in source.items()] == ROWS


def test_a_large_array_is_read_in_bounded_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    row = {"text": "x" * 3_000_000}
    path.write_text(json.dumps([row, {"n": 1}, row]))
    assert [len(item.raw) for item in Source([str(path)]).items()] == [3_000_012, 8, 3_000_012]


@pytest.mark.parametrize("data", [b"plain words\nof somebody\n", b"\x1f\x8b\x08broken"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.dat"
    path.write_bytes(data)
    with pytest.raises(InvalidRequest):
        read(path)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no file"):
        Source([str(tmp_path / "none")])
    with pytest.raises(InvalidRequest, match="holds no file"):
        Source([str(tmp_path)])
    (tmp_path / "empty.jsonl").touch()
    assert read(tmp_path / "empty.jsonl") == []
