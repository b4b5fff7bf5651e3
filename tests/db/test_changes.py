"""The counter of changes: seen by all processes of a machine, at no cost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from logwright.db import ChangeCounter

BUMP = "import sys; from pathlib import Path; from logwright.db import ChangeCounter\n"


def test_a_bump_in_one_process_is_seen_in_another_at_once(tmp_path: Path) -> None:
    counter = ChangeCounter(tmp_path / "run" / "changes")
    before = counter.value()
    subprocess.run(
        [sys.executable, "-c", f"{BUMP}ChangeCounter(Path(sys.argv[1])).bump()", str(tmp_path / "run" / "changes")],
        check=True,
        timeout=30,
    )
    assert counter.value() == before + 1
    counter.close()


def test_no_bump_is_lost_when_several_processes_bump_at_once(tmp_path: Path) -> None:
    path = tmp_path / "changes"
    counter = ChangeCounter(path)
    code = f"{BUMP}c = ChangeCounter(Path(sys.argv[1]))\nfor _ in range(2000): c.bump()"
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    assert counter.value() == 6000
    counter.close()


def test_the_value_goes_on_from_where_it_was_when_it_is_opened_again(tmp_path: Path) -> None:
    first = ChangeCounter(tmp_path / "changes")
    first.bump()
    second = ChangeCounter(tmp_path / "changes")
    assert second.value() == 1
    first.close()
    second.close()


def test_a_change_noticed_by_one_process_alone_moves_its_own_value_only(tmp_path: Path) -> None:
    mine, other = ChangeCounter(tmp_path / "changes"), ChangeCounter(tmp_path / "changes")
    mine.notice()
    assert (mine.value(), other.value()) == (1, 0)
    mine.close()
    other.close()


def test_the_counter_takes_its_room_on_the_disk_at_once(tmp_path: Path) -> None:
    """Writing into a mapped hole would kill the process on a full disk."""
    counter = ChangeCounter(tmp_path / "changes")
    assert (tmp_path / "changes").stat().st_blocks > 0
    counter.close()


def test_nobody_else_may_read_or_write_the_counter(tmp_path: Path) -> None:
    counter = ChangeCounter(tmp_path / "run" / "changes")
    assert (tmp_path / "run" / "changes").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700
    counter.close()
