"""An import of 20,000 lines, some of them bad, killed in its middle and run again: nothing twice, nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logwright.testing.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_COMMAND = (sys.executable, "-c", "import sys; from logwright.cli.main import main; sys.exit(main())")
_LINES = 20_000
_BAD_EVERY = 97
_SAME_EVERY = 50


def write(path: Path) -> tuple[set[str], int]:
    """Write the file; return the ids that must be there in the end, and how many lines are no logs."""
    ids: set[str] = set()
    bad = 0
    with path.open("w") as file:
        for number in range(_LINES):
            if number % _BAD_EVERY == 5:
                bad += 1
                file.write(
                    ("not json", '{"a": 1}', '{"input": {}, "output": {}, "createdAt": "never"}')[bad % 3] + "\n"
                )
                continue
            name = f"c-{number - 1 if number % _SAME_EVERY == 1 else number}"  # some lines are there twice
            asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": f"Line {name} " + "word " * 40}]}
            answer = {"id": name, "object": "chat.completion", "created": 1714564800 + number // 10, "choices": []}
            file.write(json.dumps({"input": asked, "output": answer}) + "\n")
            ids.add(name)
    return ids, bad


@pytest.mark.parametrize("who", ["the command", "the server"])
def test_a_killed_import_is_made_good_by_the_same_command(tmp_path: Path, who: str) -> None:
    path, report = tmp_path / "logs.jsonl", tmp_path / "errors.jsonl"
    ids, bad = write(path)
    with Server(folder=tmp_path / "server") as server:
        where = ["--url", server.url, "--key", server.key, "--errors", str(report), "--json"]
        command = [*_COMMAND, "import", "openpipe", str(path), *where]
        begun = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        state = tmp_path / ".logs.jsonl.logwright-import"
        until = time.monotonic() + 60
        while not (state.exists() and json.loads(state.read_bytes())["state"]["done"] >= 6000):
            assert begun.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until
        if who == "the command":
            begun.kill()
        else:
            server.kill()
            server.start()  # and the command, which waited, goes on by itself
        assert begun.wait(120) == (-9 if who == "the command" else 3)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 3, done.stderr
        told = json.loads(done.stdout)
        assert told["errors"] == bad
        assert told["taken"] + told["duplicates"] == _LINES - bad
        assert not state.exists()
        stats = json.loads(server.cli("logs", "stats", "--project", server.project, "--json"))
        assert stats["count"] == len(ids)
        found = server.cli("logs", "export", "--project", server.project, "--output", "-")
        assert sorted(json.loads(line)["output"]["id"] for line in found.splitlines()) == sorted(ids)
    lines = [json.loads(line)["line"] for line in report.read_text().splitlines()]
    assert (len(lines), len(set(lines))) == (bad, bad)
