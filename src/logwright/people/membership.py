"""Who belongs to which project, and the invitations that bring them in."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from logwright import clock
from logwright.db import Connection
from logwright.errors import Conflict, Forbidden, InvalidRequest, NotFound
from logwright.ids import new_id
from logwright.people import passwords, store
from logwright.people.directory import checked_email, checked_name
from logwright.people.sign_in import new_person, shown
from logwright.people.types import Invitation, Member, Person
from logwright.projects import audit
from logwright.projects.store import project_named
from logwright.projects.types import Principal, Role, Scope, Secret

if TYPE_CHECKING:
    from logwright.people.sign_in import SigningIn
    from logwright.projects.audit import Actor

OPEN_FOR: Final = timedelta(days=7)
"""How long an invitation lets somebody in unless it says otherwise."""

_GONE: Final = "This invitation is not known, was used or taken back, or has ended; ask for another"


class NewInvitation(NamedTuple):
    """An invitation just made; the token is part of its link and is shown now and never again."""

    invitation: Invitation
    token: Secret


def list_members(to: SigningIn, project_id: str) -> Sequence[Member]:
    """Return the people of a project, oldest first."""
    with to.database.read() as connection:
        return store.members_of(connection, project_id)


def set_role(to: SigningIn, by: Principal, actor: Actor, project_id: str, person_id: str, role: Role) -> Member:
    """Give somebody who is in a project another role there; the person's sessions end.

    Raises:
        NotFound: when the person is not in the project.
        Forbidden: when whoever asks may not give or take such a role.
        Conflict: when the project would have no owner left.
    """
    with to.database.write(announce=False) as connection:
        before = _member(connection, project_id, person_id)
        if before.role is role:
            return before
        _may_change(by, project_id, before.role, role)
        if before.role is Role.OWNER:
            _keep_an_owner(connection, project_id, person_id)
        store.put_member(connection, project_id, person_id, role, to.clock())
        store.remove_sessions(connection, person_id)
        after = dataclasses.replace(before, role=role)
        _note(connection, actor, "member.role", project_id, before=before, after=after)
    return after


def remove_member(to: SigningIn, by: Principal, actor: Actor, project_id: str, person_id: str) -> None:
    """Take somebody out of a project; anybody may leave.

    Raises:
        NotFound, Forbidden, Conflict: as in `set_role`.
    """
    with to.database.write(announce=False) as connection:
        before = _member(connection, project_id, person_id)
        if by.key_id != person_id:
            _may_change(by, project_id, before.role, Role.VIEWER)
        if before.role is Role.OWNER:
            _keep_an_owner(connection, project_id, person_id)
        store.remove_member(connection, project_id, person_id)
        store.remove_sessions(connection, person_id)
        _note(connection, actor, "member.remove", project_id, before=before, after=None)


# ------------------------------------------------------------------ invitations


def invite(
    to: SigningIn,
    by: Principal,
    actor: Actor,
    project_id: str | None,
    role: Role,
    *,
    email: str = "",
    open_for: timedelta = OPEN_FOR,
) -> NewInvitation:
    """Make a link that lets somebody into a project, or with None makes an admin of the installation.

    Raises:
        InvalidRequest: when the e-mail address is none, or it would be open for less than a minute or over 30 days.
        Forbidden: when whoever asks may not give such a role.
    """
    email = checked_email(email) if email else ""
    if not timedelta(minutes=1) <= open_for <= timedelta(days=30):
        raise InvalidRequest("An invitation is open for one minute to 30 days", param="expires_in")
    if project_id is not None:
        _may_change(by, project_id, Role.VIEWER, role)
    elif not by.allows(Scope.ADMIN):
        raise Forbidden("Only an admin of the installation invites another")
    now = to.clock()
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        id=new_id("inv", clock.to_micros(now)),
        project_id=project_id,
        role=role,
        email=email,
        invited_by=by.key_id,
        created_at=now,
        expires_at=now + open_for,
        accepted_at=None,
        revoked_at=None,
    )
    with to.database.write(announce=False) as connection:
        store.add_invitation(connection, invitation, to.sessions.digests(token)[0])
        audit.record(
            connection, actor, "invitation.create", invitation.id, project_id=project_id or "", after=_said(invitation)
        )
    return NewInvitation(invitation, Secret(token))


def list_invitations(to: SigningIn, project_id: str | None) -> Sequence[Invitation]:
    """Return the invitations that are open, newest first."""
    now = to.clock()
    with to.database.read() as connection:
        return [each for each in store.invitations_of(connection, project_id) if each.is_open(now)]


def revoke_invitation(to: SigningIn, actor: Actor, project_id: str | None, invitation_id: str) -> None:
    """Take an invitation back.

    Raises:
        NotFound: when there is no open one of that id.
    """
    now = to.clock()
    with to.database.write(announce=False) as connection:
        for each in store.invitations_of(connection, project_id):
            if each.id == invitation_id and each.is_open(now):
                store.close_invitation(connection, each.id, accepted_at=None, revoked_at=now)
                audit.record(connection, actor, "invitation.revoke", each.id, project_id=project_id or "")
                return
    raise NotFound("There is no such invitation")


class Offer(NamedTuple):
    """What an invitation's page shows before anybody has signed in."""

    invitation: Invitation
    project: str
    """The project's name; empty for the installation."""


def look_at(to: SigningIn, token: str) -> Offer:
    """Return what a link offers.

    Raises:
        NotFound: in the same words whether it is unknown, used, taken back or over.
    """
    with to.database.read() as connection:
        return _offer(connection, to, token)


def accept(to: SigningIn, actor: Actor, token: str, *, person: Person) -> Offer:
    """Let somebody who is signed in take an invitation.

    Raises:
        NotFound: as `look_at`.
        Forbidden: when it is for another e-mail address.
    """
    with to.database.write(announce=False) as connection:
        offer = _offer(connection, to, token)
        _take(connection, to, actor, offer, person)
    return offer


def join(to: SigningIn, actor: Actor, token: str, *, email: str, name: str, password: str) -> Person:
    """Make somebody new out of an invitation.

    Raises:
        NotFound: as `look_at`.
        InvalidRequest: naming the field that is wrong.
        Forbidden: when the invitation is for another e-mail address.
        Conflict: when there is somebody of that address, who must sign in instead.
    """
    email, name = checked_email(email), checked_name(name)
    look_at(to, token)  # before the slow hash, so that only who has a link can have it made
    hashed = to.passwords.hash(passwords.check(password, email=email))
    with to.database.write(announce=False) as connection:
        offer = _offer(connection, to, token)
        if store.person_by_email(connection, email) is not None:
            raise Conflict(
                "There is somebody of this address already; sign in, then open the link again", param="email"
            )
        person = new_person(to.clock(), email, name)
        store.add_person(connection, person, password=hashed)
        audit.record(connection, actor, "person.create", person.id, after=shown(person))
        _take(connection, to, dataclasses.replace(actor, key_id=person.id), offer, person)
    return person


def _offer(connection: Connection, to: SigningIn, token: str) -> Offer:
    invitation = store.invitation_by_digest(connection, to.sessions.digests(token))
    if invitation is None or not invitation.is_open(to.clock()):
        raise NotFound(_GONE)
    project = None if invitation.project_id is None else project_named(connection, invitation.project_id)
    return Offer(invitation, "" if project is None else project.name)


def _take(connection: Connection, to: SigningIn, actor: Actor, offer: Offer, person: Person) -> None:
    invitation, now = offer.invitation, to.clock()
    if invitation.email and invitation.email != person.email:
        raise Forbidden("This invitation is for another e-mail address")
    if invitation.project_id is None:
        store.set_person(connection, person.id, name=person.name, is_admin=True, disabled_at=person.disabled_at)
    else:
        has = store.roles_of(connection, person.id).get(invitation.project_id)
        if has is None or invitation.role.includes(has):
            store.put_member(connection, invitation.project_id, person.id, invitation.role, now)
    store.close_invitation(connection, invitation.id, accepted_at=now, revoked_at=None)
    project_id = invitation.project_id or ""
    audit.record(connection, actor, "invitation.accept", invitation.id, project_id=project_id, after=_said(invitation))


# ------------------------------------------------------------------ private


def _member(connection: Connection, project_id: str, person_id: str) -> Member:
    for each in store.members_of(connection, project_id):
        if each.person.id == person_id:
            return each
    raise NotFound("There is nobody of that id in the project")


def _may_change(by: Principal, project_id: str, before: Role, after: Role) -> None:
    """Let a project's admins make viewers and members of each other; admins and owners are made by owners."""
    if by.scope is Scope.ADMIN:
        return
    mine = (by.roles or {}).get(project_id)
    needed = Role.OWNER if Role.ADMIN in {before, after} or Role.OWNER in {before, after} else Role.ADMIN
    if mine is None or not mine.includes(needed):
        raise Forbidden(f"This takes the role {needed} in the project")


def _keep_an_owner(connection: Connection, project_id: str, person_id: str) -> None:
    others = (each for each in store.members_of(connection, project_id) if each.person.id != person_id)
    if not any(each.role is Role.OWNER and each.person.disabled_at is None for each in others):
        raise Conflict("The project would have no owner left; make somebody else owner first")


def _note(
    connection: Connection, actor: Actor, action: str, project_id: str, *, before: Member, after: Member | None
) -> None:
    audit.record(
        connection,
        actor,
        action,
        before.person.id,
        project_id=project_id,
        before={"role": before.role.value},
        after=None if after is None else {"role": after.role.value},
    )


def _said(invitation: Invitation) -> dict[str, object]:
    return {"id": invitation.id, "role": invitation.role.value, "email": invitation.email}
