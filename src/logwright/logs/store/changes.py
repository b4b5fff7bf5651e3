"""Changes to stored logs, as the store's own journal keeps them, and how they are applied.

A change names the logs it means by id, so it cannot touch a log that came later,
and it sets absolute values, so applying a run of changes a second time ends in the
same state. That is what makes replaying them after a crash safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from logwright.logs.store import amendments
from logwright.logs.store.amendments import AmendmentsRestored, LogAmended
from logwright.logs.store.engine import Engine
from logwright.logs.store.machines import note_deletions
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import literals, quoted

PRODUCER: Final = "store"
"""The journal of changes; records of calls are never in it."""

IDS_IN_A_CHANGE: Final = 10_000
"""Larger changes are cut up, so that ingest gets its turn between the pieces."""


class Chosen(msgspec.Struct, frozen=True, array_like=True):
    """The logs that a change means."""

    project_id: str
    ids: list[str]
    since: int
    """The earliest `requested_at` among them, in microseconds; with `until` it leads to the rows."""
    until: int


class TagsSet(msgspec.Struct, frozen=True, array_like=True, tag="tags"):
    """Set and remove tags."""

    chosen: Chosen
    values: dict[str, str]
    removed: list[str]


class LogsDeleted(msgspec.Struct, frozen=True, array_like=True, tag="delete"):
    """Delete logs for good."""

    chosen: Chosen


class PartitionDropped(msgspec.Struct, frozen=True, array_like=True, tag="drop"):
    """Delete a whole partition, all of whose rows were chosen."""

    partition: str
    levels: dict[str, int]
    """The last sequence taken from each producer when it was chosen: rows beyond are not meant."""
    rows: int


Change = TagsSet | LogsDeleted | PartitionDropped | LogAmended | AmendmentsRestored

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Change] = msgspec.msgpack.Decoder(Change)
encode = _encoder.encode
decode = _decoder.decode


def deleted_by(change: Change) -> int:
    """Say how many rows a change takes away for good."""
    match change:
        case TagsSet() | LogAmended() | AmendmentsRestored():
            return 0
        case LogsDeleted(chosen=chosen):
            return len(chosen.ids)
        case PartitionDropped(rows=rows):
            return rows


def apply(engine: Engine, change: Change) -> None:
    """Carry a change out; a second time changes nothing."""
    match change:
        case TagsSet(chosen=chosen, values=values, removed=removed):
            where, parameters = _where(chosen)
            tags = f"mapUpdate(tags, {_map(values)})" if values else "tags"
            if removed:
                names = ", ".join(quoted(name) for name in removed)
                tags = f"mapFilter((name, value) -> name NOT IN ({names}), {tags})"
            engine.query(f"UPDATE {engine.owned} SET tags = {tags} WHERE {where}", parameters)
        case LogsDeleted(chosen=chosen):
            where, parameters = _where(chosen)
            if engine.machine:
                note_deletions(engine, where, parameters)
            engine.query(f"DELETE FROM {engine.owned} WHERE {where}", parameters)
            amendments.forget(engine, chosen.project_id, chosen.ids)
        case PartitionDropped(partition=partition, levels=levels):
            _drop(engine, partition, levels)
            amendments.forget_orphans(engine)
        case LogAmended():
            amendments.apply(engine, change)
        case AmendmentsRestored():
            amendments.restore(engine, change)


def _drop(engine: Engine, partition: str, levels: Mapping[str, int]) -> None:
    """Drop the partition when nothing has come to it since, else delete what was there."""
    meant = " OR ".join(f"(producer = {quoted(producer)} AND sequence <= {last})" for producer, last in levels.items())
    later = int(
        engine.query(
            f"SELECT count() FROM {LOGS} WHERE _partition_id = {{partition:String}} AND NOT ({meant})",
            {"partition": partition},
            form="TSV",
        )
    )
    if later:
        engine.query(
            f"DELETE FROM {engine.owned} WHERE _partition_id = {{partition:String}} AND ({meant})",
            {"partition": partition},
        )
    else:
        engine.query(f"ALTER TABLE {engine.owned} DROP PARTITION ID {quoted(partition)}")


def within(levels: Mapping[str, int]) -> str:
    """Say in SQL which rows had been taken in at these levels."""
    return " OR ".join(f"(producer = {quoted(name)} AND sequence <= {last})" for name, last in levels.items()) or "0"


def _where(chosen: Chosen) -> tuple[str, dict[str, object]]:
    ids = ", ".join(quoted(log_id) for log_id in chosen.ids)
    condition = (
        "project_id = {project:String}"
        " AND requested_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')"
        " AND requested_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')"
        f" AND id IN ({ids})"
    )
    return condition, {**literals({"project": chosen.project_id}), "since": chosen.since, "until": chosen.until}


def _map(values: Mapping[str, str]) -> str:
    return f"map({', '.join(quoted(part) for pair in values.items() for part in pair)})"
