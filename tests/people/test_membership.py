"""Who may bring whom into a project, with which role, and that a project is never left without an owner."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from logwright.errors import Conflict, Forbidden, InvalidRequest, NotFound
from logwright.people import membership
from logwright.people.sign_in import sign_in
from logwright.projects.audit import SYSTEM
from logwright.projects.types import Role

from .conftest import ADMIN, PASSWORD, VISITOR

if TYPE_CHECKING:
    from logwright.people.sign_in import SigningIn

    from .conftest import Crowd, Now


def roles(crowd: Crowd) -> dict[str, Role]:
    return {each.person.name: each.role for each in membership.list_members(crowd.to, crowd.project.id)}


def test_an_invitation_lets_one_person_in_once(to: SigningIn, crowd: Crowd) -> None:
    made = membership.invite(to, ADMIN, SYSTEM, crowd.project.id, Role.MEMBER)
    token = made.token.reveal()
    offer = membership.look_at(to, token)
    assert (offer.project, offer.invitation.role) == ("one", Role.MEMBER)
    membership.join(to, SYSTEM, token, email="Ada@Example.com", name="Ada", password=PASSWORD)
    assert roles(crowd) == {"Ada": Role.MEMBER}
    assert sign_in(to, VISITOR, "ada@example.com", PASSWORD)
    for _ in range(2):
        with pytest.raises(NotFound):
            membership.join(to, SYSTEM, token, email="bob@example.com", name="Bob", password=PASSWORD)
        with pytest.raises(NotFound):
            membership.look_at(to, token)


def test_an_invitation_that_was_taken_back_or_is_over_is_as_unknown_as_any(
    to: SigningIn, crowd: Crowd, now: Now
) -> None:
    project = crowd.project.id
    revoked = membership.invite(to, ADMIN, SYSTEM, project, Role.VIEWER)
    membership.revoke_invitation(to, SYSTEM, project, revoked.invitation.id)
    over = membership.invite(to, ADMIN, SYSTEM, project, Role.VIEWER, open_for=timedelta(minutes=5))
    now.pass_(minutes=5)
    told = set()
    for token in (revoked.token.reveal(), over.token.reveal(), "made-up", ""):
        with pytest.raises(NotFound) as refused:
            membership.look_at(to, token)
        told.add(refused.value.message)
    assert len(told) == 1
    assert membership.list_invitations(to, project) == []
    with pytest.raises(NotFound):
        membership.revoke_invitation(to, SYSTEM, project, revoked.invitation.id)


def test_an_invitation_for_an_address_is_for_no_other(to: SigningIn, crowd: Crowd) -> None:
    made = membership.invite(to, ADMIN, SYSTEM, crowd.project.id, Role.MEMBER, email="Ada@example.com")
    with pytest.raises(Forbidden):
        membership.join(to, SYSTEM, made.token.reveal(), email="eve@example.com", name="Eve", password=PASSWORD)
    assert roles(crowd) == {}
    membership.join(to, SYSTEM, made.token.reveal(), email="ada@example.com", name="Ada", password=PASSWORD)


def test_somebody_who_is_there_takes_a_second_invitation_and_loses_no_role_by_it(to: SigningIn, crowd: Crowd) -> None:
    ada = crowd.person("ada@example.com", Role.ADMIN)
    lower = membership.invite(to, ADMIN, SYSTEM, crowd.project.id, Role.VIEWER)
    membership.accept(to, SYSTEM, lower.token.reveal(), person=ada)
    assert roles(crowd) == {"ada": Role.ADMIN}
    higher = membership.invite(to, ADMIN, SYSTEM, crowd.project.id, Role.OWNER)
    membership.accept(to, SYSTEM, higher.token.reveal(), person=ada)
    assert roles(crowd) == {"ada": Role.OWNER}
    again = membership.invite(to, ADMIN, SYSTEM, crowd.project.id, Role.VIEWER).token.reveal()
    with pytest.raises(Conflict):
        membership.join(to, SYSTEM, again, email="ada@example.com", name="Ada", password=PASSWORD)


def test_an_invitation_to_the_installation_makes_an_admin_of_it(to: SigningIn, crowd: Crowd) -> None:
    made = membership.invite(to, ADMIN, SYSTEM, None, Role.OWNER)
    membership.join(to, SYSTEM, made.token.reveal(), email="ada@example.com", name="Ada", password=PASSWORD)
    assert sign_in(to, VISITOR, "ada@example.com", PASSWORD)[0].is_admin
    crowd.person("bob@example.com", Role.OWNER)
    bob = crowd.principal("bob@example.com")
    with pytest.raises(Forbidden):
        membership.invite(to, bob, SYSTEM, None, Role.OWNER)


@pytest.mark.parametrize(
    ("mine", "given", "allowed"),
    [
        (Role.VIEWER, Role.VIEWER, False),
        (Role.MEMBER, Role.VIEWER, False),
        (Role.ADMIN, Role.VIEWER, True),
        (Role.ADMIN, Role.MEMBER, True),
        (Role.ADMIN, Role.ADMIN, False),
        (Role.ADMIN, Role.OWNER, False),
        (Role.OWNER, Role.ADMIN, True),
        (Role.OWNER, Role.OWNER, True),
    ],
)
def test_nobody_gives_more_than_they_may(to: SigningIn, crowd: Crowd, mine: Role, given: Role, allowed: bool) -> None:
    crowd.person("ada@example.com", mine)
    bob = crowd.person("bob@example.com", Role.MEMBER if given is not Role.MEMBER else Role.VIEWER)
    ada = crowd.principal("ada@example.com")
    if allowed:
        assert membership.invite(to, ada, SYSTEM, crowd.project.id, given)
        assert membership.set_role(to, ada, SYSTEM, crowd.project.id, bob.id, given).role is given
        return
    with pytest.raises(Forbidden):
        membership.invite(to, ada, SYSTEM, crowd.project.id, given)
    with pytest.raises(Forbidden):
        membership.set_role(to, ada, SYSTEM, crowd.project.id, bob.id, given)


def test_an_admin_does_not_unmake_an_owner(to: SigningIn, crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.ADMIN)
    owner = crowd.person("owner@example.com", Role.OWNER)
    crowd.person("second@example.com", Role.OWNER)
    ada = crowd.principal("ada@example.com")
    with pytest.raises(Forbidden):
        membership.set_role(to, ada, SYSTEM, crowd.project.id, owner.id, Role.VIEWER)
    with pytest.raises(Forbidden):
        membership.remove_member(to, ada, SYSTEM, crowd.project.id, owner.id)


def test_a_project_keeps_an_owner(to: SigningIn, crowd: Crowd) -> None:
    owner = crowd.person("owner@example.com", Role.OWNER)
    me = crowd.principal("owner@example.com")
    with pytest.raises(Conflict):
        membership.set_role(to, me, SYSTEM, crowd.project.id, owner.id, Role.ADMIN)
    with pytest.raises(Conflict):
        membership.remove_member(to, me, SYSTEM, crowd.project.id, owner.id)
    crowd.person("second@example.com", Role.OWNER)
    membership.remove_member(to, me, SYSTEM, crowd.project.id, owner.id)
    assert roles(crowd) == {"second": Role.OWNER}


def test_a_new_role_ends_the_sessions_and_anybody_may_leave(to: SigningIn, crowd: Crowd) -> None:
    ada = crowd.person("ada@example.com", Role.MEMBER)
    _, token = sign_in(to, VISITOR, "ada@example.com", PASSWORD)
    membership.set_role(to, ADMIN, SYSTEM, crowd.project.id, ada.id, Role.VIEWER)
    assert to.sessions.find(token.reveal()) is None
    membership.remove_member(to, crowd.principal("ada@example.com"), SYSTEM, crowd.project.id, ada.id)
    assert roles(crowd) == {}
    with pytest.raises(NotFound):
        membership.remove_member(to, ADMIN, SYSTEM, crowd.project.id, ada.id)


@pytest.mark.parametrize(
    ("email", "name", "password", "named"),
    [
        ("no address", "Ada", PASSWORD, "email"),
        ("ada@example.com", "", PASSWORD, "name"),
        ("ada@example.com", "A\nda", PASSWORD, "name"),
        ("ada@example.com", "Ada", "short", "password"),
    ],
)
def test_what_is_wrong_of_somebody_new_is_named(
    to: SigningIn, crowd: Crowd, email: str, name: str, password: str, named: str
) -> None:
    made = membership.invite(to, ADMIN, SYSTEM, crowd.project.id, Role.MEMBER)
    with pytest.raises(InvalidRequest) as refused:
        membership.join(to, SYSTEM, made.token.reveal(), email=email, name=name, password=password)
    assert refused.value.param == named
    assert membership.look_at(to, made.token.reveal())
