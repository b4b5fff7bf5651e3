"""Copy the logs of one engine into another, by ranges that are compared before and after.

A range is the logs of one producer whose sequences share their thousands. Both engines
say count and checksum of each; what is equal is left alone, so a copy that was cut short
goes on where it stopped and one that is whole changes nothing. What differs is deleted
in the target and copied again: there is no way for a half of an older state to stay.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from logwright.logs.row import COLUMNS
from logwright.logs.store.engine import Engine
from logwright.logs.store.machines import DELETIONS
from logwright.logs.store.schema import AMENDMENTS, LOGS
from logwright.logs.store.sql import quoted

_RANGE: Final = 5_000
_COPY_BYTES: Final = 24 << 20
_CHECKED: Final = tuple(name for name in COLUMNS if name != "producer")
# In a tuple, because the hash of several arguments is NULL where one of them is.
_CHECKSUM: Final = f"sum(cityHash64(tuple({', '.join(_CHECKED)})))"
_AMENDMENT_COLUMNS: Final = ("project_id", "log_id", "at", "by", "before", "after")


class Range(NamedTuple):
    """Some logs of one producer, by its name in the engine that was asked."""

    producer: str
    number: int


class Sum(NamedTuple):
    """What a range holds."""

    logs: int
    checksum: int
    bytes: int
    last: int
    """The highest sequence in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How the source's producers are called in the target."""

    machine: str
    """This machine's prefix: it is added to names that have none, or taken from those that have it."""
    adds: bool
    """Whether the target is shared and the source is not."""
    removes: bool

    def in_target(self, producer: str) -> str:
        """Give a producer's name in the target."""
        if self.adds:
            # A store of one machine has names with a dot only where a migration once brought them.
            return producer if "." in producer else self.machine + producer
        return producer.removeprefix(self.machine) if self.removes else producer


def names(source: Engine, target: Engine) -> Names:
    """Say how producers are called, from whether each engine is shared by machines."""
    return Names(
        machine=source.machine or target.machine,
        adds=not source.machine and bool(target.machine),
        removes=bool(source.machine) and not target.machine,
    )


def sums(engine: Engine, until: Mapping[str, int], *, others: bool = False) -> dict[Range, Sum]:
    """Count and sum up the ranges of an engine, of each producer up to the sequence `until`.

    With `others`, producers that are not named there are taken whole.
    """
    where = " OR ".join(f"(producer = {quoted(name)} AND sequence <= {last})" for name, last in until.items()) or "0"
    if others:
        where = f"{where} OR producer NOT IN ({', '.join([quoted(''), *map(quoted, until)])})"
    data = b"".join(
        engine.stream(
            f"SELECT producer AS p, intDiv(sequence, {_RANGE}) AS n, count() AS c, {_CHECKSUM} AS s,"
            " sum(length(request) + length(response) + length(details) + 500) AS b, max(sequence) AS l"
            f" FROM {LOGS} WHERE {where} GROUP BY p, n ORDER BY p, n"
        )
    )
    rows = msgspec.json.Decoder(_Row).decode_lines(data)
    return {Range(row.p, row.n): Sum(row.c, row.s, row.b, row.l) for row in rows}


class _Row(msgspec.Struct):
    p: str
    n: int
    c: int
    s: int
    b: int
    l: int  # noqa: E741  a column of the statement above


def ends(found: Mapping[Range, Sum], named: Names) -> dict[str, int]:
    """Give the highest sequence of each producer, by its name in the target.

    Beyond it the target may have logs that never were in the source; they are nobody's business here.
    """
    highest: dict[str, int] = {}
    for each, held in found.items():
        name = named.in_target(each.producer)
        highest[name] = max(highest.get(name, 0), held.last)
    return highest


def differing(found: Mapping[Range, Sum], there: Mapping[Range, Sum], named: Names) -> list[Range]:
    """Name the ranges, as the source does, that the target has otherwise, not at all, or alone."""
    mapped = {Range(named.in_target(each.producer), each.number): each for each in found}
    wrong = [each for ours, each in mapped.items() if there.get(ours, NOTHING)[:2] != found[each][:2]]
    back = {named.in_target(each.producer): each.producer for each in found}
    return wrong + [Range(back[each.producer], each.number) for each in there if each not in mapped]


NOTHING: Final = Sum(0, 0, 0, 0)


def copy_range(source: Engine, target: Engine, each: Range, size: Sum, named: Names, *, until: int) -> None:
    """Put one range, up to the sequence `until`, into the target in place of what it has of it."""
    there = named.in_target(each.producer)
    first, last = each.number * _RANGE, min((each.number + 1) * _RANGE - 1, until)
    ours = f"producer = {quoted(there)} AND sequence BETWEEN {first} AND {last}"
    if target.query(f"SELECT 1 FROM {LOGS} WHERE {ours} LIMIT 1", form="TSV"):
        target.query(f"DELETE FROM {target.owned} WHERE {ours}")
    pieces = min(max(1, -(-size.bytes // _COPY_BYTES)), _RANGE)
    width = -(-_RANGE // pieces)
    columns = ", ".join(f"{quoted(there)} AS producer" if name == "producer" else f"t.{name}" for name in COLUMNS)
    for start in range(first, last + 1, width):
        rows = source.query(
            f"SELECT {columns} FROM {LOGS} AS t WHERE t.producer = {quoted(each.producer)}"
            f" AND t.sequence BETWEEN {start} AND {min(start + width - 1, last)}"
            " ORDER BY t.project_id, t.requested_at, t.id SETTINGS max_threads = 1",
            form="RowBinary",
        )
        if rows:
            target.insert(LOGS, COLUMNS, rows, token=f"copy-{secrets.token_hex(16)}")


def copy_beside(source: Engine, target: Engine) -> int:
    """Copy what stands beside the logs, the amendments and the deletions; return how many amendments there are.

    Both tables let rows that are equal fall together, so a second time changes nothing.
    """
    columns = ", ".join(_AMENDMENT_COLUMNS)
    rows = source.query(f"SELECT {columns} FROM {AMENDMENTS} FINAL ORDER BY at", form="RowBinary")
    known = target.query(f"SELECT {columns} FROM {AMENDMENTS} FINAL ORDER BY at", form="RowBinary")
    if rows and rows != known:
        target.insert(AMENDMENTS, _AMENDMENT_COLUMNS, rows, token=f"copy-{secrets.token_hex(16)}")
    if source.machine and target.machine:
        gone = source.query(f"SELECT producer, sequence FROM {DELETIONS} FINAL", form="RowBinary")
        if gone:
            target.insert(DELETIONS, ("producer", "sequence"), gone, token=f"copy-{secrets.token_hex(16)}")
    return int(source.query(f"SELECT count() FROM {AMENDMENTS} FINAL", form="TSV"))
