"""The steps to the present schema are numbered, described, and may run twice."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.logs.store.test_rows import a_row

from logwright.logs.row import BODIES, COLUMNS
from logwright.logs.store import facets, reads, rows, schema
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.types import LogQuery, Order
from logwright.prompts.implicit import implicit_prompt


def test_steps_count_up_and_say_what_they_do() -> None:
    assert [step.number for step in schema.STEPS] == list(range(1, schema.VERSION + 1))
    assert all(step.sentence.endswith(".") for step in schema.STEPS)


def test_a_step_that_was_cut_short_is_run_again(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    engine.query("TRUNCATE TABLE logwright.migrations")
    engine.close()
    again = EmbeddedEngine(tmp_path / "engine", sessions=1)
    assert again.query("SELECT count() FROM logwright.migrations", form="TSV") == b"%d\n" % schema.VERSION
    again.close()


def test_merges_sync_what_they_write(tmp_path: Path) -> None:
    """This build deletes the sources of a merge at once, so without this a power cut could take both."""
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    made = engine.query("SHOW CREATE TABLE logwright.logs", form="TSVRaw").decode()
    engine.close()
    for setting in ("min_rows_to_fsync_after_merge = 1", "min_compressed_bytes_to_fsync_after_merge = 1"):
        assert setting in made
    assert "fsync_part_directory = 1" in made


def test_rows_of_the_first_schema_get_the_implicit_prompt_of_their_model(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    engine.query("DROP TABLE logwright.logs")
    engine.query("TRUNCATE TABLE logwright.migrations")
    for statement in schema.STEPS[0].statements:
        engine.query(statement)
    engine.query(
        "INSERT INTO logwright.logs (id, project_id, model, requested_at) VALUES"
        " ('log_1', 'prj_a', 'gpt-4o', now64()), ('log_2', 'prj_a', 'größe \\'quoted\\'', now64())"
    )
    engine.close()
    again = EmbeddedEngine(tmp_path / "engine", sessions=1)
    found = again.query(
        "SELECT model, prompt_id, version_id FROM logwright.logs ORDER BY id", form="JSONCompactEachRow"
    )
    again.close()
    rows = [tuple(msgspec.json.decode(line)) for line in found.splitlines()]
    assert rows == [(model, *implicit_prompt("prj_a", model)) for model in ("gpt-4o", "größe 'quoted'")]


def test_neither_pages_nor_figures_open_the_files_of_the_bodies(tmp_path: Path) -> None:
    """Without these files every other question is answered; reading a log whole, or searching its text, is not."""
    folder = tmp_path / "engine"
    opened = EmbeddedEngine(folder, sessions=1)
    made = [a_row(id=f"log-{n:04}", requested_at=n, request="r" * 2000, tags={"n": str(n % 7)}) for n in range(3000)]
    opened.query("ALTER TABLE logs MODIFY SETTING min_bytes_for_wide_part = 0")
    opened.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, made)))
    opened.close()
    files = [path for path in folder.rglob("*.bin") if path.name.partition(".")[0] in BODIES]
    assert len(files) >= len(BODIES)
    for path in files:
        path.write_bytes(b"\0" * path.stat().st_size)
    engine = EmbeddedEngine(folder, sessions=1)
    for order in (Order(), Order(key="cost"), Order(key="latency", direction="asc")):
        page = reads.search(engine, "p", LogQuery(), order, None, 100)
        assert len(reads.decode_summaries(page.data)) == 100
        assert page.next is not None
        assert len(reads.decode_summaries(reads.search(engine, "p", LogQuery(), order, page.next, 100).data)) == 100
    assert reads.stats(engine, "p", LogQuery()).count == 3000
    assert sum(bar.count for bar in reads.histogram(engine, "p", LogQuery(), 1, "tag.n")) == 3000
    assert len(facets.facets(engine, "p", LogQuery(), ["model", "status", "tag", "tag.n"], 20)[3].values) == 7
    with pytest.raises(RuntimeError, match="request"):
        reads.get(engine, "p", "log-0001")
    engine.close()


def test_a_batch_that_touches_two_months_takes_little_memory(tmp_path: Path) -> None:
    """With a buffer of 1 MiB for each file of each column it took more than a statement may have."""
    month = 31 * 86_400_000_000
    made = [a_row(id=f"log-{n:04}", requested_at=n % 3 * month, request="r" * 3000) for n in range(3000)]
    engine = EmbeddedEngine(tmp_path / "engine", sessions=1)
    engine.query("SET max_memory_usage = 200000000")
    engine.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, made)))
    assert reads.stats(engine, "p", LogQuery()).count == 3000
    engine.close()
