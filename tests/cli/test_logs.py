"""`logwright logs` from the outside: a real server, real files, what stands on the terminal."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from logwright.cli.main import main
from logwright.testing.media_answers import a_sound
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

COMMAND = (sys.executable, "-c", "import sys; from logwright.cli.main import main; sys.exit(main())")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server with four calls in its log: two for triage, one with a hostile answer, one that failed."""
    with FakeUpstream() as upstream, Server(upstream=upstream, folder=tmp_path_factory.mktemp("cli")) as server:
        client = server.openai()

        def call(text: str, **tags: str) -> None:
            messages: Any = [{"role": "user", "content": text}]
            client.chat.completions.create(model="gpt-4o", messages=messages, metadata=tags, store=True)

        upstream.answers(text="Billing.").answers(text="Billing.")
        upstream.answers(text="\x1b]0;owned\x07\x1b[31mred").answers(status=500)
        call("Ticket one", prompt_id="triage")
        call("Ticket two", prompt_id="triage")
        call("Hostile", prompt_id="hostile")
        with pytest.raises(Exception, match="500"):
            call("Fails")
        yield server


class Refused(Exception):
    """A command ended with another status than 0; the message holds what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where commands are run, in this process; the server is real."""

    server: Server

    def cli(self, *arguments: str) -> str:
        """Run `logwright logs ...` against the server and return what it printed."""
        where = ["--url", self.server.url, "--key", self.server.key]
        done = CliRunner().invoke(main, ["logs", *arguments, *where])
        if done.exit_code:
            raise Refused(done.output)
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """Run a command with `--json` and return what it printed, parsed."""
        return json.loads(self.cli(*arguments, "--json"))


@pytest.fixture
def terminal(recorded: Server) -> Terminal:
    return Terminal(server=recorded)


def test_a_search_lists_matches_newest_first(terminal: Terminal) -> None:
    found = terminal.json("search", "--query", "tag.prompt_id=triage")
    assert [log["request_preview"] for log in found] == ["Ticket two", "Ticket one"]
    assert terminal.json("search", "tag.prompt_id=triage", "two")[0]["model"] == "gpt-4o"
    lines = terminal.cli("search", "--limit", "2").splitlines()
    assert lines[0].startswith("requested_at\tid\tmodel")
    assert len(lines) == 3


def test_the_same_command_works_on_the_data_folder(recorded: Server, tmp_path: Path) -> None:
    target = tmp_path / "logs.jsonl"
    options = ["--project", "test", "--format", "jsonl", "--query", "is:error", "--output", str(target)]
    recorded.cli("logs", "export", *options)
    (row,) = [json.loads(line) for line in target.read_text().splitlines()]
    assert row["input"]["messages"][0]["content"] == "Fails"


def test_one_log_is_shown_whole_and_cannot_write_on_the_terminal(terminal: Terminal) -> None:
    (log,) = terminal.json("search", "tag.prompt_id:hostile")
    shown = terminal.cli("show", log["id"])
    assert "Hostile" in shown
    assert "red" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
    whole = terminal.json("show", log["id"])
    assert whole["response"]["choices"][0]["message"]["content"] == "\x1b]0;owned\x07\x1b[31mred"


def test_an_export_is_a_private_file_of_openpipes_rows(terminal: Terminal, tmp_path: Path) -> None:
    target = tmp_path / "logs.jsonl"
    terminal.cli(
        "export",
        "--project",
        "test",
        "--format",
        "jsonl",
        "--query",
        "tag.prompt_id=triage",
        "--output",
        str(target),
    )
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [row["input"]["messages"][0]["content"] for row in rows] == ["Ticket two", "Ticket one"]
    assert all(row.keys() == {"input", "output", "tags"} for row in rows)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["logs.jsonl"]


def test_the_other_formats_and_the_standard_output(terminal: Terminal, tmp_path: Path) -> None:
    written = terminal.cli("export", "--format", "csv", "--output", "-")
    assert len(list(csv.DictReader(io.StringIO(written)))) == 4
    parquet = tmp_path / "logs.parquet"
    told = terminal.json("export", "--format", "parquet", "--output", str(parquet))
    assert told == {"file": str(parquet), "bytes": parquet.stat().st_size}
    assert pq.read_table(parquet).num_rows == 4
    sft = terminal.cli("export", "--format", "openai-sft", "--output", "-")
    assert len(sft.splitlines()) == 3
    sample = terminal.cli("export", "--sample", "2", "--exclude-errors", "--output", "-")
    assert len(sample.splitlines()) == 2


def test_a_refused_export_leaves_no_file_and_keeps_the_old_one(terminal: Terminal, tmp_path: Path) -> None:
    target = tmp_path / "logs.jsonl"
    target.write_text("before")
    with pytest.raises(Refused, match="did you mean model"):
        terminal.cli("export", "--query", "modle:x", "--output", str(target))
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["logs.jsonl"]
    with pytest.raises(Refused, match="cannot be written"):
        terminal.cli("export", "--output", str(tmp_path / "absent" / "x"))


def test_tags_are_set_and_removed(terminal: Terminal) -> None:
    told = terminal.json("tag", "reviewed=yes", "note=a=b", "--query", "tag.prompt_id:triage")
    assert told == {"matched": 2}
    found = terminal.json("search", "tag.reviewed:yes")
    assert {log["tags"]["note"] for log in found} == {"a=b"}
    terminal.cli("tag", "--remove", "reviewed", "--remove", "note", "--all")
    assert terminal.json("search", "has:tag.reviewed") == []
    with pytest.raises(Refused, match="all=true"):
        terminal.cli("tag", "a=b")
    with pytest.raises(Refused, match="NAME=VALUE"):
        terminal.cli("tag", "a", "--all")


def test_figures(terminal: Terminal) -> None:
    found = terminal.json("stats")
    assert (found["count"], found["failed"]) == (4, 1)
    assert "count\t3" in terminal.cli("stats", "is:success")


def test_a_tail_prints_what_arrives(recorded: Server, terminal: Terminal) -> None:
    """The call is made again until the tail, which takes a moment to begin, has printed one."""
    arguments = ["logs", "tail", "tag.prompt_id:tailed", "--json", "--url", recorded.url, "--key", recorded.key]
    client = recorded.openai()
    lines: list[bytes] = []
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE) as process:
        output = process.stdout
        assert output is not None
        reader = threading.Thread(target=lambda: lines.append(output.readline()))
        reader.start()
        try:
            for _ in range(200):
                with pytest.raises(Exception, match="500"):
                    client.chat.completions.create(
                        model="gpt-4o",
                        messages=[{"role": "user", "content": "Tail"}],
                        metadata={"prompt_id": "tailed"},
                        store=True,
                    )
                reader.join(0.1)
                if lines:
                    break
        finally:
            process.kill()
            reader.join()
    assert json.loads(lines[0])["request_preview"] == "Tail"
    terminal.cli("delete", "--query", "tag.prompt_id:tailed", "--yes")


def test_deleting_asks_and_is_for_good(recorded: Server, terminal: Terminal) -> None:
    with pytest.raises(Refused, match="give --yes"):
        terminal.cli("delete", "--query", "tag.prompt_id:hostile")
    with pytest.raises(Refused, match="Which logs"):
        terminal.cli("delete", "--yes")
    client = recorded.openai()
    with pytest.raises(Exception, match="500"):
        client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Gone"}], metadata={"gone": "yes"}, store=True
        )
    told = terminal.json("delete", "--query", "tag.gone:yes", "--yes")
    assert told == {"deleted": 1}
    assert terminal.json("search", "tag.gone:yes") == []


def test_the_media_of_a_log_are_downloaded_under_their_digests(tmp_path: Path) -> None:
    with FakeUpstream() as upstream, Server(upstream=upstream, folder=tmp_path / "server") as server:
        sound = a_sound()
        told = server.openai().audio.transcriptions.with_raw_response.create(
            model="whisper-1", file=("../../evil.wav", sound)
        )
        log_id = told.headers["x-logwright-log-id"]
        terminal = Terminal(server=server)

        shown = json.loads(terminal.cli("media", log_id, "--out", str(tmp_path / "out"), "--json"))

        written = list((tmp_path / "out").iterdir())
        assert [path.read_bytes() for path in written] == [sound]
        assert shown == [
            {"file": str(written[0]), "bytes": len(sound), "type": "audio/x-wav", "name": shown[0]["name"]}
        ]
        assert re.fullmatch(r"[0-9a-f]{16}\.wav", written[0].name)
        whole = tmp_path / "whole.jsonl"
        terminal.cli("export", "--media", "inline", "--output", str(whole))
        assert "base64" in json.loads(whole.read_text())["input"]["file"]
