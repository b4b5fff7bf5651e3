"""The audit trail: one line for every change of projects, keys and providers, in the same transaction as the change.

Each line carries the hash of the one before, so that a line altered or taken
out later breaks the chain at that place. No route changes a line.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from logwright import clock
from logwright.projects import store
from logwright.projects.types import AuditEntry

if TYPE_CHECKING:
    from logwright.db import Connection, Database

_START: Final = "0" * 64
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks for a change, and from where."""

    key_id: str
    address: str = ""
    """Empty for a command on the data directory."""
    request_id: str = ""


SYSTEM: Final = Actor(key_id="system")
"""The installation itself, at its first start."""


def record(
    connection: Connection,
    actor: Actor,
    action: str,
    object_id: str,
    *,
    project_id: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    result: str = "done",
) -> AuditEntry:
    """Append a line within the caller's writing transaction.

    `before` and `after` are the fields of the object that may be shown; the line keeps their digests.
    """
    last = store.last_audit(connection)
    entry = AuditEntry(
        sequence=1 if last is None else last.sequence + 1,
        at=clock.now(),
        actor=actor.key_id,
        action=action,
        project_id=project_id,
        object=object_id,
        before=_digest(before),
        after=_digest(after),
        result=result,
        address=actor.address,
        request_id=actor.request_id,
        previous=_START if last is None else last.hash,
        hash="",
    )
    entry = _sealed(entry)
    store.add_audit(connection, entry)
    return entry


def entries(database: Database, *, after: int, limit: int) -> Sequence[AuditEntry]:
    """Return up to `limit` lines after a sequence, in order."""
    with database.read() as connection:
        return store.audit_after(connection, after, limit)


def first_broken(database: Database) -> int | None:
    """Return the sequence of the first line that does not fit its chain, or None when all do."""
    previous, sequence = _START, 0
    with database.read() as connection:
        while found := store.audit_after(connection, sequence, _PAGE):
            for entry in found:
                if entry.sequence != sequence + 1 or entry.previous != previous or _sealed(entry).hash != entry.hash:
                    return sequence + 1
                previous, sequence = entry.hash, entry.sequence
    return None


def _sealed(entry: AuditEntry) -> AuditEntry:
    fields = dataclasses.asdict(entry)
    del fields["hash"]
    return dataclasses.replace(entry, hash=hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest())


def _digest(shown: Mapping[str, object] | None) -> str:
    return "" if shown is None else hashlib.sha256(msgspec.json.encode(shown, order="sorted")).hexdigest()
