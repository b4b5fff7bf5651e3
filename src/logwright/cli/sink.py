"""Where commands write what they fetch: a file that appears under its name when it is whole, or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from logwright.errors import Conflict, InvalidRequest, Unavailable


@contextmanager
def sink(target: str, *, replaces: bool = True) -> Iterator[IO[bytes]]:
    """Open where a result goes; `-` is the standard output. A file is on the disk when the block is left.

    Raises:
        Conflict: when the file is there and is not to be replaced.
        InvalidRequest: when it cannot be made.
        Unavailable: when it could not be written to its end; nothing is left of it.
    """
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    if not replaces and path.exists():
        raise Conflict(f"{target} is there already; choose another name")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # For nobody else to read: it holds what people told a model.
        file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w+b")
    except OSError as error:
        raise InvalidRequest(f"{target} cannot be written: {error.strerror}") from error
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise Unavailable(f"{target} could not be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
