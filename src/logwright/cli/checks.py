"""What `logwright doctor` looks at: each check reads one thing and finds it well, worth a word, or wrong."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import importlib.metadata
import os
import re
import resource
import shutil
import socket
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from logwright.cli.output import size
from logwright.errors import LogwrightError, Unavailable
from logwright.settings import PREFIX, Settings, declarations

if TYPE_CHECKING:
    from logwright.logs.types import StoreHealth

State = Literal["ok", "warning", "wrong"]

_LOW_SPACE: Final = 1 << 30
_NO_SPACE: Final = 160 << 20
"""Below this a journal on a disk of usual size refuses calls: four segments of 32 MiB and room to move."""
_STORE_SECONDS: Final = 10.0
_BEHIND_SECONDS: Final = 60.0
_FEW_FILES: Final = 4096
_FEW_INODES: Final = 10_000
_OTHER_VARIABLES: Final = {"CONFIG", "KEY", "URL", "API_KEY", "BASE_URL", "SPOOL"}
"""Variables with our prefix that are no settings of the server but the command line's and the client library's."""

_MEMORY: Final = {"tmpfs", "ramfs"}
_NETWORK: Final = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "fuse.sshfs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    name: str
    state: State
    message: str
    """What is the case and, where that is not well, what to do."""


Check = Callable[[Settings], Iterator[Finding]]


def examine(settings: Settings, chosen: Sequence[Check] = ()) -> Iterator[Finding]:
    """Run checks in order, all of this file unless others are chosen; one that cannot be made is itself a finding."""
    for check in chosen or CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            yield from check(settings)
        except LogwrightError as error:
            yield Finding(name=name, state="wrong", message=error.message)
        except OSError as error:
            yield Finding(name=name, state="wrong", message=f"This could not be checked: {error}")


def python(_: Settings) -> Iterator[Finding]:
    """The interpreter and what is built into it."""
    version = ".".join(map(str, sys.version_info[:3]))
    if not sys.platform.startswith("linux"):
        yield Finding(
            name="python", state="warning", message=f"Python {version} on {sys.platform}; Logwright is tested on Linux"
        )
    else:
        yield Finding(name="python", state="ok", message=f"Python {version}, SQLite {sqlite3.sqlite_version}")


def packages(_: Settings) -> Iterator[Finding]:
    """Each dependency is there and not older than the lower bound that the package declares."""
    wrong = 0
    for requirement in importlib.metadata.requires("logwright") or ():
        found = re.fullmatch(r"([A-Za-z0-9_.-]+)>=([0-9.]+)", requirement)
        if found is None:
            continue  # an extra, which is missing only when something asks for it
        name, needed = found[1], found[2]
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            version = ""
        if _numbers(version) < _numbers(needed):
            wrong += 1
            there = f"{name} {version} is installed" if version else f"{name} is not installed"
            yield Finding(name="packages", state="wrong", message=f"{there}; run: pip install '{name}>={needed}'")
    if not wrong:
        yield Finding(name="packages", state="ok", message="All packages are installed and new enough")


def variables(_: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """A misspelt variable does nothing, silently; here it is named."""
    known = {declared.variable for declared in declarations()} | {PREFIX + name for name in _OTHER_VARIABLES}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    for name in unknown:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield Finding(name="variables", state="warning", message=f"{name} is set and is no setting{hint}")
    if not unknown:
        yield Finding(name="variables", state="ok", message="Every LOGWRIGHT_ variable that is set is a setting")


def data_folder(settings: Settings) -> Iterator[Finding]:
    """The data folder is ours alone and can be written."""
    data = settings.data
    if not data.exists():
        parent = next(folder for folder in data.absolute().parents if folder.exists())
        if parent.is_dir() and os.access(parent, os.W_OK):
            yield Finding(name="data folder", state="ok", message=f"{data} is not there; the first start makes it")
        else:
            yield Finding(
                name="data folder", state="wrong", message=f"{data} is not there and {parent} does not let us make it"
            )
        return
    if not data.is_dir():
        yield Finding(name="data folder", state="wrong", message=f"{data} is a file; name a folder with --data")
        return
    about = data.stat()
    mode = stat.S_IMODE(about.st_mode)
    if about.st_uid != os.geteuid():
        yield Finding(
            name="data folder",
            state="wrong",
            message=f"{data} belongs to user {about.st_uid} and this is user {os.geteuid()}; run as its owner",
        )
    elif mode & 0o077:
        yield Finding(
            name="data folder",
            state="wrong",
            message=f"Others may enter {data} (mode {mode:04o}); run: chmod 700 {data}",
        )
    elif not os.access(data, os.W_OK | os.X_OK):
        yield Finding(name="data folder", state="wrong", message=f"{data} cannot be written")
    else:
        yield Finding(name="data folder", state="ok", message=f"{data.absolute()}, mode {mode:04o}")


def file_system(settings: Settings) -> Iterator[Finding]:
    """The data lies on a file system that keeps what it was given."""
    kind = file_system_kind(_existing(settings.data))
    if kind in _MEMORY:
        message = f"The data folder is in memory ({kind}); it is gone at the next start of the machine"
    elif kind in _NETWORK:
        message = f"The data folder is on a network file system ({kind}), where locks and syncs may not hold"
    elif kind == "overlay":
        message = "The data folder is in a container's own layer and goes with it; mount a volume there"
    else:
        yield Finding(name="file system", state="ok", message=kind or "of a kind that we cannot tell")
        return
    yield Finding(name="file system", state="warning", message=message)


def disk_space(settings: Settings) -> Iterator[Finding]:
    """There is room to record."""
    folder = _existing(settings.data)
    free = shutil.disk_usage(folder).free
    state: State = "wrong" if free < _NO_SPACE else "warning" if free < _LOW_SPACE else "ok"
    hint = "" if state == "ok" else "; calls are refused before the disk is full, so make room"
    yield Finding(name="disk space", state=state, message=f"{size(free)} free{hint}")
    about = os.statvfs(folder)
    if about.f_files and about.f_favail < _FEW_INODES:
        yield Finding(name="disk space", state="warning", message=f"Only {about.f_favail} more files can be made there")


def master_key(settings: Settings) -> Iterator[Finding]:
    """The key that opens the stored secrets is there, readable by us alone, and kept apart from what it opens."""
    from logwright.http.services import default_master_key_file
    from logwright.projects import master

    file = settings.master_key_file or default_master_key_file(os.environ)
    in_environment = bool(settings.master_key)
    if not in_environment and not file.exists():
        if (settings.data / "logwright.db").exists():
            yield Finding(
                name="master key", state="wrong", message=f"{file} is not there; put it back from where you keep a copy"
            )
        else:
            yield Finding(name="master key", state="ok", message=f"{file} is not there; the first start makes it")
        return
    keys = master.load(settings.master_key, file, may_generate=False)
    where = f"in {master.VARIABLE}" if in_environment else f"in {file}"
    if not in_environment and file.resolve().is_relative_to(settings.data.resolve()):
        yield Finding(
            name="master key",
            state="wrong",
            message=f"{file} lies inside the data folder, so that a copy of the folder opens itself; move it elsewhere",
        )
    else:
        yield Finding(name="master key", state="ok", message=f"{len(keys)} {where}; keep a copy of it elsewhere")


def journal(settings: Settings) -> Iterator[Finding]:
    """The journals can be read, and nothing was set aside in them."""
    from logwright import journal as journals

    root = settings.data / "journal"
    if not root.exists():
        yield Finding(name="journal", state="ok", message="Nothing was recorded yet")
        return
    sizes = journals.sizes(root)
    rejected = sum(1 for path in (root / "rejected").rglob("*") if path.is_file())
    if rejected:
        yield Finding(
            name="journal",
            state="warning",
            message=f"{rejected} records could not be read and lie in {root / 'rejected'}; please report how that came",
        )
    total = sum(each.bytes for each in sizes.values())
    yield Finding(name="journal", state="ok", message=f"{len(sizes)} producers, {size(total)} on the disk")


def media(settings: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Look whether the bucket for sound and pictures can be read, and how much waits for it."""
    from logwright.blobs.folder import FolderBlobs
    from logwright.blobs.opening import FOLDER
    from logwright.blobs.s3 import S3Blobs, read_address

    waiting = sum(info.size for info in FolderBlobs(settings.data / FOLDER).iterate())
    if not settings.blobs:
        yield Finding(name="media", state="ok", message=f"The data folder holds {size(waiting)} of media")
        return
    bucket = S3Blobs(read_address(settings.blobs, environ), patience=_STORE_SECONDS)
    with contextlib.closing(bucket):
        bucket.size("0" * 64)  # there is none of that name; what counts is that the bucket says so
    yield Finding(name="media", state="ok", message=f"The bucket answers; {size(waiting)} of media wait for it")


def clock(settings: Settings) -> Iterator[Finding]:
    """The wall clock is not behind what was already written."""
    newest = max((path.stat().st_mtime for path in settings.data.glob("*")), default=0.0)
    ahead = newest - time.time()
    if ahead > 60:
        yield Finding(
            name="clock",
            state="warning",
            message=f"The clock is {ahead / 3600:.1f} h behind the newest file in the data folder; set it right",
        )
    else:
        yield Finding(name="clock", state="ok", message=time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))


def open_files(_: Settings) -> Iterator[Finding]:
    """Enough files may be open at once: a call that is under way takes two."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < _FEW_FILES:
        yield Finding(
            name="open files",
            state="warning",
            message=f"At most {hard} files may be open, so about {hard // 2} calls at once; raise it (ulimit -Hn)",
        )
    else:
        limit = "any number" if hard == resource.RLIM_INFINITY else str(hard)
        yield Finding(name="open files", state="ok", message=f"{limit} may be open at once")


def port(settings: Settings) -> Iterator[Finding]:
    """The port is free, or it is Logwright that has it."""
    where = f"{settings.host}:{settings.port}"
    if settings.port == 0:
        yield Finding(name="port", state="ok", message="Any free port will be taken")
        return
    if _is_free(settings.host, settings.port):
        yield Finding(name="port", state="ok", message=f"{where} is free")
    elif _is_logwright(settings.host, settings.port):
        yield Finding(name="port", state="ok", message=f"Logwright answers on {where}")
    else:
        yield Finding(
            name="port", state="wrong", message=f"Another program has {where}; stop it, or choose another with --port"
        )


def store_server(settings: Settings) -> Iterator[Finding]:
    """Where the logs are a ClickHouse server's, it answers and lets us in."""
    if not settings.store:
        return
    from logwright.logs.store.clickhouse import reach

    try:
        yield Finding(name="store server", state="ok", message=reach(settings.store))
    except (LogwrightError, RuntimeError) as error:
        yield Finding(name="store server", state="wrong", message=str(error)[:300])


def store(settings: Settings) -> Iterator[Finding]:
    """Where a server runs, its store answers and keeps up with the journals."""
    if not (settings.data / "run" / "store.sock").exists():
        yield Finding(name="store", state="ok", message="No server runs over this folder")
        return
    from logwright.logs.store.client import StoreClient

    async def ask() -> StoreHealth:
        async with StoreClient(settings.data, patience=0.0) as client:
            return await asyncio.wait_for(client.health(), _STORE_SECONDS)

    try:
        health = asyncio.run(ask())
    except Unavailable as error:
        if settings.store:
            yield Finding(name="store", state="warning", message=error.message)
            return
        yield Finding(name="store", state="ok", message="No server runs over this folder; the last one left its socket")
    except TimeoutError:
        yield Finding(
            name="store",
            state="wrong",
            message=f"The store process does not answer within {_STORE_SECONDS:.0f} seconds",
        )
    else:
        holds = f"{health.logs} logs, {size(health.bytes_on_disk)} on the disk"
        if health.behind_seconds > _BEHIND_SECONDS:
            late = f"the store is {health.behind_seconds:.0f} seconds behind the journals; the server's log may say why"
            yield Finding(name="store", state="warning", message=f"{holds}; {late}")
        else:
            yield Finding(name="store", state="ok", message=holds)


CHECKS: Final[tuple[Check, ...]] = (
    python,
    packages,
    variables,
    data_folder,
    file_system,
    disk_space,
    master_key,
    journal,
    store,
    store_server,
    media,
    clock,
    open_files,
    port,
)


def file_system_kind(folder: Path, mounts: str | None = None) -> str:
    """Return the kind of file system that a folder is on, as Linux names it; empty where that cannot be read.

    `mounts` is the text of /proc/self/mounts (proc(5)), in which a space stands as its octal escape.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text("utf-8", errors="replace")
        except OSError:
            return ""
    resolved = folder.resolve()
    best = ("", "")
    for line in mounts.splitlines():
        fields = line.split(" ")
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[1]) if len(fields) > 2 else ""
        # Of two mounts on one point the later hides the earlier, hence `>=`.
        if point and resolved.is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, fields[2])
    return best[1]


def _existing(path: Path) -> Path:
    """Return the path itself or the nearest folder above it that exists."""
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())


def _numbers(version: str) -> tuple[int, ...]:
    """Read `2.16.2` as numbers, as far as it is made of them."""
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4])


def _is_free(host: str, number: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            return False
    return True


def _is_logwright(host: str, number: int) -> bool:
    """Ask whoever listens for what only we answer."""
    import httpx2

    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - whoever listens on all, listens here
    shown = f"[{address}]" if ":" in address else address
    try:
        reply = httpx2.get(f"http://{shown}:{number}/healthz", timeout=2.0, trust_env=False)
        return bool(reply.json() == {"status": "ok"})
    except (httpx2.HTTPError, ValueError):
        return False
