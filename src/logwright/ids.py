"""Identifiers that say what they name and sort by the time they were made.

An id is a prefix and a ULID: 48 bits of milliseconds since 1970 and 80 random
bits, in Crockford's base 32 (github.com/ulid/spec, version of 2019). Because the
time stands first, a look-up by id is a look-up in a narrow range of time.
"""

from __future__ import annotations

import os
import random
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = [a + b for a in ALPHABET for b in ALPHABET]  # ten bits at a time: half the steps of five
_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}
_BODY_LENGTH: Final = 26
_RANDOM_BITS: Final = 80
_LAST_MILLISECOND: Final = (1 << 48) - 1

# Ids must not collide; they need not be secret, for nothing is opened by knowing one. A generator seeded by the system
# gives 80 bits in a seventh of the time that asking the system for each takes, and one is made for every call.
_dice: Final = random.Random(os.urandom(32))  # noqa: S311 - see above
os.register_at_fork(after_in_child=lambda: _dice.seed(os.urandom(32)))


def new_id(prefix: str, micros: int) -> str:
    """Make an id such as `log_01J9Z3N7Q8…` for something that happened at `micros` (microseconds since 1970).

    Times before 1970 and after the year 10889, which 48 bits of milliseconds cannot hold, are clamped.
    """
    millis = min(max(micros // 1000, 0), _LAST_MILLISECOND)
    return f"{prefix}_{_encode((millis << _RANDOM_BITS) | _dice.getrandbits(_RANDOM_BITS))}"


def fixed_id(prefix: str, micros: int, entropy: bytes) -> str:
    """Make the id that `new_id` would make had its ten random bytes been `entropy`: the same input, the same id."""
    millis = min(max(micros // 1000, 0), _LAST_MILLISECOND)
    return f"{prefix}_{_encode((millis << _RANDOM_BITS) | int.from_bytes(entropy[:10]))}"


def id_millis(identifier: str) -> int | None:
    """Return the milliseconds since 1970 that an id carries, or None when it is not one of ours."""
    body = identifier.rpartition("_")[2]
    if len(body) != _BODY_LENGTH:
        return None
    millis = 0
    for letter in body[:10]:
        value = _VALUES.get(letter)
        if value is None:
            return None
        millis = millis << 5 | value
    return millis if millis <= _LAST_MILLISECOND else None


def _encode(number: int) -> str:
    """Write 130 bits (the highest two are zero) as 26 letters, most significant first."""
    pairs = _PAIRS
    return "".join(
        [
            pairs[number >> 120],
            pairs[number >> 110 & 1023],
            pairs[number >> 100 & 1023],
            pairs[number >> 90 & 1023],
            pairs[number >> 80 & 1023],
            pairs[number >> 70 & 1023],
            pairs[number >> 60 & 1023],
            pairs[number >> 50 & 1023],
            pairs[number >> 40 & 1023],
            pairs[number >> 30 & 1023],
            pairs[number >> 20 & 1023],
            pairs[number >> 10 & 1023],
            pairs[number & 1023],
        ]
    )
