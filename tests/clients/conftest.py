"""One server, and providers behind it, for all published clients."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from logwright.testing.answers import ToolCall
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

SCRIPTS = Path(__file__).parent / "scripts"
_LONGEST = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The server, three providers behind it, and how to look at what was recorded."""

    server: Server
    upstream: FakeUpstream
    """Answers with a sentence; the providers `openai` and `anthropic` of the project lead to it."""
    toolbox: FakeUpstream
    """Answers with a call of a tool."""
    jsonic: FakeUpstream
    """Answers with JSON."""
    read_key: str

    @property
    def url(self) -> str:
        """Where OpenPipe's clients find the server."""
        return f"{self.server.url}/api/v1"

    def given(self, run: str, **more: Any) -> str:
        """Return what a script is told, as JSON."""
        return json.dumps(
            {
                "url": self.url,
                "key": self.server.key,
                "read_key": self.read_key,
                "openai": self.upstream.base_url,
                "anthropic": self.upstream.url,
                "run": run,
                **more,
            }
        )

    def logs(self, run: str, scenario: str) -> Sequence[dict[str, Any]]:
        """Return the logs of one scenario, whole, oldest first."""
        query = f'tag.run:"{run}" tag.scenario:"{scenario}"'
        listed = self._get("/api/manage/logs", {"q": query, "limit": "50"})
        found = [self._get(f"/api/manage/logs/{log['id']}", {}) for log in listed["data"]]
        return list(reversed(found))

    def log(self, run: str, scenario: str) -> dict[str, Any]:
        """Return the only log of one scenario."""
        found = self.logs(run, scenario)
        assert len(found) == 1, f"{scenario}: {len(found)} logs"
        return found[0]

    def exported(self, run: str, folder: Path) -> Sequence[dict[str, Any]]:
        """Return a run's logs as the command line exports them."""
        file = folder / "logs.jsonl"
        self.server.cli("logs", "export", "--project", self.server.project, "--format", "jsonl",
                        "--query", f'tag.run:"{run}"', "--output", str(file))  # fmt: skip
        return [json.loads(line) for line in file.read_text().splitlines()]

    def _get(self, path: str, params: dict[str, str]) -> Any:
        headers = {"authorization": f"Bearer {self.server.key}"}
        answer = httpx2.get(self.server.url + path, params=params, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    call = ToolCall(name="route", arguments='{"team": "data"}')
    with (
        FakeUpstream() as upstream,
        FakeUpstream() as toolbox,
        FakeUpstream() as jsonic,
        Server(upstream=upstream, settings=_settings(toolbox, jsonic)) as server,
    ):
        toolbox.answers(tool_calls=[call], text=None)
        jsonic.answers(text='{"team": "data"}')
        server.provider("toolbox", kind="openai-compatible", base_url=toolbox.base_url)
        server.provider("jsonic", kind="openai-compatible", base_url=jsonic.base_url)
        key = server.json("keys", "create", "--project", server.project, "--scope", "read")["key"]
        yield World(server=server, upstream=upstream, toolbox=toolbox, jsonic=jsonic, read_key=str(key))


def _settings(*upstreams: FakeUpstream) -> list[str]:
    allowed = [part for each in upstreams for part in ("--allow-upstream", f"127.0.0.1:{each.port}")]
    return ["--testing-routes", *allowed]


def without_clients_settings() -> dict[str, str]:
    """Return this process's environment without keys and addresses that a client would pick up."""
    prefixes = ("OPENAI_", "HUMANLOOP_", "OPENPIPE_", "ANTHROPIC_", "LOGWRIGHT_", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


Runner = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def run_script() -> Runner:
    """Run a script in another environment and return the JSON that it prints."""

    def run(command: Sequence[str], given: str, *, cwd: Path | None = None) -> dict[str, Any]:
        ended = subprocess.run(
            [*command, given],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
            env=without_clients_settings(),
        )
        assert ended.returncode == 0, ended.stderr
        found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
        return found

    return run


@pytest.fixture(scope="session")
def scripts() -> Path:
    """Return the folder of the scripts that run in the clients' environments."""
    return SCRIPTS


@pytest.fixture(scope="session")
def environments() -> ModuleType:
    """Return the module that makes the clients' environments."""
    path = Path(__file__).parent / "make_environments.py"
    spec = importlib.util.spec_from_file_location("make_environments", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def clean_environment() -> Callable[[], dict[str, str]]:
    """Return what gives an environment without keys and addresses that a client would pick up."""
    return without_clients_settings
