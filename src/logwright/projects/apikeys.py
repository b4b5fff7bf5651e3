"""The form of an API key: `lwk_` or `lwa_`, 256 random bits in base 62, six check characters.

The prefix lets scanners find a leaked key; the check characters (CRC-32 of all
that stands before them) let junk be refused without a look-up.
"""

from __future__ import annotations

import secrets
import zlib
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS: Final = [(a + b).encode() for a in _ALPHABET for b in _ALPHABET]
_BODY: Final = 43  # 62 ** 43 > 2 ** 256
_CHECK: Final = 6  # 62 ** 6 > 2 ** 32
_PREFIX: Final = 4
_LENGTH: Final = _PREFIX + _BODY + _CHECK

PROJECT_PREFIX: Final = "lwk_"
ADMIN_PREFIX: Final = "lwa_"


def new_key(prefix: str) -> str:
    """Make a key that nobody can guess."""
    number = secrets.randbits(256)
    letters = []
    for _ in range(_BODY):
        number, letter = divmod(number, 62)
        letters.append(_ALPHABET[letter])
    start = prefix + "".join(letters)
    return start + _check(start.encode()).decode()


def is_well_formed(key: bytes) -> bool:
    """Say whether this can be a key at all: its length, prefix and check characters fit."""
    return len(key) == _LENGTH and key[:_PREFIX] in {b"lwk_", b"lwa_"} and key[-_CHECK:] == _check(key[:-_CHECK])


def hint_of(key: str) -> str:
    """Return what may be shown of a key ever after: its first six and last four characters."""
    return f"{key[:6]}…{key[-4:]}"


def _check(start: bytes) -> bytes:
    crc = zlib.crc32(start)
    return _PAIRS[crc // 14_776_336] + _PAIRS[crc // 3844 % 3844] + _PAIRS[crc % 3844]
