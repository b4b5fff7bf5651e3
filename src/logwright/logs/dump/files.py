"""The files of a dump: logs as JSON lines (zstd) and as Parquet, tables as JSON lines, and the manifest of it all.

The same logs make the same bytes, whenever and wherever they are written: nothing in
the files tells of the moment but the manifest.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import msgspec

from logwright.errors import InvalidRequest
from logwright.logs.dump.rows import DUMPED, MOMENTS

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST: Final = "manifest.json"
FORMAT: Final = "logwright-dump"
FORMAT_VERSION: Final = 1
_PIECE: Final = 1 << 20


class Kept(msgspec.Struct, kw_only=True):
    """A file of a dump."""

    bytes: int
    sha256: str
    rows: int = 0
    last_id: str = ""
    """Of a file of logs, the last one's id and time: where the next file begins."""
    last_at: int = 0


class ProjectDump(msgspec.Struct, kw_only=True):
    """One project's part of a dump."""

    name: str
    logs: int = 0
    files: list[str] = msgspec.field(default_factory=list)
    """The files of its logs without their endings, newest logs first; each is there as `.jsonl.zst` and `.parquet`."""
    done: bool = False


class Manifest(msgspec.Struct, kw_only=True):
    """What a dump holds."""

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    made_by: str
    """The release of Logwright."""
    made_at: str
    until: int
    """Logs of calls up to this moment are in it, in microseconds since 1970."""
    projects: dict[str, ProjectDump] = msgspec.field(default_factory=dict)
    tables: dict[str, int] = msgspec.field(default_factory=dict)
    """How many rows of each small table."""
    blobs: int = 0
    missing_blobs: list[str] = msgspec.field(default_factory=list)
    """Media that logs refer to and that were gone already."""
    schema: dict[str, str] = msgspec.field(default_factory=dict)
    """The columns of a log, with their types in Parquet."""
    files: dict[str, Kept] = msgspec.field(default_factory=dict)


def schema() -> pa.Schema:
    """Return the columns of the Parquet files."""
    import pyarrow as pa

    moment = pa.timestamp("us", tz="UTC")
    special = {
        **dict.fromkeys(MOMENTS, moment),
        **dict.fromkeys(("status", "fallback_index", "retries"), pa.int32()),
        **dict.fromkeys(("stream", "truncated"), pa.bool_()),
        **dict.fromkeys(("cost", "input_cost", "output_cost", "latency", "ttft"), pa.float64()),
        "tags": pa.map_(pa.string(), pa.string()),
        "blobs": pa.list_(pa.string()),
    }
    return pa.schema(
        [pa.field(name, special.get(name, pa.int64() if name.endswith("_tokens") else pa.string())) for name in DUMPED]
    )


def parquet(lines: Iterable[bytes]) -> bytes:
    """Write the lines of a slice as a Parquet file; bodies are their JSON text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, list[Any]] = {name: [] for name in DUMPED}
    for line in lines:
        told = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
        for name in DUMPED:
            columns[name].append(_cell(name, told))
    made = schema()
    table = pa.Table.from_arrays([pa.array(columns[field.name], type=field.type) for field in made], schema=made)
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", row_group_size=10_000)
    return file.getvalue()


def _cell(name: str, told: dict[str, msgspec.Raw]) -> Any:
    if name in {"request", "response", "details"}:
        if f"{name}_text" in told:
            return msgspec.json.decode(told[f"{name}_text"])
        return bytes(told[name]).decode() if name in told else ""
    if name in MOMENTS:
        from datetime import datetime

        return msgspec.json.decode(told[name], type=datetime | None)
    value = msgspec.json.decode(told[name])
    return list(value.items()) if name == "tags" else value


def jsonl(lines: Iterable[bytes]) -> bytes:
    """Compress lines as one zstd frame."""
    import pyarrow as pa

    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as file:
        for line in lines:
            file.write(line)
    return bytes(target.getvalue())


def write(folder: Path, name: str, data: bytes, *, rows: int = 0) -> Kept:
    """Write a file so that it is there whole or not at all, durable, for nobody else to read."""
    path = folder / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return Kept(bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), rows=rows)


def check(folder: Path, name: str, kept: Kept) -> None:
    """Read a file and hold it against the manifest.

    Raises:
        InvalidRequest: when it is not there, or not what was written.
    """
    digest = hashlib.sha256()
    size = 0
    try:
        with inside(folder, name).open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        raise InvalidRequest(f"The dump is not whole: {name} cannot be read ({error.strerror})") from error
    if (size, digest.hexdigest()) != (kept.bytes, kept.sha256):
        raise InvalidRequest(f"The dump is damaged: {name} is not what was written")


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file that a manifest names.

    Raises:
        InvalidRequest: when it would lie outside of the dump.
    """
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts:
        raise InvalidRequest(f"The manifest names a file outside of the dump: {name}")
    return folder / path


def manifest_of(folder: Path) -> Manifest:
    """Read a dump's manifest.

    Raises:
        InvalidRequest: when the folder is no dump of ours, or is one of a later release.
    """
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except OSError as error:
        raise InvalidRequest(f"{folder} is no dump: it has no {MANIFEST}") from error
    except msgspec.MsgspecError as error:
        raise InvalidRequest(f"{folder} is no dump of Logwright: {error}") from error
    if found.format != FORMAT or found.format_version > FORMAT_VERSION:
        raise InvalidRequest(f"{folder} was made by a later release ({found.made_by}); read it with that one")
    return found


def lines_of(folder: Path, name: str) -> Iterator[bytes]:
    """Yield the lines of a `.jsonl.zst` file."""
    import pyarrow as pa

    with pa.CompressedInputStream(pa.OSFile(str(inside(folder, name))), "zstd") as file:
        rest = b""
        while piece := file.read(_PIECE):
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines
        if rest:
            yield rest


def described() -> dict[str, str]:
    """Return the columns of a log and their types, for the manifest."""
    return {field.name: str(field.type) for field in schema()}


def names_of(files: Sequence[str]) -> list[str]:
    """Return the names of the JSON lines among a project's files."""
    return [f"{name}.jsonl.zst" for name in files]
