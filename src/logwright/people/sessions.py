"""Sessions of browsers: kept on the server, shown as a cookie, worth nothing to another site.

A token is 256 random bits; the database holds its HMAC under the master key's pepper,
so neither a stolen database nor a guess makes a session. A request that changes
something shows, beside the cookie, a second token that only a page of ours can read,
and must come from our own origin (RELIABILITY S-3, S-4).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from logwright import clock
from logwright.clock import Clock
from logwright.errors import Forbidden, InvalidRequest
from logwright.ids import new_id
from logwright.people import store
from logwright.people.types import Person, Session, SignedIn, Way
from logwright.projects.types import Principal, Scope, Secret

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

    from logwright.db import Connection, Database
    from logwright.projects.vault import Vault

IDLE: Final = timedelta(hours=12)
ABSOLUTE: Final = timedelta(days=7)
CSRF_HEADER: Final = "x-csrf-token"

_NOTE_EVERY: Final = timedelta(minutes=1)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SECURE_COOKIE: Final = "__Host-logwright"
_LOCAL_COOKIE: Final = "logwright"
_LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
MAY_WHILE_ONE_TIME: Final = frozenset({"/api/manage/session", "/api/manage/session/password"})
"""Where somebody with a one-time password may go: to see who they are, to change it, and out."""


class Sessions:
    """The sessions of one installation; all methods block for a look into the database."""

    def __init__(self, database: Database, vault: Vault, *, now: Clock = clock.now) -> None:
        """Keep them in `database`, under the peppers of `vault`."""
        self._database = database
        self._vault = vault
        self._now = now

    def begin(self, connection: Connection, person: Person, way: Way, *, address: str, user_agent: str) -> Secret:
        """Make a session within the caller's transaction; return its token, for the cookie."""
        now = self._now()
        token = secrets.token_urlsafe(32)
        session = Session(
            id=new_id("ses", clock.to_micros(now)),
            person_id=person.id,
            way=way,
            created_at=now,
            seen_at=now,
            expires_at=now + ABSOLUTE,
            address=address,
            user_agent=user_agent[:200],
        )
        store.forget_sessions(connection, ended=now, idle_since=now - IDLE)
        store.add_session(connection, session, self.digests(token)[0])
        store.note_seen(connection, session, now)
        return Secret(token)

    def find(self, token: str) -> SignedIn | None:
        """Return whose session a token is; None when it is none, has ended, or its person may not sign in any more."""
        if not 20 <= len(token) <= 100:
            return None
        with self._database.read() as connection:
            found = store.session_by_digest(connection, self.digests(token))
            if found is None:
                return None
            session, person = found
            now = self._now()
            if person.disabled_at is not None or now >= session.expires_at or now - session.seen_at >= IDLE:
                return None
            roles = store.roles_of(connection, person.id)
        if now - session.seen_at >= _NOTE_EVERY:
            with self._database.write(announce=False) as connection:
                store.note_seen(connection, session, now)
        return SignedIn(session=session, person=person, roles=roles)

    def principal(self, request: HTTPConnection) -> Principal | None:
        """Return the person whose session a request shows; None when it shows none that is good.

        Raises:
            Forbidden: when another site may have made the request, or a one-time password is still to be changed.
        """
        token = shown_token(request)
        signed_in = None if token is None else self.find(token)
        if token is None or signed_in is None:
            return None
        self.check_origin(request, token)
        if signed_in.person.must_change_password and request.scope["path"] not in MAY_WHILE_ONE_TIME:
            raise Forbidden("Change your one-time password first")
        return principal_of(signed_in)

    def check_origin(self, request: HTTPConnection, token: str) -> None:
        """Refuse a request that changes something unless a page of ours made it.

        Raises:
            Forbidden: saying which of the proofs is missing.
        """
        if request.scope["type"] == "websocket":
            check_same_origin(request)
            return
        if request.scope["method"] in _SAFE:
            return
        check_same_origin(request)
        if request.headers.get("content-type", "").startswith(_FORM_TYPES):
            raise Forbidden("A signed-in request sends JSON, not a form")
        shown = request.headers.get(CSRF_HEADER, "")
        if not any(hmac.compare_digest(shown.encode(), good.encode()) for good in self._csrf(token)):
            raise Forbidden(f"The header {CSRF_HEADER} is missing or is not that of this session")

    def csrf_token(self, token: str) -> str:
        """Return what a page shows in `X-CSRF-Token` for the session of `token`."""
        return self._csrf(token)[0]

    def digests(self, token: str) -> Sequence[bytes]:
        """Return what is kept of a token, under the newest master key first."""
        return [hmac.digest(key.pepper, b"session " + token.encode(), "sha256") for key in reversed(self._vault.keys)]

    def _csrf(self, token: str) -> Sequence[str]:
        return [
            hmac.digest(key.pepper, b"csrf " + token.encode(), "sha256").hex() for key in reversed(self._vault.keys)
        ]


def principal_of(signed_in: SignedIn) -> Principal:
    """Give a signed-in person as the other rooms know who is asking."""
    person = signed_in.person
    scope = Scope.ADMIN if person.is_admin else Scope.READ
    return Principal(key_id=person.id, project_id=None, scope=scope, roles=signed_in.roles)


def shown_token(request: HTTPConnection) -> str | None:
    """Return the session token that a request shows."""
    return request.cookies.get(_SECURE_COOKIE) or request.cookies.get(_LOCAL_COOKIE) or None


def check_same_origin(request: HTTPConnection) -> None:
    """Refuse a request that a page of another origin may have made.

    Raises:
        Forbidden: when the browser says so, or says nothing at all.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise Forbidden("This request comes from another site")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden("This request comes from another origin")
    if site is None and origin is None:
        raise Forbidden("A signed-in request that changes something names its Origin")


def set_cookie(request: HTTPConnection, response: Response, token: Secret) -> None:
    """Give the browser its session.

    Raises:
        InvalidRequest: when the connection is neither encrypted nor to this very machine, so that others could read it.
    """
    if _is_encrypted(request):
        response.set_cookie(
            _SECURE_COOKIE, token.reveal(), max_age=_seconds(ABSOLUTE), secure=True, httponly=True, samesite="lax"
        )
    elif request.url.hostname in _LOCAL_HOSTS:
        response.set_cookie(_LOCAL_COOKIE, token.reveal(), max_age=_seconds(ABSOLUTE), httponly=True, samesite="lax")
    else:
        raise InvalidRequest(
            "Signing in needs HTTPS: put a proxy with a certificate before this server and let it set"
            " X-Forwarded-Proto, or open the interface as http://127.0.0.1 on the machine itself"
        )


def take_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(_SECURE_COOKIE, secure=True, httponly=True, samesite="lax")
    response.delete_cookie(_LOCAL_COOKIE, httponly=True, samesite="lax")


def _is_encrypted(request: HTTPConnection) -> bool:
    return (
        request.url.scheme == "https" or request.headers.get("x-forwarded-proto", "").split(",")[0].strip() == "https"
    )


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
