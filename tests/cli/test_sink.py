"""A file appears when it is whole and on the disk, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pytest

from logwright.cli.sink import sink
from logwright.errors import Conflict, InvalidRequest


def test_a_file_appears_when_the_block_is_left(tmp_path: Path) -> None:
    file = tmp_path / "out"
    with sink(str(file)) as writing:
        writing.write(b"whole")
        assert not file.exists()
    assert file.read_bytes() == b"whole"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


class Full(Exception):
    """What stops a transfer half way."""


def fail_amid(writing: IO[bytes]) -> None:
    writing.write(b"half")
    raise Full


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_bytes(b"old")
    with pytest.raises(Full), sink(str(file)) as writing:
        fail_amid(writing)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_must_not_be_replaced_is_not(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_bytes(b"old")
    with pytest.raises(Conflict, match="is there already"), sink(str(file), replaces=False):
        pass


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="No such file or directory"), sink(str(tmp_path / "no" / "out")):
        pass


def test_a_dash_is_the_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with sink("-") as writing:
        writing.write(b"\x00raw")
    assert capfdbinary.readouterr().out == b"\x00raw"
