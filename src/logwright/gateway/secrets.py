"""Access tokens for providers whose stored secret is not what they are shown: fetched, kept, and renewed in time.

A Google service account proves with its private key who it is and is given a token
for an hour. The token is asked for through the same door as every call, once for all
calls that wait for it, and again beside them before it ends.
Source: Google, OAuth 2.0 for server to server applications (read 2026); RFC 7523.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from logwright.addresses import check_url
from logwright.clock import now as wall_clock
from logwright.clock import to_micros
from logwright.errors import LogwrightError, UpstreamUnreachable

if TYPE_CHECKING:
    from logwright.gateway.house import House
    from logwright.gateway.upstream import UpstreamConnection
    from logwright.logs.record import ErrorKind
    from logwright.projects.types import Secret

TOKEN_URI: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

LIFE_SECONDS: Final = 3600
EARLY_SECONDS: Final = 300.0
"""A token is renewed beside the calls when it has less than this left, and not used when it has a minute."""
LAST_SECONDS: Final = 60.0
PATIENCE_SECONDS: Final = 10.0
MOST_BYTES: Final = 64 * 1024


class TokenNeeded(Exception):
    """A call waits for an access token."""


class _Token(NamedTuple):
    text: str
    ends_at: float
    """By the loop's clock."""


class Tokens:
    """The access tokens of one worker."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._held: dict[Secret, _Token] = {}
        self._fetching: dict[Secret, asyncio.Future[str]] = {}

    def ready(self, secret: Secret) -> str | None:
        """Return the token of a service account; None when it must be fetched first. Another secret is its own."""
        text = secret.reveal()
        if not text.startswith("{"):
            return text
        held = self._held.get(secret)
        left = held.ends_at - self._house.now() if held is not None else 0.0
        if held is None or left < LAST_SECONDS:
            return None
        if left < EARLY_SECONDS and secret not in self._fetching:
            self._start(secret).add_done_callback(_ignore)
        return held.text

    async def fetch(self, secret: Secret) -> str:
        """Return a fresh token; calls that ask meanwhile share it.

        Raises:
            UpstreamUnreachable: none was given; the message says why and repeats nothing secret.
        """
        return await asyncio.shield(self._fetching.get(secret) or self._start(secret))

    def _start(self, secret: Secret) -> asyncio.Future[str]:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._fetching[secret] = future
        self._house.spawn(self._fetch(secret, future))
        return future

    async def _fetch(self, secret: Secret, future: asyncio.Future[str]) -> None:
        try:
            token = await self._ask(json.loads(secret.reveal()))
        except LogwrightError as error:
            future.set_exception(error)
        else:
            self._held[secret] = token
            future.set_result(token.text)
        finally:
            del self._fetching[secret]
            if not future.done():
                future.set_exception(UpstreamUnreachable("the access token could not be fetched"))

    async def _ask(self, account: dict[str, Any]) -> _Token:
        uri = account.get("token_uri") or TOKEN_URI
        url = check_url(uri, self._house.pool.allow)
        body = urlencode({"grant_type": GRANT, "assertion": assertion(account, uri)}).encode()
        head = (
            f"POST {url.path} HTTP/1.1\r\nhost: {url.authority}\r\naccept: application/json\r\n"
            f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        answer = _Whole()
        self._house.pool.send(url, head.encode("latin-1") + body, answer)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                status, data = await answer.done
        except TimeoutError as error:
            answer.give_up()
            raise UpstreamUnreachable(f"{url.authority} gave no access token in time") from error
        return self._read(status, data, url.authority)

    def _read(self, status: int, data: bytes, place: str) -> _Token:
        try:
            told = json.loads(data)
            if status == 200:
                life = min(float(told["expires_in"]), LIFE_SECONDS)
                return _Token(str(told["access_token"]), self._house.now() + life)
            why = str(told.get("error_description") or told.get("error"))
        except (ValueError, LookupError, TypeError, AttributeError):
            why = "its answer could not be read"
        raise UpstreamUnreachable(f"{place} gave no access token ({status}): {why[:200]}")


def assertion(account: dict[str, Any], audience: str) -> str:
    """Return what proves who a service account is: a JSON web token, signed with its private key (RS256).

    Raises:
        UpstreamUnreachable: its private key cannot be used.
    """
    now = to_micros(wall_clock()) // 1_000_000
    header = {"alg": "RS256", "typ": "JWT", "kid": account.get("private_key_id", "")}
    claims = {
        "iss": account["client_email"],
        "scope": SCOPE,
        "aud": audience,
        "iat": now,
        "exp": now + LIFE_SECONDS,
    }
    signed = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
    try:
        key = serialization.load_pem_private_key(account["private_key"].encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UpstreamUnreachable("the private key of the provider's service account cannot be read; set the key again")
    return f"{signed}.{_encoded(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _ignore(future: asyncio.Future[str]) -> None:
    """Take note of a renewal that failed: the next call tries again, and says so."""
    future.exception()


class _Whole:
    """Waits for one small answer."""

    def __init__(self) -> None:
        self.done: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._status = 0
        self._body = b""
        self._connection: UpstreamConnection | None = None

    def give_up(self) -> None:
        """Stop waiting."""
        self.done.cancel()
        if self._connection is not None:
            self._connection.cancel()

    def upstream_connected(self, connection: UpstreamConnection) -> bool:
        """Keep the connection."""
        self._connection = connection
        return not self.done.done()

    def upstream_head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Keep the status."""
        del headers
        self._status = status

    def upstream_body(self, data: bytes) -> None:
        """Keep a piece, up to what any honest answer measures."""
        self._body = (self._body + data)[:MOST_BYTES]

    def upstream_flush(self) -> None:
        """Nothing."""

    def upstream_end(self) -> None:
        """Tell whoever waits."""
        if not self.done.done():
            self.done.set_result((self._status, self._body))

    def upstream_fault(self, kind: ErrorKind, message: str) -> None:
        """Tell whoever waits."""
        del kind
        if not self.done.done():
            self.done.set_exception(UpstreamUnreachable(message))
