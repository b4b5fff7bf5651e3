"""A real `logwright serve` to test against: its own process, a free port, a folder of its own.

Everything goes through the doors that users have: the command line and HTTP.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import httpx2

if TYPE_CHECKING:
    import openai

    from logwright.testing.upstream import FakeUpstream

_COMMAND: Final = (sys.executable, "-c", "import sys; from logwright.cli.main import main; sys.exit(main())")
_READY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 40.0
PROVIDER_KEY: Final = "sk-upstream-of-the-tests-0123456789"
"""The secret that the server sends to the fake upstream; tests look for it where it must not be."""


class ServerFailed(Exception):
    """The server or a command did not do what was asked; the message holds what it printed."""


class Server:
    """A running server; use it as a context manager.

    With an `upstream` the project has three providers that lead to it: `openai`, `anthropic` (by kind) and `local`
    (OpenAI-compatible, for `openpipe:local/NAME`). `settings` are further flags, such as `("--workers", "2")`.
    """

    def __init__(
        self,
        *,
        upstream: FakeUpstream | None = None,
        folder: Path | None = None,
        settings: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="logwright-") if folder is None else None
        self.folder = Path(self._temporary.name) if self._temporary is not None else Path(folder or ".")
        self.data = self.folder / "data"
        self.port = port or free_port()
        self.project = "test"
        self.key = ""
        """A key of the project with scope write."""
        self._upstream = upstream
        self._settings = tuple(settings)
        self._log = self.folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        master = self.folder / "master.key"
        if not master.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            master.touch(mode=0o600)
            master.write_text(secrets.token_hex(32) + "\n")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOGWRIGHT_")}
        self._clients: list[openai.OpenAI] = []
        self._environment = {
            **inherited,
            "LOGWRIGHT_MASTER_KEY_FILE": str(master),
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }

    # -------------------------------------------------------------- running

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        if self._process is None:
            raise ServerFailed("The server is not running; call start() first")
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything the server has printed."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def start(self) -> Self:
        """Start and wait until calls are taken; at the first start make the project and its providers.

        Raises:
            ServerFailed: it ended or was not ready in time; the message holds its output.
        """
        self._spawn()
        if not self.key:
            self.key = str(self._manage("POST", "projects", {"name": self.project})["key"])
            if self._upstream is not None:
                self.provider("openai", kind="openai", base_url=self._upstream.base_url)
                self.provider("anthropic", kind="anthropic", base_url=self._upstream.base_url)
                self.provider("local", kind="openai-compatible", base_url=self._upstream.base_url)
        return self

    def _spawn(self) -> None:
        flags = ["--data", str(self.data), "--host", "127.0.0.1", "--port", str(self.port), *self._settings]
        if self._upstream is not None:
            flags += ["--allow-upstream", f"127.0.0.1:{self._upstream.port}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_COMMAND, "serve", *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,  # so that the whole tree can be killed at once
            )
        deadline = time.monotonic() + _READY_SECONDS
        while not self._is_ready():
            ended = self._process.poll()
            if ended is not None:
                raise ServerFailed(f"The server ended with {ended} at its start. It printed:\n{self.log}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"The server was not ready after {_READY_SECONDS} s. It printed:\n{self.log}")
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=2.0, trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False

    def stop(self) -> int:
        """Stop in order (SIGTERM) and return the exit status."""
        process = self._process
        if process is None:
            return 0
        process.terminate()
        try:
            status = process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"The server did not stop in {_STOP_SECONDS} s. It printed:\n{self.log}") from None
        self._process = None
        return status

    def kill(self) -> None:
        """Kill the whole tree of processes at once (SIGKILL), as a crash does."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._process = None

    def restart(self) -> None:
        """Stop in order and start again on the same folder and port."""
        self.stop()
        self._spawn()

    def revive(self) -> None:
        """Start again after `kill`."""
        self._spawn()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            self.close()

    def close(self) -> None:
        """Leave nothing behind: no connection, no process, and no folder that was not the caller's."""
        for client in self._clients:
            client.close()
        self.kill()
        if self._temporary is not None:
            self._temporary.cleanup()

    # -------------------------------------------------------------- doors

    def openai(self, **options: Any) -> openai.OpenAI:
        """Return the unmodified OpenAI client, pointed here; it does not retry unless told to, and ends with us."""
        import openai

        client = openai.OpenAI(**{"api_key": self.key, "base_url": f"{self.url}/v1", "max_retries": 0, **options})
        self._clients.append(client)
        return client

    def http(self, **options: Any) -> httpx2.Client:
        """Return an HTTP client that shows the project's key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.Client(
            **{"base_url": self.url, "headers": headers, "timeout": 30.0, "trust_env": False, **options}
        )

    def cli(self, *arguments: str, data: bool = True, given: str | None = None, check: bool = True) -> str:
        """Run a command and return what it printed; `--data` of this server is added unless `data` is false.

        `given` is its standard input. With `check` off a failing command returns its output as well.

        Raises:
            ServerFailed: the command failed; the message holds both of its outputs.
        """
        where = ["--data", str(self.data)] if data else []
        done = subprocess.run(
            [*_COMMAND, *arguments, *where],
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=60,
            check=False,
        )
        if check and done.returncode:
            shown = " ".join(arguments)
            raise ServerFailed(
                f"`logwright {shown}` ended with {done.returncode}:\n{done.stdout}{done.stderr}{self.log}"
            )
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """Run a command with `--json` and return what it printed, parsed."""
        return json.loads(self.cli(*arguments, "--json"))

    def provider(self, slug: str, *, kind: str, base_url: str, models: Sequence[str] = ()) -> None:
        """Set a provider of the project; its key is `PROVIDER_KEY`."""
        body = {"kind": kind, "base_url": base_url, "key": PROVIDER_KEY, "models": list(models)}
        self._manage("PUT", f"providers/{slug}?project={self.project}", body)

    @property
    def admin_key(self) -> str:
        """The key of the instance's administrator, as the first start has shown it.

        With several workers the first is ready before the supervisor prints, so this waits for it.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while (found := re.search(r"lwa_\w+\s", self.log)) is None:
            if time.monotonic() > deadline:
                raise ServerFailed(f"The server has not shown the administrator's key. It printed:\n{self.log}")
            time.sleep(0.02)
        return found[0].strip()

    def _manage(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Ask the server itself; a command of its own would take a second for each."""
        headers = {"Authorization": f"Bearer {self.admin_key}"}
        with self.http(headers=headers) as web:
            reply = web.request(method, f"/api/manage/{path}", json=dict(body))
        if reply.is_error:
            raise ServerFailed(f"{method} {path} was answered {reply.status_code}: {reply.text}\n{self.log}")
        return reply.json()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
