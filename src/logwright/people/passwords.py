"""Passwords: argon2id, hashed in a thread and at most two at a time, so that signing in cannot starve the server.

Each hash takes 64 MiB and some 100 milliseconds on purpose (RFC 9106, second
recommended choice, the defaults of argon2-cffi). An unknown name is answered after
the same work as a wrong password.
"""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, Final

from logwright.errors import InvalidRequest

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST: Final = 10
"""The fewest characters of a password. What they are is left to the person (NIST SP 800-63B)."""
MOST: Final = 256

_AT_ONCE: Final = threading.BoundedSemaphore(2)
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for another when read aloud

_COMMON: Final = frozenset(
    {
        "password12",
        "password123",
        "password1234",
        "passwordpassword",
        "1234567890",
        "0123456789",
        "12345678910",
        "123456789012",
        "qwertyuiop",
        "qwertyuiop123",
        "qwerty12345",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "adminadmin",
        "admin12345",
        "administrator",
        "letmein1234",
        "iloveyou123",
        "welcome123",
        "welcome1234",
        "logwright1",
        "logwright123",
        "logwrightlogwright",
        "changeme123",
        "changemenow",
    }
)


class Passwords:
    """Hashes and checks passwords. Its methods block for as long as a hash takes; call them on a thread."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take the library's own parameters unless others are given."""
        self._given = hasher
        self._made: PasswordHasher | None = None
        self._nobody = ""

    def hash(self, password: str) -> str:
        """Return the hash to keep, its parameters and salt included."""
        with _AT_ONCE:
            return self._hasher.hash(password)

    def fits(self, kept: str, password: str) -> bool:
        """Say whether a password is the one that was hashed; empty for a person without one, which takes as long."""
        from argon2.exceptions import InvalidHashError, VerificationError

        with _AT_ONCE:
            if not self._nobody:
                self._nobody = self._hasher.hash(secrets.token_hex())
            try:
                self._hasher.verify(kept or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
            return bool(kept)

    def is_outdated(self, kept: str) -> bool:
        """Say whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    @property
    def _hasher(self) -> PasswordHasher:
        if self._made is None:
            from argon2 import PasswordHasher

            self._made = self._given or PasswordHasher()
        return self._made


def check(password: str, *, email: str) -> str:
    """Return a password that may be taken.

    Raises:
        InvalidRequest: saying what is wrong with it.
    """
    if not LEAST <= len(password) <= MOST:
        raise InvalidRequest(
            f"A password has {LEAST} to {MOST} characters; a few words make a good one", param="password"
        )
    if password.lower() in _COMMON or len(set(password)) < 4:
        raise InvalidRequest("This password is among the first that anybody would try; take another", param="password")
    if email and email.partition("@")[0] and password.lower() in {email, email.partition("@")[0]}:
        raise InvalidRequest("The password must not be what you sign in as", param="password")
    return password


def one_time() -> str:
    """Make a password to be used once: four groups of five letters and digits, 99 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
