"""Who does this key belong to? Answered from memory, true as of the last commit in any process.

The table maps digests to principals. It is swapped whole when the database's
change counter has moved, so a revoked key is refused on the very next request.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from logwright.db import Database
from logwright.errors import Unavailable
from logwright.projects import apikeys, store
from logwright.projects.master import MasterKey
from logwright.projects.types import Principal, Project
from logwright.projects.vault import Vault

_NOBODY: Final = bytes(32)
_WRITE_USE_SECONDS: Final = 60.0


@dataclass(slots=True, eq=False)
class _Entry:
    principal: Principal
    digest: bytes
    expires_at: float | None
    used: bool = False


@dataclass(frozen=True, slots=True)
class _Snapshot:
    version: int
    entries: dict[bytes, _Entry]
    projects: dict[str, Project] = field(default_factory=dict)
    by_name: dict[str, Project] = field(default_factory=dict)


class KeyTable:
    """The keys in force, held in memory. `wall` gives seconds since 1970."""

    def __init__(self, database: Database, vault: Vault, *, wall: Callable[[], float] = time.time) -> None:
        self._database = database
        self._counter = database.counter
        self._peppers = [(key.id, key.pepper) for key in reversed(vault.keys)]
        self._wall = wall
        self._used: dict[str, float] = {}
        self._now = _Snapshot(-1, {})
        self._now = self._load()
        database.watch(self.write_use, every=_WRITE_USE_SECONDS)

    def find(self, key: str | bytes) -> Principal | None:
        """Return who a key belongs to; None when it is junk, unknown, revoked or has ended: all alike to the caller.

        Raises:
            Unavailable: when keys have changed and the database cannot be asked how.
        """
        raw = key.encode("utf-8", "replace") if isinstance(key, str) else key
        if not apikeys.is_well_formed(raw):
            return None
        now = self._now
        if now.version != self._counter.value():
            now = self._now = self._load()
        for _, pepper in self._peppers:
            digest = hmac.digest(pepper, raw, "sha256")
            entry = now.entries.get(digest)
            # The same comparison when nothing was found: a wrong key takes as long as a right one.
            if hmac.compare_digest(digest, _NOBODY if entry is None else entry.digest) and entry is not None:
                if entry.expires_at is not None and entry.expires_at <= self._wall():
                    return None
                entry.used = True
                return entry.principal
        return None

    def project(self, name_or_id: str) -> Project | None:
        """Return a project by id, else by name."""
        now = self._current()
        return now.projects.get(name_or_id) or now.by_name.get(name_or_id)

    def projects(self) -> Sequence[Project]:
        """Return every project, oldest first."""
        return list(self._current().projects.values())

    def write_use(self) -> None:
        """Write down when keys were last used."""
        self._collect_use()
        waiting, self._used = self._used, {}
        used = list(waiting.items())  # in one step, for another thread may be about to add one
        if used:
            try:
                with self._database.write(announce=False) as connection:
                    store.note_use(connection, [(key_id, datetime.fromtimestamp(at, UTC)) for key_id, at in used])
            except Unavailable:
                self._used = {**dict(used), **self._used}
                raise

    def _collect_use(self) -> None:
        at = self._wall()
        for entry in self._now.entries.values():
            if entry.used:
                entry.used = False
                self._used[entry.principal.key_id] = at

    def _current(self) -> _Snapshot:
        if self._now.version != self._counter.value():
            self._now = self._load()
        return self._now

    def _load(self) -> _Snapshot:
        # The counter first: what is committed while we read makes the next request look again.
        version = self._counter.value()
        # When the database cannot be asked, this raises and the request fails: going on with the old table could let
        # a revoked key in.
        with self._database.read() as connection:
            rows = store.keys_in_force(connection)
            projects = store.all_projects(connection)
        self._collect_use()
        held = self._now.entries
        entries: dict[bytes, _Entry] = {}
        for row in rows:
            # Only revocation changes a key, so what is held of one that is still here is still right.
            entry = held.get(row.digest)
            if entry is None:
                principal = Principal(key_id=row.id, project_id=row.project_id, scope=row.scope)
                ends = None if row.expires_at is None else row.expires_at / 1e6
                entry = _Entry(principal, row.digest, ends)
            entries[row.digest] = entry
        return _Snapshot(
            version,
            entries,
            {project.id: project for project in projects},
            {project.name: project for project in projects},
        )


def digest_of(key: str, master: MasterKey) -> bytes:
    """Return what is stored of a key: its HMAC-SHA-256 under a pepper that the database does not hold."""
    return hmac.digest(master.pepper, key.encode(), "sha256")
