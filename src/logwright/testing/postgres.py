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
    """Start a server whose programs lie in `folder`; stop it and remove its data at the end."""
    # PostgreSQL refuses to run as root, and its user cannot enter pytest's folders.
    account = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    as_user: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid} if os.getuid() == 0 else {}
    home = Path(tempfile.mkdtemp(prefix="logwright-postgres-"))
    try:
        os.chown(home, account.pw_uid, account.pw_gid)
        data = home / "data"
        _run([folder / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"], home, as_user)
        # Speed: this server need not survive anything.
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off -c max_connections=50"
        _run([folder / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"], home, as_user)
        try:
            yield Postgres(programs=folder, sockets=home, user="tester")
        finally:
            _run([folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], home, as_user)
    finally:
        shutil.rmtree(home)


def _run(arguments: list[str | Path], folder: Path, as_user: dict[str, Any]) -> None:
    subprocess.run(arguments, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=60, **as_user)
