"""The master keys: what the sealed secrets and the digests of API keys are worth nothing without.

They live outside the data directory, so that a stolen disk or backup opens
nothing. There may be several, one a line: the last one seals, all of them open.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from logwright.errors import Misconfigured

VARIABLE: Final = "LOGWRIGHT_MASTER_KEY"
_HOW: Final = "make one with: openssl rand -hex 32"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MasterKey:
    """One master key and the two keys derived from it, so that neither use can weaken the other."""

    id: str
    """Eight hexadecimal digits that name the key and give nothing of it away."""
    sealing: bytes
    """Seals provider keys."""
    pepper: bytes
    """Makes the digests of API keys."""


def master_key(raw: bytes) -> MasterKey:
    """Derive what is needed from 32 random bytes (HKDF-SHA-256, RFC 5869, one label for each use)."""

    def derive(label: str, length: int) -> bytes:
        return HKDF(SHA256(), length, salt=None, info=f"logwright {label} 1".encode()).derive(raw)

    return MasterKey(id=derive("key id", 4).hex(), sealing=derive("sealing", 32), pepper=derive("pepper", 32))


def parse(text: str) -> Sequence[MasterKey]:
    """Read master keys, one a line, oldest first: 64 hexadecimal digits or the base 64 of 32 bytes each.

    Raises:
        Misconfigured: when a line is no such key, or there is none. The message never repeats what was read.
    """
    lines = [line for line in (line.strip() for line in re.split(r"[\n,]", text)) if line and not line.startswith("#")]
    if not lines:
        raise Misconfigured(f"There is no master key in what should hold it; {_HOW}")
    return [master_key(_raw(line, number)) for number, line in enumerate(lines, start=1)]


def load(given: str, file: Path, *, may_generate: bool, in_use: bool = False) -> Sequence[MasterKey]:
    """Return the master keys from the setting (`given`, when not empty), else from `file`.

    `may_generate` makes the file when it is missing. `in_use` says that the
    database already holds what some master key sealed: then a new one would only
    hide the loss, and the missing file is an error whatever `may_generate` says.

    Raises:
        Misconfigured: when there is none, others may read the file, or its content is no key.
    """
    if given.strip():
        return parse(given)
    try:
        text = _read_private(file)
    except FileNotFoundError:
        if in_use:
            raise Misconfigured(
                f"The master key is missing: {file} is not there and {VARIABLE} is not set, but the database holds "
                "keys that only it can open. Put the file back from where you keep it"
            ) from None
        if not may_generate:
            raise Misconfigured(
                f"There is no master key: set {VARIABLE}, or put one into {file} with rights 0600; {_HOW}"
            ) from None
        _generate(file)
        text = _read_private(file)
    return parse(text)


def _raw(line: str, number: int) -> bytes:
    try:
        if len(line) == 64:
            return bytes.fromhex(line)
        raw = base64.b64decode(line.replace("-", "+").replace("_", "/") + "=" * (-len(line) % 4), validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != 32:
        raise Misconfigured(f"Line {number} of the master key is not 64 hexadecimal digits; {_HOW}")
    return raw


def _read_private(file: Path) -> str:
    with file.open(encoding="ascii", errors="replace") as stream:
        mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
        if mode & 0o077:
            raise Misconfigured(f"Others may read the master key {file} (rights {mode:04o}); run: chmod 600 {file}")
        return stream.read()


def _generate(file: Path) -> None:
    """Make the file whole or not at all, and keep what another process has made meanwhile."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    _write_private(fresh, secrets.token_hex(32) + "\n")
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    _sync_folder(file.parent)


def _write_private(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the file's name durable too: what it seals is worth nothing if the name is lost."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
