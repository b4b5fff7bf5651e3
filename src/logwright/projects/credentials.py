"""What an operator may give as the secret of a provider, and what of it may be shown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, assert_never

from logwright.errors import InvalidRequest
from logwright.projects.types import Secret

if TYPE_CHECKING:
    from logwright.providers.base import Credential

_KEY: Final = re.compile(r"[\x21-\x7e]{1,8192}")
_AWS_PARTS: Final = 3
_GOOGLE_FIELDS: Final = ("client_email", "private_key")


def checked(secret: Secret, credential: Credential) -> Secret:
    """Return a secret as it is kept; an empty one removes what is stored and is always good.

    Raises:
        InvalidRequest: it is not what the provider wants; nothing of it is repeated.
    """
    text = secret.reveal().strip()
    if credential == "google" and text.startswith("{"):
        return Secret(_service_account(text))
    if text and not _KEY.fullmatch(text):
        raise InvalidRequest("The key holds spaces or characters that no HTTP header can carry", param="key")
    if credential == "aws" and text.count(":") >= _AWS_PARTS:
        raise InvalidRequest(
            "The key must be ACCESS_KEY_ID:SECRET_ACCESS_KEY, with :SESSION_TOKEN behind it for a temporary one, or a "
            "Bedrock API key",
            param="key",
        )
    return Secret(text)


def hint(secret: Secret, credential: Credential) -> str:
    """Return what may be seen of a secret: its last characters, or of a key with a name the end of that name.

    Nothing of a secret so short that these would be much of it.
    """
    text = secret.reveal()
    match credential:
        case "key":
            named = text
        case "aws":
            named = text.partition(":")[0]
        case "google":
            named = json.loads(text).get("private_key_id") or "…" if text.startswith("{") else text
        case _ as never:
            assert_never(never)
    return f"…{named[-4:]}" if len(named) >= 12 else "…" if text else ""


def _service_account(text: str) -> str:
    try:
        account = json.loads(text)
    except ValueError:
        account = None
    if not isinstance(account, dict) or not all(isinstance(account.get(name), str) for name in _GOOGLE_FIELDS):
        raise InvalidRequest(
            "The key must be the JSON of a service account's key, as Google gives it, or an access token", param="key"
        )
    return json.dumps(account, separators=(",", ":"))
