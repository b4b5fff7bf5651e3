"""The README's promise: from nothing to a recorded call, by exactly the lines that it shows."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import pytest

from logwright.testing.server import free_port
from logwright.testing.upstream import FakeUpstream

README: Final = Path(__file__).parents[2] / "README.md"
LOGWRIGHT: Final = [sys.executable, "-m", "logwright.cli.main"]


def block(language: str, containing: str) -> str:
    """Return the one block of the README that holds these words."""
    found = re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    (only,) = [text for text in found if containing in text]
    return str(only)


@dataclass
class Place:
    """A folder of somebody who follows the README, with its server running."""

    folder: Path
    port: int
    environment: dict[str, str]
    banner: str = ""

    def run(self, line: str, *more: str) -> str:
        words = shlex.split(line)
        assert words[0] == "logwright"
        done = subprocess.run(
            [*LOGWRIGHT, *words[1:], *more],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def until_ready(printed: IO[str]) -> str:
    """Read the banner up to its last line."""
    lines: list[str] = []
    for line in printed:
        lines.append(line)
        if "logwright logs search" in line:
            break
    return "".join(lines)


@pytest.fixture
def place(tmp_path: Path, upstream: FakeUpstream) -> Iterator[Place]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LOGWRIGHT_", "OPENAI_"))}
    environment = {
        **inherited,
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "LOGWRIGHT_PORT": str(free_port()),
        "LOGWRIGHT_ALLOW_UPSTREAM": f"127.0.0.1:{upstream.port}",
        "OPENAI_API_KEY": "sk-of-the-reader",
    }
    followed = Place(folder=tmp_path, port=int(environment["LOGWRIGHT_PORT"]), environment=environment)
    with subprocess.Popen(
        [*LOGWRIGHT, "serve"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            followed.banner = until_ready(process.stdout)
            yield followed
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
    assert process.returncode == 0


def test_the_readme_leads_to_a_recorded_call_that_is_found_and_exported(place: Place, upstream: FakeUpstream) -> None:
    upstream.answers(text="Hello, reader!")
    found = re.search(r"lwk_\w+", place.banner)
    assert found, place.banner

    export, provider = block("console", "providers set").splitlines()
    assert export.startswith("export OPENAI_API_KEY=")
    place.run(provider, "--base-url", upstream.base_url)

    program = block("python", "from openai import OpenAI").replace("lwk_...", found[0]).replace("8700", str(place.port))
    done = subprocess.run(
        [sys.executable, "-c", program], env=place.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "Hello, reader!\n", done.stderr

    search, export = block("console", "logs search").splitlines()
    (log,) = json.loads(place.run(search, "--json"))
    assert log["tags"] == {"prompt_id": "hello"}
    place.run(export)
    (row,) = [json.loads(line) for line in (place.folder / "calls.jsonl").read_text().splitlines()]
    assert row["tags"] == {"prompt_id": "hello"}
    assert "Hello, reader!" in json.dumps(row["output"])


def test_the_lines_that_the_server_prints_lead_to_a_recorded_call_too(place: Place, upstream: FakeUpstream) -> None:
    upstream.answers(text="Hello from the banner!")
    place.run("logwright providers set openai --kind openai --key-env OPENAI_API_KEY", "--base-url", upstream.base_url)
    curl = re.search(r"^  curl .*?\n.*?$", place.banner, re.MULTILINE)
    assert curl, place.banner
    done = subprocess.run(
        shlex.split(curl[0].replace("\\\n", " ")), capture_output=True, text=True, timeout=60, check=False
    )
    assert json.loads(done.stdout)["choices"][0]["message"]["content"] == "Hello from the banner!"
    see = re.search(r"^  (logwright logs search .*)$", place.banner, re.MULTILINE)
    assert see, place.banner
    (log,) = json.loads(place.run(see[1], "--json"))
    assert log["status"] == 200
