"""Leave at any time: everything out of one installation, into another, and out again: the same to the byte."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from logwright.logs.dump import files, rows
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def fill(server: Server, upstream: FakeUpstream, folder: Path) -> None:
    """Record calls of many kinds, import some, tag some, and delete some."""
    client = server.openai()
    messages: Any = [{"role": "user", "content": 'Gödel, 図, "quotes"'}]
    picture = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400).decode()
    seen: Any = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture}}]}]
    upstream.answers(text="Fine.").answers(text="A picture.").answers(chunks=["Al", "so ", "fine."]).answers(
        status=500
    ).answers(text="Bye.")
    client.chat.completions.create(model="gpt-4o", messages=messages, metadata={"env": "prod"}, store=True)
    client.chat.completions.create(model="gpt-4o", messages=seen, store=True)
    for _ in client.chat.completions.create(model="gpt-4o", messages=messages, stream=True, store=True):
        pass
    with pytest.raises(Exception, match="500"):
        client.chat.completions.create(model="gpt-4o", messages=messages, store=True)
    client.chat.completions.create(model="gpt-4o-mini", messages=messages, metadata={"env": "gone"}, store=True)
    lines = [
        {"id": f"i{n}", "model": "m", "requested_at": 1714564800 + n // 4, "cost": n / 7, "tags": {"batch": "b"}}
        | {"request": {"messages": [{"role": "user", "content": "x" * n}]}, "response": {"a": [n, None, 1e300]}}
        for n in range(50)
    ]
    path = folder / "lines.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    where = ("--project", server.project)
    server.cli("import", "jsonl", str(path), *where)
    server.cli("logs", "tag", "--query", "tag.batch=b", "reviewed=yes", *where)
    server.cli("logs", "delete", "--query", "tag.env=gone", "--yes", *where)
    server.cli("prices", "set", "m", "--input", "1", "--output", "2", *where)


def log_lines(dump: Path) -> list[bytes]:
    manifest = files.manifest_of(dump)
    return [
        line
        for part in manifest.projects.values()
        for name in files.names_of(part.files)
        for line in files.lines_of(dump, name)
    ]


def test_what_left_comes_back_the_same(server: Server, upstream: FakeUpstream, tmp_path: Path) -> None:
    fill(server, upstream, tmp_path)
    first, second = tmp_path / "first", tmp_path / "second"
    server.cli("export", "--all", str(first), "--logs-a-file", "20")
    kept = log_lines(first)
    assert len(kept) == 54
    assert not any(b'"env":"gone"' in line for line in kept)
    with Server(folder=tmp_path / "other") as other:
        told = json.loads(other.cli("import", "logwright", str(first), "--json"))
        assert told["logs"] == 54
        assert json.loads(other.cli("import", "logwright", str(first), "--json"))["there"] == 54
        other.cli("export", "--all", str(second), "--logs-a-file", "20")
        audited = json.loads(other.cli("audit", "--json"))
        assert audited["complete"] is True
    assert log_lines(second) == kept
    for column in rows.DUMPED:
        for one, two in zip(kept, log_lines(second), strict=True):
            assert json.loads(one).get(column) == json.loads(two).get(column), column
    manifest = files.manifest_of(first)
    assert (manifest.blobs, manifest.missing_blobs) == (1, [])
    assert files.manifest_of(second).blobs == 1
    same = [
        path.relative_to(first)
        for path in (first).rglob("*")
        if path.parts[len(first.parts)] in {"logs", "blobs"} and path.is_file()
    ]
    same += [Path("tables") / f"{name}.jsonl" for name in ("prices",)]
    for path in same:
        assert (second / path).read_bytes() == (first / path).read_bytes(), path
    projects = {
        json.loads(line)["row"]["id"] for line in (first / "tables" / "projects.jsonl").read_text().splitlines()
    }
    there = {json.loads(line)["row"]["id"] for line in (second / "tables" / "projects.jsonl").read_text().splitlines()}
    assert projects <= there
