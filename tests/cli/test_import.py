"""`logwright import` from the outside: a real server, real files, other products' APIs on real sockets."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from logwright.cli.main import main
from logwright.testing.products import KEY, FakeProduct
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(folder=tmp_path_factory.mktemp("import")) as running:
        yield running


def cli(server: Server, *arguments: str, **options: Any) -> Result:
    where = ["--url", server.url, "--key", server.key]
    return CliRunner().invoke(main, [*arguments, *where], **options)


def row(name: str, at: int = 1714564800) -> dict[str, Any]:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": f"Say {name}"}]}
    return {"input": asked, "output": {"id": name, "object": "chat.completion", "created": at, "choices": []}}


def test_a_file_is_imported_once_and_its_mistakes_are_reported(server: Server, tmp_path: Path) -> None:
    path, report = tmp_path / "logs.jsonl", tmp_path / "errors.jsonl"
    path.write_text("\n".join([json.dumps(row("once-1")), "oops", json.dumps(row("once-2"))]))
    done = cli(server, "import", "openpipe", str(path), "--errors", str(report))
    assert done.exit_code == 3
    assert "2 logs taken, 1 lines are no logs." in done.stdout
    assert "logs.jsonl, line 2: This is no JSON" in done.stderr
    assert json.loads(report.read_text())["content"] == "oops"
    again = cli(server, "import", "openpipe", str(path), "--json")
    assert {name: json.loads(again.stdout)[name] for name in ("taken", "duplicates", "errors")} == {
        "taken": 0,
        "duplicates": 2,
        "errors": 1,
    }
    assert [each.name for each in tmp_path.iterdir() if "logwright-import" in each.name] == []
    found = json.loads(cli(server, "logs", "search", "request:once", "--json").stdout)
    assert [log["completion_id"] for log in found] == ["once-2", "once-1"] or len(found) == 2
    assert {log["source"] for log in found} == {"import"}


def test_it_works_on_a_data_folder_beside_its_server(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "logs.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(row("beside")).encode()))
    shown = server.cli("import", "openpipe", str(path), "--project", "test")
    assert "1 logs taken." in shown
    found = json.loads(cli(server, "logs", "search", "completion_id:beside", "--json").stdout)
    assert len(found) == 1


def test_a_pipe_a_trial_a_limit_and_a_date(server: Server, tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(row(f"pipe-{day}", 1714521600 + day * 86400)) for day in range(5))
    trial = cli(server, "import", "openpipe", "-", "--dry-run", input=lines)
    assert (trial.exit_code, trial.stdout) == (0, "5 logs would be taken.\n")
    path = tmp_path / "logs.jsonl"
    path.write_text(lines)
    done = cli(server, "import", "openpipe", str(path), "--since", "2024-05-03", "--limit", "2")
    assert done.stdout == "2 logs taken, 2 are older than asked for.\n"
    piped = cli(server, "import", "openpipe", "-", input=lines)
    assert piped.stdout == "3 logs taken, 2 were there already.\n"


STORED = {
    "object": "chat.completion",
    "created": 1714564800,
    "model": "gpt-4o",
    "choices": [],
    "messages": [{"role": "user", "content": "Hi"}],
}
API_ROWS: dict[str, list[dict[str, Any]]] = {
    "openai": [{**STORED, "id": f"stored-{n}"} for n in range(5)],
    "langfuse": [
        {"id": f"lf-{n}", "traceId": "t", "type": "GENERATION", "startTime": f"2024-05-01T12:00:0{n}Z"}
        for n in range(5)
    ],
    "litellm": [{"request_id": f"ll-{n}", "call_type": "completion", "startTime": 1714564800 + n} for n in range(5)],
    "phoenix": [
        {"context": {"span_id": f"ph-{n}", "trace_id": "t"}, "span_kind": "LLM", "start_time": "2024-05-01T12:00:00Z"}
        for n in range(5)
    ],
    "tensorzero": [
        {"inference_id": f"tz-{n}", "function_name": "f", "timestamp": "2024-05-01 12:00:00"} for n in range(5)
    ],
    "humanloop": [{"id": f"hl-{n}", "created_at": "2024-05-01T12:00:00", "prompt": {"id": "pr_1"}} for n in range(5)],
}
TRACES = [{"id": "t", "timestamp": "2024-05-01T12:00:00Z", "sessionId": "session-of-lf", "userId": "u"}]


@pytest.mark.parametrize("name", sorted(API_ROWS))
def test_an_api_is_read_to_its_end_and_known_again(
    server: Server, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where how far it got is kept
    with FakeProduct(name, API_ROWS[name], traces=TRACES) as product:
        done = cli(server, "import", name, product.url, "--source-key", KEY)
        assert (done.exit_code, done.stdout) == (0, "5 logs taken.\n"), done.output
        again = cli(server, "import", name, product.url, "--source-key", KEY, "--json")
        assert json.loads(again.stdout)["duplicates"] == 5
    assert list(tmp_path.iterdir()) == []
    if name == "langfuse":
        assert json.loads(cli(server, "logs", "stats", "session:session-of-lf", "--json").stdout)["count"] == 5


def test_a_walk_that_broke_off_goes_on(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        {"context": {"span_id": f"go-{n}"}, "span_kind": "LLM", "start_time": "2024-05-01T12:00:00Z"}
        for n in range(2400)
    ]
    with FakeProduct("phoenix", rows, page=100) as product:
        product.moods[13] = 404  # one that does not pass
        done = cli(server, "import", "phoenix", product.url, "--source-key", KEY)
        assert done.exit_code == 1
        before = len(product.asked)
        again = cli(server, "import", "phoenix", product.url, "--source-key", KEY, "--json")
        told = json.loads(again.stdout)
        assert "Going on" in again.stderr
        assert (told["taken"], told["duplicates"]) == (2400, 0)
        assert len(product.asked) - before == 15  # from the page of row 999 on


@pytest.mark.parametrize("name", ["openai", "humanloop"])
def test_the_apis_that_we_answer_ourselves_are_read_as_their_vendors_are(
    name: str, upstream: FakeUpstream, tmp_path: Path
) -> None:
    """Our own faces are held against the vendors' clients, so they stand here for the vendors."""
    upstream.answers(text="Hello")
    with Server(upstream=upstream, folder=tmp_path / "server") as one:
        messages: Any = [{"role": "user", "content": "Hi"}]
        client = one.openai()
        client.chat.completions.create(
            model="gpt-4o", messages=messages, metadata={"n": "1"}, temperature=0, store=True
        )
        one.cli("projects", "create", "into")
        where = ["--project", "into", "--json", "--state", str(tmp_path / "state")]
        done = json.loads(one.cli("import", name, one.url, "--source-key", one.key, *where))
        assert (done["taken"], done["errors"]) == (1, 0)
        (found,) = json.loads(one.cli("logs", "search", "--project", "into", "--json"))
        log = json.loads(one.cli("logs", "show", found["id"], "--project", "into", "--json"))
    assert log["request"]["messages"] == messages
    assert log["response"]["choices"][0]["message"]["content"] == "Hello"
    assert (log["model"], log["tags"]["n"], log["source"]) == ("gpt-4o", "1", "import")
    assert log["total_tokens"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "openpipe"], "Give a file"),
        (["import", "excel", "a.xls"], "Name a format"),
        (["import", "openpipe", "none.jsonl"], "There is no file none.jsonl"),
        (["import", "jsonl", "http://127.0.0.1:1/x"], "is read from files"),
        (["import", "phoenix", "http://127.0.0.1:1/x", "a.jsonl"], "one address, or files"),
    ],
)
def test_what_cannot_be_imported_is_said(server: Server, arguments: list[str], words: str) -> None:
    done = cli(server, *arguments)
    assert done.exit_code in {1, 2}
    assert words in done.stderr
