"""`logwright audit` proves that nothing is missing, and tells when something is."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from logwright.cli.main import main
from logwright.journal import JournalWriter
from logwright.logs.record import encode
from logwright.testing.factories import a_record


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose journal holds ten records in several segments, and which no store has read yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("LOGWRIGHT_DATA", str(folder))
    monkeypatch.setenv("LOGWRIGHT_MASTER_KEY_FILE", str(tmp_path / "config" / "master.key"))
    assert CliRunner().invoke(main, ["projects", "create", "team"]).exit_code == 0

    async def fill() -> None:
        writer = JournalWriter(folder / "journal", "w0", durability="os", segment_bytes=64 << 10)
        for _ in range(10):
            await writer.record(encode(a_record(request={"text": "x" * 30_000})))
        writer.close()

    asyncio.run(fill())
    return folder


def test_what_the_journal_holds_is_stored_and_complete(data: Path) -> None:
    done = CliRunner().invoke(main, ["audit", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["complete"] is True
    assert told["present"] == 10
    done = CliRunner().invoke(main, ["audit"])
    assert "Complete: 10 stored, 0 deleted since, 10 present; 0 media, 0 missing, 0 unreferred." in done.stderr
    assert done.stdout.startswith("producer\t")


def test_a_lost_segment_is_named_and_ends_with_status_1(data: Path) -> None:
    segments = sorted((data / "journal" / "w0").glob("*.journal"))
    assert len(segments) > 2
    lost = segments[1]
    first, after = int(lost.stem), int(segments[2].stem)
    lost.unlink()
    done = CliRunner().invoke(main, ["audit", "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["complete"] is False
    assert told["gaps"] == [{"producer": "w0", "first": first, "last": after - 1}]
    done = CliRunner().invoke(main, ["audit"])
    assert done.exit_code == 1
    assert f"Missing: w0 {first} to {after - 1}" in done.stderr
