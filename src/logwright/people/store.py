"""All SQL of the people room: rows in, types out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

import sqlalchemy as sa

from logwright.clock import from_micros, to_micros
from logwright.db import metadata
from logwright.people.types import Invitation, Member, Person, Session, Way
from logwright.projects.types import Role

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("must_change_password", sa.Boolean, nullable=False),
    sa.Column("is_admin", sa.Boolean, nullable=False),
    sa.Column("subject", sa.Text, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("last_seen_at", sa.BigInteger),
    sa.Column("disabled_at", sa.BigInteger),
)

members = sa.Table(
    "members",
    metadata,
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.id"), primary_key=True, index=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), index=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("invited_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("accepted_at", sa.BigInteger),
    sa.Column("revoked_at", sa.BigInteger),
)

tries = sa.Table(
    "sign_in_tries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("who", sa.Text, nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
)

# ------------------------------------------------------------------ people


def add_person(connection: sa.Connection, person: Person, *, password: str) -> None:
    """Insert a person with the hash of a password, empty for none."""
    connection.execute(
        sa.insert(people).values(
            id=person.id,
            email=person.email,
            name=person.name,
            password=password,
            must_change_password=person.must_change_password,
            is_admin=person.is_admin,
            created_at=to_micros(person.created_at),
        )
    )


def person_by_id(connection: sa.Connection, person_id: str) -> Person | None:
    """Return a person."""
    row = connection.execute(sa.select(people).where(people.c.id == person_id)).first()
    return None if row is None else _person(row)


class Known(NamedTuple):
    """A person and the hash of the password."""

    person: Person
    password: str


def person_by_email(connection: sa.Connection, email: str) -> Known | None:
    """Return a person by what they sign in as, with the hash of their password."""
    row = connection.execute(sa.select(people).where(people.c.email == email)).first()
    return None if row is None else Known(_person(row), row.password)


def all_people(connection: sa.Connection) -> Sequence[Person]:
    """Return everybody, oldest first."""
    return [_person(row) for row in connection.execute(sa.select(people).order_by(people.c.created_at, people.c.id))]


def any_people(connection: sa.Connection) -> bool:
    """Say whether there is anybody."""
    return connection.execute(sa.select(people.c.id).limit(1)).first() is not None


def set_password(connection: sa.Connection, person_id: str, password: str, *, must_change: bool) -> None:
    """Put the hash of a new password."""
    values = {"password": password, "must_change_password": must_change}
    connection.execute(sa.update(people).where(people.c.id == person_id).values(values))


def set_person(
    connection: sa.Connection, person_id: str, *, name: str, is_admin: bool, disabled_at: datetime | None
) -> None:
    """Put what may be changed of a person."""
    values = {"name": name, "is_admin": is_admin, "disabled_at": _micros(disabled_at)}
    connection.execute(sa.update(people).where(people.c.id == person_id).values(values))


# ------------------------------------------------------------------ members


def put_member(connection: sa.Connection, project_id: str, person_id: str, role: Role, since: datetime) -> None:
    """Give a person a role in a project, in place of the one they had."""
    mine = (members.c.project_id == project_id) & (members.c.person_id == person_id)
    if connection.execute(sa.update(members).where(mine).values(role=role.value)).rowcount == 0:
        connection.execute(
            sa.insert(members).values(
                project_id=project_id, person_id=person_id, role=role.value, since=to_micros(since)
            )
        )


def remove_member(connection: sa.Connection, project_id: str, person_id: str) -> bool:
    """Take a person out of a project; False when they were not in it."""
    mine = (members.c.project_id == project_id) & (members.c.person_id == person_id)
    return connection.execute(sa.delete(members).where(mine)).rowcount > 0


def members_of(connection: sa.Connection, project_id: str) -> Sequence[Member]:
    """Return the people of a project, oldest first."""
    rows = connection.execute(
        sa.select(people, members.c.role, members.c.since)
        .join(members, members.c.person_id == people.c.id)
        .where(members.c.project_id == project_id)
        .order_by(members.c.since, people.c.id)
    )
    return [Member(person=_person(row), role=Role(row.role), since=from_micros(row.since)) for row in rows]


def roles_of(connection: sa.Connection, person_id: str) -> Mapping[str, Role]:
    """Return a person's roles by project id."""
    rows = connection.execute(sa.select(members.c.project_id, members.c.role).where(members.c.person_id == person_id))
    return {project_id: Role(role) for project_id, role in rows}


# ------------------------------------------------------------------ sessions


def add_session(connection: sa.Connection, session: Session, digest: bytes) -> None:
    """Insert a session."""
    connection.execute(
        sa.insert(sessions).values(
            digest=digest,
            id=session.id,
            person_id=session.person_id,
            way=session.way,
            created_at=to_micros(session.created_at),
            seen_at=to_micros(session.seen_at),
            expires_at=to_micros(session.expires_at),
            address=session.address,
            user_agent=session.user_agent,
        )
    )


def session_by_digest(connection: sa.Connection, digests: Sequence[bytes]) -> tuple[Session, Person] | None:
    """Return a session and whose it is, by one of the digests that its token can have."""
    row = connection.execute(sa.select(sessions).where(sessions.c.digest.in_(digests))).first()
    person = None if row is None else person_by_id(connection, row.person_id)
    return None if row is None or person is None else (_session(row), person)


def sessions_of(connection: sa.Connection, person_id: str) -> Sequence[Session]:
    """Return a person's sessions, newest first."""
    rows = connection.execute(
        sa.select(sessions).where(sessions.c.person_id == person_id).order_by(sessions.c.created_at.desc())
    )
    return [_session(row) for row in rows]


def note_seen(connection: sa.Connection, session: Session, now: datetime) -> None:
    """Write down that a session was used."""
    connection.execute(sa.update(sessions).where(sessions.c.id == session.id).values(seen_at=to_micros(now)))
    connection.execute(sa.update(people).where(people.c.id == session.person_id).values(last_seen_at=to_micros(now)))


def remove_session(connection: sa.Connection, person_id: str, session_id: str) -> bool:
    """End one session of a person; False when there is none."""
    mine = (sessions.c.id == session_id) & (sessions.c.person_id == person_id)
    return connection.execute(sa.delete(sessions).where(mine)).rowcount > 0


def remove_sessions(connection: sa.Connection, person_id: str) -> int:
    """End all sessions of a person; return how many there were."""
    return connection.execute(sa.delete(sessions).where(sessions.c.person_id == person_id)).rowcount


def forget_sessions(connection: sa.Connection, *, ended: datetime, idle_since: datetime) -> None:
    """Delete the sessions that have ended by themselves."""
    over = (sessions.c.expires_at <= to_micros(ended)) | (sessions.c.seen_at <= to_micros(idle_since))
    connection.execute(sa.delete(sessions).where(over))


# ------------------------------------------------------------------ invitations


def add_invitation(connection: sa.Connection, invitation: Invitation, digest: bytes) -> None:
    """Insert an invitation."""
    connection.execute(
        sa.insert(invitations).values(
            id=invitation.id,
            digest=digest,
            project_id=invitation.project_id,
            role=invitation.role.value,
            email=invitation.email,
            invited_by=invitation.invited_by,
            created_at=to_micros(invitation.created_at),
            expires_at=to_micros(invitation.expires_at),
        )
    )


def invitation_by_digest(connection: sa.Connection, digests: Sequence[bytes]) -> Invitation | None:
    """Return an invitation by one of the digests that its token can have."""
    row = connection.execute(sa.select(invitations).where(invitations.c.digest.in_(digests))).first()
    return None if row is None else _invitation(row)


def invitations_of(connection: sa.Connection, project_id: str | None) -> Sequence[Invitation]:
    """Return the invitations to a project, or with None those to the installation, newest first."""
    mine = invitations.c.project_id.is_(None) if project_id is None else invitations.c.project_id == project_id
    rows = connection.execute(sa.select(invitations).where(mine).order_by(invitations.c.created_at.desc()))
    return [_invitation(row) for row in rows]


def close_invitation(
    connection: sa.Connection, invitation_id: str, *, accepted_at: datetime | None, revoked_at: datetime | None
) -> None:
    """Write down that an invitation was taken or taken back."""
    values = {"accepted_at": _micros(accepted_at), "revoked_at": _micros(revoked_at)}
    connection.execute(sa.update(invitations).where(invitations.c.id == invitation_id).values(values))


# ------------------------------------------------------------------ tries to sign in


def tries_since(connection: sa.Connection, who: str, since: datetime) -> Sequence[datetime]:
    """Return when signing in as or from `who` failed, oldest first."""
    rows = connection.execute(
        sa.select(tries.c.at).where(tries.c.who == who, tries.c.at > to_micros(since)).order_by(tries.c.at)
    )
    return [from_micros(at) for (at,) in rows]


def add_try(connection: sa.Connection, who: str, at: datetime) -> None:
    """Note a failure."""
    connection.execute(sa.insert(tries).values(who=who, at=to_micros(at)))


def forget_tries(connection: sa.Connection, *, who: str | None = None, before: datetime | None = None) -> None:
    """Delete the failures of one, or those before a moment."""
    condition = tries.c.who == who if who is not None else tries.c.at <= _micros(before)
    connection.execute(sa.delete(tries).where(condition))


# ------------------------------------------------------------------ rows


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _person(row: sa.Row[tuple[object, ...]]) -> Person:
    return Person(
        id=row.id,
        email=row.email,
        name=row.name,
        is_admin=row.is_admin,
        must_change_password=row.must_change_password,
        has_password=bool(row.password),
        created_at=from_micros(row.created_at),
        last_seen_at=_moment(row.last_seen_at),
        disabled_at=_moment(row.disabled_at),
    )


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        person_id=row.person_id,
        way=cast("Way", row.way),
        created_at=from_micros(row.created_at),
        seen_at=from_micros(row.seen_at),
        expires_at=from_micros(row.expires_at),
        address=row.address,
        user_agent=row.user_agent,
    )


def _invitation(row: sa.Row[tuple[object, ...]]) -> Invitation:
    return Invitation(
        id=row.id,
        project_id=row.project_id,
        role=Role(row.role),
        email=row.email,
        invited_by=row.invited_by,
        created_at=from_micros(row.created_at),
        expires_at=from_micros(row.expires_at),
        accepted_at=_moment(row.accepted_at),
        revoked_at=_moment(row.revoked_at),
    )
