"""A ClickHouse server to test against: a process of its own that can be killed, paused and made to fail.

No ClickHouse is installed for it: behind its HTTP interface (`clickhouse_http`) is the
same engine that the embedded store uses. So the SQL, the formats and the behaviour of
tables are the real ones, and so is the client in front of it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote, urlencode

PASSWORD: Final = "p@ss/word?"  # noqa: S105  of servers that tests start
"""What stands in it must survive a URL."""


class ClickHouseServer:
    """A running server; use it as a context manager."""

    def __init__(self, folder: Path, *, user: str = "logs", password: str = PASSWORD) -> None:
        self._path = folder / "clickhouse"
        self._user = user
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None
        self._said = folder / "clickhouse.log"
        self.port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def url(self, database: str = "logwright", **parameters: str) -> str:
        """Return the address for `LOGWRIGHT_STORE`."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return (
            f"clickhouse://{quote(self._user)}:{quote(self._password, safe='')}@127.0.0.1:{self.port}/{database}{query}"
        )

    def start(self) -> None:
        """Start, on the same port as before, with what was stored before."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._said.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "logwright.testing.clickhouse_http", "--path", str(self._path)),
                    *("--port", str(self.port), "--user", self._user, "--password", self._password),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
            )
        answer = b"" if self._process.stdout is None else self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The ClickHouse server did not start:\n{self._said.read_text()}")
        self.port = int(answer)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def pause(self) -> None:
        """Let it hang: connections are accepted by the system and nobody answers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def fail(self, what: str = "", *, code: int = 0, name: str = "", message: str = "", delay: float = 0.0) -> None:
        """Make every statement from now on fail: `error` with a code, `drop` the connection, or `mute`.

        `mute` carries the statement out and closes the connection without a word, as a network does that breaks at the
        wrong moment. `delay` comes before all. Without arguments all is well again.
        """
        told = {"what": what, "code": code, "name": name, "message": message, "delay": delay}
        fault = self._path.with_suffix(".fault")
        fresh = fault.with_suffix(".new")
        fresh.write_text(json.dumps(told))
        fresh.rename(fault)
