"""Every example runs as it stands, against a real server and a fake OpenAI."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

FOLDER: Final = Path(__file__).parents[2] / "examples"
EXAMPLES: Final = {
    "record_in_the_background.py": ("The export stops at 40 % ->", "tag.prompt_id:triage source:report", 2),
    "through_the_gateway.py": ("ticket is about a failed export", "tag.prompt_id:count source:gateway", 1),
    "plain_openai_client.py": ("ticket is about a failed export", "tag.prompt_id:hello source:gateway", 1),
    "report_a_call.py": ("Hello.", "tag.prompt_id:own source:report", 1),
    "find_and_export.py": ("triage.jsonl", "", None),
}
"""What each must print, and which logs it must leave."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def server(upstream: FakeUpstream) -> Iterator[Server]:
    with Server(upstream=upstream) as server:
        yield server


def test_every_example_is_listed_and_run() -> None:
    files = {path.name for path in FOLDER.glob("*.py")}
    readme = (FOLDER / "README.md").read_text()

    assert files == set(EXAMPLES)
    assert all(f"`{name}`" in readme for name in files)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_does_what_it_says(name: str, server: Server, upstream: FakeUpstream, tmp_path: Path) -> None:
    said, query, count = EXAMPLES[name]
    before = found(server, query) if count is not None else 0

    done = subprocess.run(
        [sys.executable, "-W", "error", FOLDER / name],
        cwd=tmp_path,
        env={
            **os.environ,
            "LOGWRIGHT_API_KEY": server.key,
            "LOGWRIGHT_BASE_URL": server.url,
            "LOGWRIGHT_SPOOL": str(tmp_path / "spool"),
            "OPENAI_API_KEY": "sk-1",
            "OPENAI_BASE_URL": upstream.base_url,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    if count is not None:
        assert found(server, query) == before + count


def found(server: Server, query: str) -> int:
    with server.http() as http:
        return len(http.get("/api/manage/logs", params={"q": query}).json()["data"])
