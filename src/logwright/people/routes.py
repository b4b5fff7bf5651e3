"""The HTTP door to people: signing in and out, members of projects, invitations, and everybody there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from logwright.errors import Forbidden, NotFound, Unauthorized
from logwright.people import directory, membership, sign_in
from logwright.people.forms import (
    Ended,
    InvitationIn,
    InvitationList,
    InvitationMade,
    InvitationOut,
    JoinIn,
    MemberList,
    MemberOut,
    NewPerson,
    OfferOut,
    OneTime,
    PasswordIn,
    PersonAdded,
    PersonIn,
    PersonList,
    PersonOut,
    ProjectRole,
    RoleIn,
    SessionLine,
    SessionList,
    SessionOut,
    SignIn,
    TokenIn,
)
from logwright.people.sessions import check_same_origin, principal_of, set_cookie, shown_token, take_cookie
from logwright.people.sign_in import SigningIn, Visitor
from logwright.people.types import Invitation, Person, SignedIn
from logwright.projects.access import Admin, ProjectAdmin, Reader, authenticate, key_table, presented_key
from logwright.projects.audit import Actor
from logwright.projects.types import NOT_VALID, Role

router: Final = APIRouter(prefix="/api/manage", tags=["people"])

PersonId = Annotated[str, Path(max_length=64, description="The person's id, such as `usr_01M7…`.")]
InvitationId = Annotated[str, Path(max_length=64, description="The invitation's id, such as `inv_01M7…`.")]
Everywhere = Annotated[bool, Query(description="Whether to end all of one's own sessions.")]
SessionId = Annotated[str, Path(max_length=64, description="The session's id, such as `ses_01M7…`.")]

# ------------------------------------------------------------------ who is signed in


def _signed_in(request: Request) -> SignedIn:
    """Return who is signed in, with the proofs that a change needs.

    Raises:
        Unauthorized: when nobody is.
        Forbidden: when another site may have made the request, or it shows a key, which has no session.
    """
    if presented_key(request.headers) is not None:
        authenticate(request)
        raise Forbidden("This is for people who are signed in; a key has no session")
    to = signing_in(request)
    token = shown_token(request)
    found = None if token is None else to.sessions.find(token)
    if token is None or found is None:
        raise Unauthorized(NOT_VALID)
    to.sessions.check_origin(request, token)
    return found


Me = Annotated[SignedIn, Depends(_signed_in)]
"""Somebody who is signed in, be it with a one-time password."""


@router.post("/session", operation_id="signIn", summary="Sign in")
def begin(request: Request, response: Response, told: SignIn) -> SessionOut:
    """Check a password and set the session's cookie. Failures are counted by name and by address."""
    check_same_origin(request)
    to = signing_in(request)
    _, token = sign_in.sign_in(to, _visitor(request), told.email, told.password.get_secret_value())
    set_cookie(request, response, token)
    return _session(request, token.reveal())


@router.get("/session", operation_id="getSession", summary="Say who is signed in")
def show(request: Request) -> SessionOut | None:
    """Return the person, the projects and the token that changes need; null when nobody is signed in."""
    token = shown_token(request)
    if token is None or signing_in(request).sessions.find(token) is None:
        return None
    return _session(request, token)


@router.delete("/session", operation_id="signOut", summary="Sign out")
def end(request: Request, response: Response, me: Me, everywhere: Everywhere = False) -> Ended:
    """End this session, or with `everywhere` all of one's own."""
    ended = sign_in.sign_out(signing_in(request), _actor(request, me), me, everywhere=everywhere)
    take_cookie(response)
    return Ended(ended=ended)


@router.post("/session/password", operation_id="changePassword", summary="Change one's own password")
def change_password(request: Request, response: Response, me: Me, told: PasswordIn) -> SessionOut:
    """Take a new password; every other session ends and this one begins anew."""
    token = sign_in.change_password(
        signing_in(request),
        _actor(request, me),
        _visitor(request),
        me,
        told.old.get_secret_value(),
        told.new.get_secret_value(),
    )
    set_cookie(request, response, token)
    return _session(request, token.reveal())


@router.get("/session/all", operation_id="listSessions", summary="List one's own sessions")
def list_sessions(request: Request, me: Me) -> SessionList:
    """Return where one is signed in."""
    return SessionList(
        data=[
            SessionLine(
                id=each.id,
                current=each.id == me.session.id,
                created_at=each.created_at,
                seen_at=each.seen_at,
                expires_at=each.expires_at,
                address=each.address,
                user_agent=each.user_agent,
            )
            for each in sign_in.list_sessions(signing_in(request), me.person.id)
        ]
    )


@router.delete("/session/all/{session_id}", operation_id="endSession", summary="End one of one's own sessions")
def end_one(request: Request, me: Me, session_id: SessionId) -> Ended:
    """End a session on another machine."""
    sign_in.end_session(signing_in(request), _actor(request, me), me.person.id, session_id)
    return Ended(ended=1)


# ------------------------------------------------------------------ members and invitations


@router.get("/members", operation_id="listMembers", summary="List the members of a project")
def list_members(request: Request, access: Reader) -> MemberList:
    """Return the people of a project and their roles."""
    found = membership.list_members(signing_in(request), access.project.id)
    return MemberList(data=[MemberOut(person=person_out(m.person), role=m.role, since=m.since) for m in found])


@router.put("/members/{person_id}", operation_id="setMemberRole", summary="Give a member another role")
def set_role(request: Request, access: ProjectAdmin, person_id: PersonId, told: RoleIn) -> MemberOut:
    """Change a role; the person's sessions end. Only owners make and unmake admins and owners."""
    member = membership.set_role(
        signing_in(request), access.principal, access.actor, access.project.id, person_id, told.role
    )
    return MemberOut(person=person_out(member.person), role=member.role, since=member.since)


@router.delete(
    "/members/{person_id}", status_code=204, operation_id="removeMember", summary="Take a member out of a project"
)
def remove_member(request: Request, access: Reader, person_id: PersonId) -> None:
    """Take somebody out; anybody may leave, and a project keeps an owner."""
    membership.remove_member(signing_in(request), access.principal, access.actor, access.project.id, person_id)


@router.get("/invitations", operation_id="listInvitations", summary="List open invitations to a project")
def list_invitations(request: Request, access: ProjectAdmin) -> InvitationList:
    """Return the invitations that still let somebody in."""
    found = membership.list_invitations(signing_in(request), access.project.id)
    return InvitationList(data=[_invitation(each) for each in found])


@router.post("/invitations", operation_id="createInvitation", summary="Invite somebody to a project")
def invite(request: Request, access: ProjectAdmin, told: InvitationIn) -> InvitationMade:
    """Make a link that lets one person in, once."""
    made = membership.invite(
        signing_in(request),
        access.principal,
        access.actor,
        access.project.id,
        told.role,
        email=told.email,
        open_for=timedelta(seconds=told.expires_in),
    )
    return InvitationMade(**_invitation(made.invitation).model_dump(), token=made.token.reveal())


@router.delete(
    "/invitations/{invitation_id}", status_code=204, operation_id="revokeInvitation", summary="Take an invitation back"
)
def revoke_invitation(request: Request, access: ProjectAdmin, invitation_id: InvitationId) -> None:
    """End an invitation before anybody used it."""
    membership.revoke_invitation(signing_in(request), access.actor, access.project.id, invitation_id)


@router.post("/invitations/look", operation_id="lookAtInvitation", summary="See what an invitation offers")
def look(request: Request, told: TokenIn) -> OfferOut:
    """Return project and role; the token is the proof."""
    offer = membership.look_at(signing_in(request), told.token)
    invitation = offer.invitation
    return OfferOut(
        project=offer.project, role=invitation.role, email=invitation.email, expires_at=invitation.expires_at
    )


@router.post("/invitations/accept", operation_id="acceptInvitation", summary="Take an invitation")
def accept(request: Request, me: Me, told: TokenIn) -> SessionOut:
    """Let whoever is signed in take it."""
    membership.accept(signing_in(request), _actor(request, me), told.token, person=me.person)
    return _session(request, shown_token(request) or "")


@router.post("/invitations/join", operation_id="joinByInvitation", summary="Take an invitation as somebody new")
def join(request: Request, response: Response, told: JoinIn) -> SessionOut:
    """Make the person and sign them in."""
    check_same_origin(request)
    to, visitor = signing_in(request), _visitor(request)
    actor = Actor(key_id="", address=visitor.address, request_id=visitor.request_id)
    person = membership.join(
        to, actor, told.token, email=told.email, name=told.name, password=told.password.get_secret_value()
    )
    with to.database.write(announce=False) as connection:
        token = sign_in.open_session(connection, to, visitor, person)
    set_cookie(request, response, token)
    return _session(request, token.reveal())


# ------------------------------------------------------------------ everybody, for admins of the installation


@router.get("/people", operation_id="listPeople", summary="List everybody who may sign in")
def list_people(request: Request, _: Admin) -> PersonList:
    """Return everybody, oldest first."""
    return PersonList(data=[person_out(each) for each in directory.list_people(signing_in(request))])


@router.post("/people", operation_id="addPerson", summary="Add somebody who may sign in")
def add_person(request: Request, admin: Admin, told: NewPerson) -> PersonAdded:
    """Make a person with a one-time password. Roles in projects come with invitations."""
    added = directory.add_person(
        signing_in(request), admin.actor, email=told.email, name=told.name, is_admin=told.is_admin
    )
    return PersonAdded(**person_out(added.person).model_dump(), password=added.password.reveal())


@router.patch("/people/{person_id}", operation_id="changePerson", summary="Change a person")
def change_person(request: Request, admin: Admin, person_id: PersonId, told: PersonIn) -> PersonOut:
    """Make somebody an admin of the installation or not, let them in or not; their sessions end."""
    changed = directory.change_person(
        signing_in(request), admin.actor, person_id, is_admin=told.is_admin, disabled=told.disabled
    )
    return person_out(changed)


@router.post("/people/{email}/reset", operation_id="resetPassword", summary="Give a person a one-time password")
def reset(request: Request, admin: Admin, email: Annotated[str, Path(max_length=300)]) -> OneTime:
    """Put a one-time password in place of a forgotten one; the person's sessions end."""
    return OneTime(password=sign_in.reset_password(signing_in(request), admin.actor, email).reveal())


@router.post("/admin-invitations", operation_id="inviteAdmin", summary="Invite an admin of the installation")
def invite_admin(request: Request, admin: Admin, told: InvitationIn) -> InvitationMade:
    """Make a link that makes one person an admin of the installation."""
    made = membership.invite(
        signing_in(request),
        admin.principal,
        admin.actor,
        None,
        Role.OWNER,
        email=told.email,
        open_for=timedelta(seconds=told.expires_in),
    )
    return InvitationMade(**_invitation(made.invitation).model_dump(), token=made.token.reveal())


# ------------------------------------------------------------------ private


def signing_in(request: Request) -> SigningIn:
    """Return what the verbs work with."""
    return cast("SigningIn", request.app.state.signing_in)  # starlette's state is untyped


def person_out(person: Person) -> PersonOut:
    """Show a person."""
    return PersonOut(
        id=person.id,
        email=person.email,
        name=person.name,
        is_admin=person.is_admin,
        must_change_password=person.must_change_password,
        created_at=person.created_at,
        last_seen_at=person.last_seen_at,
        disabled_at=person.disabled_at,
    )


def _invitation(invitation: Invitation) -> InvitationOut:
    return InvitationOut(
        id=invitation.id,
        role=invitation.role,
        email=invitation.email,
        invited_by=invitation.invited_by,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )


def _session(request: Request, token: str) -> SessionOut:
    to = signing_in(request)
    found = to.sessions.find(token)
    if found is None:
        raise NotFound("The session has just ended; sign in again")
    principal = principal_of(found)
    return SessionOut(
        person=person_out(found.person),
        projects=[
            ProjectRole(id=each.id, name=each.name, role=found.roles.get(each.id, Role.OWNER))
            for each in key_table(request).projects()
            if principal.sees(each.id)
        ],
        csrf_token=to.sessions.csrf_token(token),
        expires_at=found.session.expires_at,
    )


def _visitor(request: Request) -> Visitor:
    return Visitor(
        address="" if request.client is None else request.client.host,
        user_agent=request.headers.get("user-agent", ""),
        request_id=getattr(request.state, "request_id", ""),
    )


def _actor(request: Request, me: SignedIn) -> Actor:
    visitor = _visitor(request)
    return Actor(key_id=me.person.id, address=visitor.address, request_id=visitor.request_id)
