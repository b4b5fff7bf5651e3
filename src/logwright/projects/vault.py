"""Seal and open provider keys: AES-256-GCM, bound to the project and the provider they were set for.

An envelope is `v<master key id>:<nonce>:<ciphertext>`, the latter two in
URL-safe base 64. Project and provider are associated data: a row copied to
another project, or to another provider, does not open.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from logwright.projects.master import MasterKey
from logwright.projects.types import Secret


class CannotOpen(ValueError):
    """The envelope is damaged, was made for something else, or its master key is not among ours."""


class Vault:
    """Holds the master keys of this installation; the last one seals."""

    def __init__(self, keys: Sequence[MasterKey]) -> None:
        self.keys = tuple(keys)
        self._ciphers = {key.id: AESGCM(key.sealing) for key in keys}

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._ciphers)})"

    @property
    def current(self) -> MasterKey:
        """The master key that seals, and whose pepper new API keys get."""
        return self.keys[-1]

    def seal(self, secret: Secret, *, project_id: str, provider_id: str) -> str:
        """Return the envelope of a secret."""
        # A random nonce of 96 bits is safe for 2^32 secrets under one key (NIST SP 800-38D, 8.3).
        nonce = secrets.token_bytes(12)
        plain, bound = secret.reveal().encode(), _bound(project_id, provider_id)
        sealed = self._ciphers[self.current.id].encrypt(nonce, plain, bound)
        return f"v{self.current.id}:{_text(nonce)}:{_text(sealed)}"

    def open(self, envelope: str, *, project_id: str, provider_id: str) -> Secret:
        """Return the secret of an envelope.

        Raises:
            CannotOpen: saying why, and nothing of the content.
        """
        key_id, _, rest = envelope.removeprefix("v").partition(":")
        nonce, _, sealed = rest.partition(":")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotOpen(f"it was sealed with master key {key_id}, which is not among those given")
        try:
            plain = cipher.decrypt(_bytes(nonce), _bytes(sealed), _bound(project_id, provider_id))
        except (InvalidTag, ValueError, binascii.Error):
            raise CannotOpen("it is damaged or was sealed for another project or provider") from None
        return Secret(plain.decode())

    def is_current(self, envelope: str) -> bool:
        """Say whether the newest master key sealed this."""
        return envelope.startswith(f"v{self.current.id}:")


def sealed_with(envelope: str) -> str:
    """Return the id of the master key that an envelope needs."""
    return envelope.removeprefix("v").partition(":")[0]


def _bound(project_id: str, provider_id: str) -> bytes:
    return f"{project_id}\n{provider_id}".encode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
