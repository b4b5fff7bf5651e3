"""Everybody who may sign in, as an admin of the installation sees and changes them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from logwright.errors import Conflict, InvalidRequest, NotFound
from logwright.people import passwords, store
from logwright.people.sign_in import new_person, shown
from logwright.people.types import Person
from logwright.projects import audit
from logwright.projects.types import Secret

if TYPE_CHECKING:
    from logwright.people.sign_in import SigningIn
    from logwright.projects.audit import Actor


_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f]{1,100}@[^\s@\x00-\x1f]{1,150}")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f]{1,100}")


FIRST_ADMIN: Final = "admin@localhost"
"""What the first admin signs in as, who is made at the first start."""


class Added(NamedTuple):
    """Somebody new, and the password to sign in with the first time."""

    person: Person
    password: Secret


def checked_email(email: str) -> str:
    """Return an address as people sign in with it.

    Raises:
        InvalidRequest: when it is none.
    """
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise InvalidRequest("This is no e-mail address", param="email")
    return email


def checked_name(name: str) -> str:
    """Return a person's name.

    Raises:
        InvalidRequest: when it is empty, too long or more than one line.
    """
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise InvalidRequest("A name has 1 to 100 characters on one line", param="name")
    return name


def list_people(to: SigningIn) -> Sequence[Person]:
    """Return everybody, oldest first."""
    with to.database.read() as connection:
        return store.all_people(connection)


def add_person(to: SigningIn, actor: Actor, *, email: str, name: str = "", is_admin: bool = False) -> Added:
    """Make somebody who may sign in, with a one-time password, which is returned.

    Raises:
        InvalidRequest: naming the field that is wrong.
        Conflict: when there is somebody of that address.
    """
    email, name = checked_email(email), checked_name(name or email.partition("@")[0])
    password = passwords.one_time()
    hashed = to.passwords.hash(password)
    with to.database.write(announce=False) as connection:
        if store.person_by_email(connection, email) is not None:
            raise Conflict(f"There is somebody who signs in as {email} already", param="email")
        person = new_person(to.clock(), email, name, is_admin=is_admin, must_change=True)
        store.add_person(connection, person, password=hashed)
        audit.record(connection, actor, "person.create", person.id, after=_all(person))
    return Added(person, Secret(password))


def first_admin(to: SigningIn) -> Added | None:
    """Make the first admin with a one-time password; None when there is somebody already."""
    with to.database.read() as connection:
        if store.any_people(connection):
            return None
    return add_person(to, audit.SYSTEM, email=FIRST_ADMIN, name="First admin", is_admin=True)


def has_one_time_admin(to: SigningIn) -> bool:
    """Say whether an admin of the installation has yet to change a one-time password, which somebody may have seen."""
    return any(_rules(each) and each.must_change_password for each in list_people(to))


def change_person(
    to: SigningIn, actor: Actor, person_id: str, *, is_admin: bool | None = None, disabled: bool | None = None
) -> Person:
    """Make somebody an admin of the installation or not, let them in or not; what is None stays. Their sessions end.

    Raises:
        NotFound: when there is nobody of that id.
        Conflict: when no admin would be left who can sign in.
    """
    now = to.clock()
    with to.database.write(announce=False) as connection:
        before = store.person_by_id(connection, person_id)
        if before is None:
            raise NotFound("There is nobody of that id")
        ended = before.disabled_at if disabled is None else (before.disabled_at or now) if disabled else None
        after = dataclasses.replace(
            before, is_admin=before.is_admin if is_admin is None else is_admin, disabled_at=ended
        )
        others = [each for each in store.all_people(connection) if each.id != person_id]
        if _rules(before) and not _rules(after) and not any(map(_rules, others)):
            raise Conflict("Nobody would be left to manage the installation; make somebody else an admin first")
        store.set_person(connection, person_id, name=after.name, is_admin=after.is_admin, disabled_at=after.disabled_at)
        store.remove_sessions(connection, person_id)
        audit.record(connection, actor, "person.change", person_id, before=_all(before), after=_all(after))
    return after


def _rules(person: Person) -> bool:
    return person.is_admin and person.disabled_at is None


def _all(person: Person) -> dict[str, object]:
    return {**shown(person), "disabled_at": str(person.disabled_at or "")}
