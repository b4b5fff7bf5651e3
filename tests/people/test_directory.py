"""Everybody who may sign in: added with a one-time password, shut out at once, and never without an admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logwright.errors import Conflict, InvalidRequest, NotFound
from logwright.people import directory
from logwright.people.sign_in import sign_in
from logwright.projects.audit import SYSTEM
from logwright.projects.types import Role

from .conftest import PASSWORD, VISITOR

if TYPE_CHECKING:
    from logwright.people.sign_in import SigningIn

    from .conftest import Crowd


def test_somebody_added_signs_in_with_the_password_that_was_shown(to: SigningIn) -> None:
    added = directory.add_person(to, SYSTEM, email=" Ada@Example.com", is_admin=True)
    person, _ = sign_in(to, VISITOR, "ada@example.com", added.password.reveal())
    assert (person.name, person.is_admin, person.must_change_password) == ("Ada", True, True)
    assert [each.email for each in directory.list_people(to)] == ["ada@example.com"]


def test_an_address_is_taken_once(to: SigningIn) -> None:
    directory.add_person(to, SYSTEM, email="ada@example.com")
    with pytest.raises(Conflict):
        directory.add_person(to, SYSTEM, email="ADA@example.com")


@pytest.mark.parametrize("email", ["", "ada", "@example.com", "a@", "a b@example.com", "x" * 300 + "@e.com"])
def test_what_is_no_address_is_refused(to: SigningIn, email: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        directory.add_person(to, SYSTEM, email=email)
    assert refused.value.param == "email"


def test_somebody_shut_out_is_out_at_once_and_may_come_back(to: SigningIn, crowd: Crowd) -> None:
    person = crowd.person("ada@example.com", Role.MEMBER)
    _, token = sign_in(to, VISITOR, "ada@example.com", PASSWORD)
    assert directory.change_person(to, SYSTEM, person.id, disabled=True).disabled_at is not None
    assert to.sessions.find(token.reveal()) is None
    assert directory.change_person(to, SYSTEM, person.id, disabled=False).disabled_at is None
    assert sign_in(to, VISITOR, "ada@example.com", PASSWORD)


def test_an_admin_of_the_installation_is_left(to: SigningIn, crowd: Crowd) -> None:
    one = crowd.person("one@example.com", is_admin=True)
    for change in ({"disabled": True}, {"is_admin": False}):
        with pytest.raises(Conflict):
            directory.change_person(to, SYSTEM, one.id, **change)
    two = crowd.person("two@example.com", is_admin=True)
    directory.change_person(to, SYSTEM, one.id, is_admin=False)
    with pytest.raises(Conflict):
        directory.change_person(to, SYSTEM, two.id, disabled=True)


def test_nobody_is_nobody(to: SigningIn) -> None:
    with pytest.raises(NotFound):
        directory.change_person(to, SYSTEM, "usr_unknown", disabled=True)
