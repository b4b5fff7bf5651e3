"""Signing in and out: passwords are checked slowly, failures counted, and everything is in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from logwright import clock
from logwright.clock import Clock
from logwright.db import Connection, Database
from logwright.errors import Conflict, NotFound, RateLimited, Unauthorized
from logwright.ids import new_id
from logwright.people import passwords, store
from logwright.people.passwords import Passwords
from logwright.people.sessions import Sessions
from logwright.people.types import Person, Session, SignedIn
from logwright.projects import audit
from logwright.projects.audit import Actor
from logwright.projects.types import Secret

WRONG: Final = "The name or the password is wrong"
"""What is said of an unknown name, a wrong password and a person who may not sign in: always the same (S-11)."""

_WINDOW: Final = timedelta(minutes=15)
_MOST_BY_NAME: Final = 10
_MOST_BY_ADDRESS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Where somebody who is not known yet comes from."""

    address: str
    user_agent: str
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn:
    """What the verbs of this file work with."""

    database: Database
    sessions: Sessions
    passwords: Passwords
    clock: Clock = clock.now


def new_person(now: datetime, email: str, name: str, *, is_admin: bool = False, must_change: bool = False) -> Person:
    """Describe somebody new."""
    return Person(
        id=new_id("usr", clock.to_micros(now)),
        email=email,
        name=name,
        is_admin=is_admin,
        must_change_password=must_change,
        has_password=True,
        created_at=now,
        last_seen_at=None,
        disabled_at=None,
    )


def sign_in(to: SigningIn, visitor: Visitor, email: str, password: str) -> tuple[Person, Secret]:
    """Check a password and begin a session; return its token.

    Raises:
        Unauthorized: in the same words and after the same time whatever was wrong.
        RateLimited: after too many failures under this name or from this address.
    """
    email = email.strip().lower()
    now = to.clock()
    names = (f"name {email[:200]}", _MOST_BY_NAME), (f"address {visitor.address}", _MOST_BY_ADDRESS)
    with to.database.read() as connection:
        for who, most in names:
            _limit(connection, who, most, now)
        known = store.person_by_email(connection, email)
    fits = to.passwords.fits(known.password if known else "", password)
    if not fits or known is None or known.person.disabled_at is not None:
        with to.database.write(announce=False) as connection:
            store.forget_tries(connection, before=now - _WINDOW)
            for who, _ in names:
                store.add_try(connection, who, now)
            actor = Actor(
                key_id=known.person.id if known else "", address=visitor.address, request_id=visitor.request_id
            )
            audit.record(connection, actor, "session.refuse", known.person.id if known else "", result=WRONG)
        raise Unauthorized(WRONG)
    fresh = to.passwords.hash(password) if to.passwords.is_outdated(known.password) else None
    with to.database.write(announce=False) as connection:
        store.forget_tries(connection, who=names[0][0])
        if fresh is not None:
            store.set_password(connection, known.person.id, fresh, must_change=known.person.must_change_password)
        return known.person, open_session(connection, to, visitor, known.person)


def open_session(connection: Connection, to: SigningIn, visitor: Visitor, person: Person) -> Secret:
    """Begin a session of somebody who has proved who they are, within the caller's transaction."""
    token = to.sessions.begin(connection, person, "password", address=visitor.address, user_agent=visitor.user_agent)
    actor = Actor(key_id=person.id, address=visitor.address, request_id=visitor.request_id)
    audit.record(connection, actor, "session.begin", person.id, result="done, by password")
    return token


def sign_out(to: SigningIn, actor: Actor, signed_in: SignedIn, *, everywhere: bool = False) -> int:
    """End a person's session, or all of them; return how many."""
    with to.database.write(announce=False) as connection:
        if everywhere:
            ended = store.remove_sessions(connection, signed_in.person.id)
        else:
            ended = int(store.remove_session(connection, signed_in.person.id, signed_in.session.id))
        audit.record(connection, actor, "session.end", signed_in.person.id, result=f"done, {ended} ended")
    return ended


def end_session(to: SigningIn, actor: Actor, person_id: str, session_id: str) -> None:
    """End one session of a person.

    Raises:
        NotFound: when the person has none of that id.
    """
    with to.database.write(announce=False) as connection:
        if not store.remove_session(connection, person_id, session_id):
            raise NotFound("There is no such session")
        audit.record(connection, actor, "session.end", person_id)


def list_sessions(to: SigningIn, person_id: str) -> list[Session]:
    """Return a person's sessions that are good, newest first."""
    now = to.clock()
    with to.database.read() as connection:
        return [each for each in store.sessions_of(connection, person_id) if now < each.expires_at]


def change_password(to: SigningIn, actor: Actor, visitor: Visitor, signed_in: SignedIn, old: str, new: str) -> Secret:
    """Change a person's own password: all sessions end, and a new one begins, whose token is returned.

    Raises:
        InvalidRequest: when the new password cannot be taken.
        Unauthorized: when the old one is wrong; RateLimited after too many tries.
        Conflict: when the new one is the old one.
    """
    person, now = signed_in.person, to.clock()
    passwords.check(new, email=person.email)
    who = f"name {person.email}"
    with to.database.read() as connection:
        _limit(connection, who, _MOST_BY_NAME, now)
        known = store.person_by_email(connection, person.email)
    if known is None or (person.has_password and not to.passwords.fits(known.password, old)):
        with to.database.write(announce=False) as connection:
            store.add_try(connection, who, now)
        raise Unauthorized("The present password is wrong")
    if new == old:
        raise Conflict("The new password is the old one; take another", param="new")
    hashed = to.passwords.hash(new)
    with to.database.write(announce=False) as connection:
        store.set_password(connection, person.id, hashed, must_change=False)
        store.remove_sessions(connection, person.id)
        audit.record(connection, actor, "person.password", person.id)
        return open_session(connection, to, visitor, person)


def reset_password(to: SigningIn, actor: Actor, email: str) -> Secret:
    """Give a person a one-time password in place of theirs, and end their sessions.

    Raises:
        NotFound: when nobody signs in as that.
    """
    password = passwords.one_time()
    hashed = to.passwords.hash(password)
    with to.database.write(announce=False) as connection:
        known = store.person_by_email(connection, email.strip().lower())
        if known is None:
            raise NotFound(f"Nobody signs in as {email}")
        store.set_password(connection, known.person.id, hashed, must_change=True)
        store.remove_sessions(connection, known.person.id)
        store.forget_tries(connection, who=f"name {known.person.email}")
        audit.record(connection, actor, "person.password", known.person.id, result="done, by an admin")
    return Secret(password)


def _limit(connection: Connection, who: str, most: int, now: datetime) -> None:
    failures = store.tries_since(connection, who, now - _WINDOW)
    if len(failures) >= most:
        wait = (failures[-most] + _WINDOW - now).total_seconds()
        raise RateLimited("Too many failed tries to sign in; wait and try again", retry_after=max(wait, 1.0))


def shown(person: Person) -> dict[str, object]:
    """Return the fields of a person of which the audit trail keeps a digest."""
    return {"id": person.id, "email": person.email, "name": person.name, "is_admin": person.is_admin}
