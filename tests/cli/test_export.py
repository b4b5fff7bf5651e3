"""`logwright export --all` and its way back, from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from logwright.cli.main import main
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream


@pytest.fixture
def recorded(server: Server, upstream: FakeUpstream) -> Server:
    for _ in range(3):
        upstream.answers(text="Hello")
    client = server.openai()
    for name in ("one", "two", "three"):
        messages = [{"role": "user", "content": name}]
        client.chat.completions.create(model="gpt-4o", messages=messages, metadata={"n": name}, store=True)  # type: ignore[arg-type]  # plain dictionaries do
    return server


def test_everything_leaves_in_open_formats_and_comes_back(recorded: Server, tmp_path: Path) -> None:
    told = json.loads(recorded.cli("export", "--all", str(tmp_path / "dump"), "--logs-a-file", "2", "--json"))
    assert (told["projects"] >= 1, told["logs"]) == (True, 3)
    tables = [pq.read_table(path) for path in sorted((tmp_path / "dump" / "logs").rglob("*.parquet"))]
    assert [table.num_rows for table in tables] == [2, 1]
    assert dict(tables[1].to_pylist()[0]["tags"]) == {"n": "one"}
    text = b"".join(path.read_bytes() for path in (tmp_path / "dump" / "tables").iterdir())
    assert b"sk-upstream" not in text
    shown = recorded.cli("import", str(tmp_path / "dump"))
    assert shown.startswith("0 logs taken, 3 were there already; 0 rows")
    with Server(folder=tmp_path / "second") as second:
        shown = second.cli("import", "logwright", str(tmp_path / "dump"), "--json")
        assert json.loads(shown)["logs"] == 3
        found = json.loads(second.cli("logs", "search", "--project", recorded.project, "--json", check=False) or "[]")
        assert len(found) in {0, 3}


def test_a_folder_that_is_no_dump_is_refused(server: Server, tmp_path: Path) -> None:
    where = ["--url", server.url, "--key", server.key]
    (tmp_path / "manifest.json").write_text("{}")
    done = CliRunner().invoke(main, ["import", str(tmp_path), *where])
    assert (done.exit_code, "no dump of Logwright" in done.stderr) == (1, True)
    done = CliRunner().invoke(main, ["import", "logwright", str(tmp_path / "none"), *where])
    assert "There is no folder" in done.stderr
    done = CliRunner().invoke(main, ["export", "--all", str(tmp_path), *where])
    assert (done.exit_code, "something else" in done.stderr) == (1, True)


def test_a_projects_key_exports_nothing(server: Server, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["export", "--all", str(tmp_path / "d"), "--url", server.url, "--key", server.key])
    assert (done.exit_code, "admin key" in done.stderr) == (1, True)
