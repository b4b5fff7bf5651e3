"""Changes survive the journal, come in bounded pieces, and may be applied twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.logs.store.test_rows import a_row

from logwright.logs.row import COLUMNS
from logwright.logs.store import changes, rows, schema
from logwright.logs.store.changes import Chosen, LogsDeleted, PartitionDropped, TagsSet
from logwright.logs.store.embedded import EmbeddedEngine

CHOSEN = Chosen("p", ["a", "it's", "back\\slash", "new\nline"], 0, 10)


@pytest.mark.parametrize(
    "change", [TagsSet(CHOSEN, {"k": "v"}, ["x"]), LogsDeleted(CHOSEN), PartitionDropped("202611", {"w0": 3}, 7)]
)
def test_a_change_comes_back_from_its_bytes(change: changes.Change) -> None:
    assert changes.decode(changes.encode(change)) == change


def test_applying_changes_again_ends_in_the_same_state(tmp_path: Path) -> None:
    """As a replay after a crash does, on a store that has them already."""
    ids = [*CHOSEN.ids, "other"]
    run: list[changes.Change] = [
        TagsSet(CHOSEN, {"k": "it's \\ \n \x00", "n": "1"}, []),
        TagsSet(Chosen("p", ["a"], 0, 10), {"n": "2"}, ["k"]),
        LogsDeleted(Chosen("p", ["back\\slash"], 0, 10)),
    ]
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    engine.insert(schema.LOGS, COLUMNS, b"".join(rows.encode(a_row(id=log_id, requested_at=5)) for log_id in ids))
    states: list[Any] = []
    for _ in range(2):
        for change in run:
            changes.apply(engine, change)
        found = engine.query("SELECT id, tags FROM logwright.logs ORDER BY id", form="JSONCompactEachRow")
        states.append(dict(msgspec.json.Decoder(tuple[str, dict[str, str]]).decode_lines(found)))
    engine.close()
    odd = {"k": "it's \\ \n \x00", "n": "1"}
    assert states == [{"a": {"n": "2"}, "it's": odd, "new\nline": odd, "other": {}}] * 2


def test_a_dropped_partition_spares_what_came_later(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    early = [a_row(id=f"early-{number}", producer="w0", sequence=number) for number in (1, 2)]
    engine.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, early)))
    drop = PartitionDropped("197001", {"w0": 2}, 2)
    engine.insert(schema.LOGS, COLUMNS, rows.encode(a_row(id="later", producer="w0", sequence=3)))
    changes.apply(engine, drop)
    changes.apply(engine, drop)
    assert engine.query("SELECT id FROM logwright.logs", form="TSV") == b"later\n"
    changes.apply(engine, PartitionDropped("197001", {"w0": 3}, 1))
    assert engine.query("SELECT count() FROM logwright.logs", form="TSV") == b"0\n"
    engine.close()
