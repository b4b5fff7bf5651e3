"""Amendments in the store: columns of one log set to given values, with what stood there before kept beside it.

Values are absolute, so replaying an amendment after a crash ends in the same state.
The time of the call is part of the table's order and cannot be updated in place: a log
whose time is amended is written once more at its new place and then deleted at the old
one, under the same producer and sequence, so that it still counts as the same record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from logwright.clock import from_micros
from logwright.logs.row import COLUMNS
from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import AMENDMENTS, LOGS
from logwright.logs.store.sql import literals, quoted
from logwright.logs.types import Amendment

_IDS_AT_ONCE: Final = 10_000


class LogAmended(msgspec.Struct, frozen=True, array_like=True, tag="amend"):
    """Set columns of one log."""

    project_id: str
    log_id: str
    requested_at: int
    """Where the log stood, in microseconds."""
    values: dict[str, Any]
    """The new values by column, `amended_at` among them; moments are microseconds since 1970."""
    before: dict[str, Any]
    at: int
    """When it was amended, in microseconds since 1970."""
    by: str
    """Who did: the id of a key, or what else names the caller."""


def apply(engine: Engine, change: LogAmended) -> None:
    """Carry an amendment out; a second time changes nothing."""
    values = dict(change.values)
    moved_to = values.pop("requested_at", None)
    if moved_to is not None and moved_to != change.requested_at:
        _move(engine, change, moved_to)
    place = change.requested_at if moved_to is None else moved_to
    settings = ", ".join(f"{name} = {_literal(name, value)}" for name, value in values.items())
    engine.query(f"UPDATE {engine.owned} SET {settings} WHERE {_AT}", _bound(change, place))
    after = {name: value for name, value in change.values.items() if name != "amended_at"}
    engine.query(
        f"INSERT INTO {AMENDMENTS} (project_id, log_id, at, by, before, after)"
        f" SELECT {{project:String}}, {{id:String}}, {_moment(change.at)}, {quoted(change.by)},"
        f" {quoted(_json(change.before))}, {quoted(_json(after))}",
        _bound(change, place),
    )


class AmendmentsRestored(msgspec.Struct, frozen=True, array_like=True, tag="restore"):
    """Put amendments that were made in another store into a log's history."""

    project_id: str
    log_id: str
    found: list[tuple[int, str, dict[str, Any], dict[str, Any]]]
    """When (microseconds since 1970), by whom, what stood there, what was put there."""


def restore(engine: Engine, change: AmendmentsRestored) -> None:
    """Carry it out; the table keeps one of equal amendments, so a second time changes nothing."""
    bound = literals({"project": change.project_id, "id": change.log_id})
    for at, by, before, after in change.found:
        engine.query(
            f"INSERT INTO {AMENDMENTS} (project_id, log_id, at, by, before, after)"
            f" SELECT {{project:String}}, {{id:String}}, {_moment(at)}, {quoted(by)},"
            f" {quoted(_json(before))}, {quoted(_json(after))}",
            bound,
        )


def forget(engine: Engine, project_id: str, log_ids: Sequence[str]) -> None:
    """Delete the amendments of logs that are deleted: they hold what the logs held."""
    if not _any(engine):
        return
    ids = ", ".join(map(quoted, log_ids))
    engine.query(
        f"DELETE FROM {engine.owned_amendments} WHERE project_id = {{project:String}} AND log_id IN ({ids})",
        literals({"project": project_id}),
    )


def forget_orphans(engine: Engine) -> None:
    """Delete the amendments whose log is gone, after a whole partition was dropped."""
    if not _any(engine):
        return
    rows = engine.query(
        f"SELECT DISTINCT project_id, log_id FROM {AMENDMENTS} WHERE log_id NOT IN"
        f" (SELECT id FROM {LOGS} WHERE id IN (SELECT log_id FROM {AMENDMENTS}))",
        form="JSONCompactEachRow",
    )
    orphans: dict[str, list[str]] = {}
    for project_id, log_id in msgspec.json.Decoder(tuple[str, str]).decode_lines(rows):
        orphans.setdefault(project_id, []).append(log_id)
    for project_id, log_ids in orphans.items():
        for start in range(0, len(log_ids), _IDS_AT_ONCE):
            forget(engine, project_id, log_ids[start : start + _IDS_AT_ONCE])


def of_log(engine: Engine, project_id: str, log_id: str) -> list[Amendment]:
    """Return the amendments of a log, oldest first."""
    rows = engine.query(
        f"SELECT toUnixTimestamp64Micro(at), by, before, after FROM {AMENDMENTS} FINAL"
        " WHERE project_id = {project:String} AND log_id = {id:String} ORDER BY at",
        literals({"project": project_id, "id": log_id}),
        form="JSONCompactEachRow",
    )
    return [
        Amendment(at=from_micros(at), by=by, before=msgspec.json.decode(before), after=msgspec.json.decode(after))
        for at, by, before, after in msgspec.json.Decoder(tuple[int, str, str, str]).decode_lines(rows)
    ]


_AT: Final = (
    "project_id = {project:String} AND id = {id:String}"
    " AND requested_at = fromUnixTimestamp64Micro({place:Int64}, 'UTC')"
)


def _bound(change: LogAmended, place: int) -> dict[str, object]:
    return {**literals({"project": change.project_id, "id": change.log_id}), "place": place}


def _any(engine: Engine) -> bool:
    return bool(engine.query(f"SELECT 1 FROM {AMENDMENTS} LIMIT 1", form="TSV"))


def _move(engine: Engine, change: LogAmended, moved_to: int) -> None:
    """Write the log at its new time unless it is there, then delete it at the old one."""
    there = engine.query(f"SELECT 1 FROM {LOGS} WHERE {_AT} LIMIT 1", _bound(change, moved_to), form="TSV")
    if not there:
        columns = ", ".join(COLUMNS)
        copied = ", ".join(_moment(moved_to) if name == "requested_at" else name for name in COLUMNS)
        engine.query(
            f"INSERT INTO {LOGS} ({columns}) SELECT {copied} FROM {LOGS} WHERE {_AT}",
            _bound(change, change.requested_at),
        )
    engine.query(f"DELETE FROM {engine.owned} WHERE {_AT}", _bound(change, change.requested_at))


def _literal(name: str, value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return quoted(value)
        case dict():
            return f"map({', '.join(quoted(part) for pair in value.items() for part in pair)})" if value else _NO_TAGS
        case list():
            return f"[{', '.join(map(quoted, value))}]"
        case int() if name in _MOMENTS:
            return _moment(value)
        case _:
            return repr(value)


_MOMENTS: Final = frozenset({"received_at", "amended_at"})
_NO_TAGS: Final = "CAST(map(), 'Map(LowCardinality(String), String)')"


def _moment(micros: int) -> str:
    return f"fromUnixTimestamp64Micro({micros}, 'UTC')"


def _json(values: Mapping[str, Any]) -> str:
    return msgspec.json.encode(values).decode()
