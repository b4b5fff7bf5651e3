"""A real PostgreSQL server for tests, in a folder of its own, run by an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path("/usr/lib/postgresql")
"""Where Debian's package puts each version's programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server, reachable by its socket alone."""

    programs: Path
    sockets: Path
    user: str

    def fresh_url(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{uuid.uuid4().hex}"
        create: list[str | Path] = [self.programs / "createdb", "-h", self.sockets, "-U", self.user, name]
        subprocess.run(create, check=True, timeout=60)
        return f"postgresql://{self.user}@/{name}?host={self.sockets}"


def programs() -> Path | None:
    """Return the folder with the programs of the newest version installed, or None."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).parent if program else None


@contextmanager
def running(folder: Path) -> Iterator[Postgres]:
    """Start a server whose programs lie in `folder`; stop it and remove its data at the end.

    The end is the block's, or this process's, however it ends.
    """
    # PostgreSQL refuses to run as root, and its user cannot enter pytest's folders.
    account = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    as_user: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid} if os.getuid() == 0 else {}
    home = Path(tempfile.mkdtemp(prefix="logwright-postgres-"))
    os.chown(home, account.pw_uid, account.pw_gid)
    guarded: list[str | Path] = ["sh", "-c", _GUARD, folder, home]
    with subprocess.Popen(guarded, cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **as_user) as guard:
        assert guard.stdin is not None  # noqa: S101 - both are pipes
        assert guard.stdout is not None  # noqa: S101
        try:
            if guard.stdout.readline() != b"ready\n":
                raise RuntimeError("PostgreSQL did not start; what it says stands above")
            yield Postgres(programs=folder, sockets=home, user="tester")
        finally:
            guard.stdin.close()
            guard.wait(timeout=60)


_GUARD = """
home=$1
"$0/initdb" -D "$home/data" -U tester -A trust -E UTF8 --no-sync >"$home/log" 2>&1 || cat "$home/log" >&2
# Speed: this server need not survive anything.
"$0/postgres" -D "$home/data" -c listen_addresses= -c unix_socket_directories="$home" -c fsync=off \\
    -c max_connections=50 >>"$home/log" 2>&1 &
server=$!
until "$0/pg_isready" -q -h "$home"; do
    kill -0 $server 2>/dev/null || { cat "$home/log" >&2; break; }
    sleep 0.05
done
kill -0 $server 2>/dev/null && echo ready
read -r _  # until the other end of the pipe is closed, or is gone
kill -QUIT $server 2>/dev/null
wait $server
cd / && rm -rf "$home"
"""
"""Runs a server for as long as its standard input is open, so that a test run that is killed leaves none behind."""
