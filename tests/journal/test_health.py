"""The words for a disk that does not take records."""

from __future__ import annotations

import errno

import pytest

from logwright.journal.health import explain, explain_space


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk that holds the logs is full"),
        (errno.EDQUOT, "the disk quota for the logs is used up"),
        (errno.EROFS, "the disk that holds the logs is read-only"),
        (errno.EIO, "the disk that holds the logs failed to write"),
        (errno.EACCES, "the logs cannot be written (Permission denied)"),
    ],
)
def test_a_failure_is_told_in_one_line(code: int, words: str) -> None:
    error = OSError(code, "Permission denied")
    assert explain(error) == f"Nothing can be recorded: {words}. Recording resumes by itself when the disk works again."


def test_the_end_of_room_is_told_with_figures() -> None:
    assert explain_space(1 << 20, 4 << 20) == (
        "Nothing can be recorded: the disk that holds the logs is nearly full, 1.0 MiB can be used and 4 MiB must stay "
        "free. Recording resumes by itself when there is room."
    )
