"""The files of a dump: open formats, equal bytes of equal logs, and a manifest that notices every damage."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from logwright.errors import InvalidRequest
from logwright.logs.dump import files
from logwright.logs.dump.files import Kept, Manifest
from logwright.logs.dump.rows import DUMPED
from logwright.logs.imports.files import Source


@pytest.fixture
def written() -> list[bytes]:
    told: dict[str, Any] = {
        "id": "log_1",
        "project_id": "p",
        "requested_at": "2024-05-01T12:00:00.123457Z",
        "received_at": None,
        "amended_at": None,
        "source": "gateway",
        "kind": "chat_completion",
        "tags": {"env": "prod"},
        "blobs": ["ab"],
        "request": {"messages": []},
        "response_text": '{"a":\n1}',
        "cost": 0.5,
        "status": 200,
        "stream": False,
        "truncated": False,
    }
    rest = {name: None for name in DUMPED if name not in told and name not in {"response", "details"}}
    return [json.dumps({**rest, **told}).encode() + b"\n", json.dumps({**rest, **told, "id": "log_2"}).encode() + b"\n"]


def test_the_same_lines_make_the_same_bytes(written: list[bytes], tmp_path: Path) -> None:
    packed = files.jsonl(written)
    assert files.jsonl(written) == packed
    assert files.parquet(written) == files.parquet(written)
    (tmp_path / "a.jsonl.zst").write_bytes(packed)
    assert list(files.lines_of(tmp_path, "a.jsonl.zst")) == [each.strip() for each in written]
    assert [item.raw for item in Source([str(tmp_path / "a.jsonl.zst")]).items()] == [each.strip() for each in written]


def test_parquet_has_every_column_in_its_type(written: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(files.parquet(written))
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column_names == list(DUMPED)
    row = table.to_pylist()[0]
    assert row["requested_at"].isoformat() == "2024-05-01T12:00:00.123457+00:00"
    assert (row["request"], row["response"], row["tags"]) == ('{"messages": []}', '{"a":\n1}', [("env", "prod")])
    assert files.described()["cost"] == "double"


def test_a_file_is_private_and_held_against_its_sum(tmp_path: Path) -> None:
    kept = files.write(tmp_path, "logs/a", b"data", rows=1)
    assert stat.S_IMODE((tmp_path / "logs" / "a").stat().st_mode) == 0o600
    files.check(tmp_path, "logs/a", kept)
    (tmp_path / "logs" / "a").write_bytes(b"date")
    with pytest.raises(InvalidRequest, match="is not what was written"):
        files.check(tmp_path, "logs/a", kept)
    (tmp_path / "logs" / "a").unlink()
    with pytest.raises(InvalidRequest, match="cannot be read"):
        files.check(tmp_path, "logs/a", kept)


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "logs/../../x", ""])
def test_a_manifest_names_no_file_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRequest, match="outside"):
        files.check(tmp_path, name, Kept(bytes=0, sha256=""))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "has no manifest.json"),
        ("{", "no dump of Logwright"),
        ('{"made_by":"9","made_at":"","until":0,"format_version":2}', "later release"),
        ('{"made_by":"9","made_at":"","until":0,"format":"other"}', "later release"),
    ],
)
def test_what_is_no_dump_of_ours_is_refused(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(InvalidRequest, match=words):
        files.manifest_of(tmp_path)


def test_a_manifest_is_read_back(tmp_path: Path) -> None:
    made = Manifest(made_by="1", made_at="now", until=5)
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(made))
    assert files.manifest_of(tmp_path) == made
    assert files.names_of(["logs/a"]) == ["logs/a.jsonl.zst"]
