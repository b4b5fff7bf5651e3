"""The work of `logwright export --all`: slice by slice into files, taken up where it broke off, checked at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from logwright import __version__, clock
from logwright.cli.context import Api
from logwright.cli.resuming import Progress
from logwright.clock import to_micros
from logwright.errors import Conflict, NotFound, Unavailable
from logwright.logs.dump import files
from logwright.logs.dump.files import Manifest, ProjectDump

_LOGS: Final = "/api/manage/dump/logs"
_TABLES: Final = "/api/manage/dump/tables"
_BLOBS: Final = "/api/manage/dump/blobs"
_UNFINISHED: Final = ".unfinished"
_AGAIN: Final = 3


class _Log(msgspec.Struct):
    id: str
    requested_at: datetime
    blobs: list[str] = msgspec.field(default_factory=list)


_read_log: Final = msgspec.json.Decoder(_Log).decode


class Dumper:
    """One run of an export of everything."""

    def __init__(
        self,
        api: Api,
        folder: Path,
        *,
        logs_a_file: int,
        bytes_a_file: int,
        advance: Callable[[float], None] = lambda _: None,
    ) -> None:
        """Prepare to write into a folder: a new one, or one that an earlier run left unfinished.

        Raises:
            Conflict: when it holds something else.
        """
        self._api = api
        self._folder = folder
        self._logs = logs_a_file
        self._bytes = bytes_a_file
        self._advance = advance
        self._progress = Progress(folder / _UNFINISHED, Manifest, same=files.FORMAT)
        found = self._progress.load() if folder.exists() else None
        if found is None and folder.exists() and any(folder.iterdir()):
            raise Conflict(f"{folder} holds something else; name a new folder")
        self.was_begun = found is not None
        now = clock.now()
        self.manifest = found or Manifest(made_by=__version__, made_at=now.isoformat(), until=to_micros(now))

    def run(self) -> Manifest:
        """Write everything; return the manifest, which is there when all else is."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._progress.save(self.manifest)
        self._write_tables()
        for project in self._api.get("/api/manage/projects")["data"]:
            self._write_project(project)
        self._check()
        self.manifest.schema = files.described()
        data = msgspec.json.format(msgspec.json.encode(self.manifest, order="deterministic"), indent=1)
        files.write(self._folder, files.MANIFEST, data)
        self._progress.clear()
        return self.manifest

    def _write_tables(self) -> None:
        lines: dict[str, list[bytes]] = {}
        with self._api.stream("GET", _TABLES) as stream:
            for line in stream.lines():
                told = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
                name = msgspec.json.decode(told["table"], type=str)
                lines.setdefault(name, []).append(line.encode() + b"\n")
        self.manifest.tables = {name: len(rows) for name, rows in lines.items()}
        for name, rows in lines.items():
            place = f"tables/{name}.jsonl"
            self.manifest.files[place] = files.write(self._folder, place, b"".join(rows), rows=len(rows))
        self._progress.save(self.manifest)

    def _write_project(self, project: Mapping[str, Any]) -> None:
        part = self.manifest.projects.setdefault(project["id"], ProjectDump(name=project["name"]))
        part.name = project["name"]
        for _ in range(_AGAIN):
            if not part.done:
                self._write_logs(project["id"], part)
            if part.logs == self._count(project["id"]):
                return
            # Logs of before the start came late, or were deleted, while it was written: from the beginning.
            self._forget(part)
        raise Unavailable(f"Logs of the project {part.name} come and go faster than they are written; try again later")

    def _write_logs(self, project_id: str, part: ProjectDump) -> None:
        until, before = self.manifest.until, None
        if part.files:
            last = self.manifest.files[f"{part.files[-1]}.jsonl.zst"]
            until, before = last.last_at, last.last_id
        while lines := self._slice(project_id, until, before):
            name = f"logs/{project_id}/{len(part.files) + 1:06}"
            read = [_read_log(line) for line in lines]
            packed = files.write(self._folder, f"{name}.jsonl.zst", files.jsonl(lines), rows=len(lines))
            until = to_micros(read[-1].requested_at)
            packed.last_id = before = read[-1].id
            packed.last_at = until
            self.manifest.files[f"{name}.jsonl.zst"] = packed
            self.manifest.files[f"{name}.parquet"] = files.write(
                self._folder, f"{name}.parquet", files.parquet(lines), rows=len(lines)
            )
            self._write_blobs({digest for log in read for digest in log.blobs})
            part.files.append(name)
            part.logs += len(lines)
            self._progress.save(self.manifest)
            self._advance(len(lines))
        part.done = True
        self._progress.save(self.manifest)

    def _slice(self, project_id: str, until: int, before: str | None) -> list[bytes]:
        params: dict[str, str | int | None] = {"project": project_id, "until": until, "before": before}
        with self._api.stream("GET", _LOGS, {**params, "limit": self._logs, "limit_bytes": self._bytes}) as stream:
            data = b"".join(stream.bytes())
        return data.splitlines(keepends=True)

    def _write_blobs(self, digests: set[str]) -> None:
        for digest in sorted(digests):
            place = f"blobs/{digest[:2]}/{digest}"
            if place in self.manifest.files:
                continue
            try:
                with self._api.stream("GET", f"{_BLOBS}/{digest}") as stream:
                    data = b"".join(stream.bytes())
            except NotFound:
                if digest not in self.manifest.missing_blobs:
                    self.manifest.missing_blobs.append(digest)
                continue
            self.manifest.files[place] = files.write(self._folder, place, data)
            self.manifest.blobs += 1

    def _count(self, project_id: str) -> int:
        found = self._api.get(f"{_LOGS}/count", {"project": project_id, "until": self.manifest.until})
        return int(found["logs"])

    def _forget(self, part: ProjectDump) -> None:
        for name in part.files:
            for place in (f"{name}.jsonl.zst", f"{name}.parquet"):
                self.manifest.files.pop(place, None)
                (self._folder / place).unlink(missing_ok=True)
        part.files, part.logs, part.done = [], 0, False

    def _check(self) -> None:
        """Read every file again: what the manifest says of it is what is on the disk."""
        for name, kept in self.manifest.files.items():
            files.check(self._folder, name, kept)
