"""The file that says how far a command got."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest

from logwright.cli.resuming import Progress
from logwright.errors import InvalidRequest


class Steps(msgspec.Struct):
    done: int = 0


def test_a_state_is_taken_up_where_it_belongs(tmp_path: Path) -> None:
    path = tmp_path / "state"
    progress = Progress(path, Steps, same="a")
    assert progress.load() is None
    progress.save(Steps(3))
    progress.save(Steps(4))
    assert Progress(path, Steps, same="a").load() == Steps(4)
    assert Progress(path, Steps, same="b").load() is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    progress.clear()
    progress.clear()
    assert progress.load() is None


@pytest.mark.parametrize("content", ["", "{", '{"of":"a"}', '{"of":"a","state":{"done":"x"}}', '{"of":5,"state":{}}'])
def test_a_broken_state_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state"
    path.write_text(content)
    assert Progress(path, Steps, same="a").load() is None


def test_a_state_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="--state"):
        Progress(tmp_path / "none" / "state", Steps, same="a").save(Steps(1))
