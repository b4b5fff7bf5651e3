"""Words for why records cannot be taken at present."""

from __future__ import annotations

import errno
from typing import Final

from logwright.journal.space import MEBIBYTE

_WORDS: Final = {
    errno.ENOSPC: "the disk that holds the logs is full",
    errno.EDQUOT: "the disk quota for the logs is used up",
    errno.EROFS: "the disk that holds the logs is read-only",
    errno.EIO: "the disk that holds the logs failed to write",
}


def explain(error: OSError) -> str:
    """Say what went wrong with the disk and what to do."""
    what = _WORDS.get(error.errno or 0, f"the logs cannot be written ({error.strerror or error})")
    return f"Nothing can be recorded: {what}. Recording resumes by itself when the disk works again."


def explain_space(free: int, needed: int) -> str:
    """Say that the room on the disk ends."""
    return (
        f"Nothing can be recorded: the disk that holds the logs is nearly full, {free / MEBIBYTE:.1f} MiB can be used "
        f"and {needed / MEBIBYTE:.0f} MiB must stay free. Recording resumes by itself when there is room."
    )
