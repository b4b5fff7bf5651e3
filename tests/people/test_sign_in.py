"""Signing in: one answer for all that is wrong, limits, one-time passwords, and no session outlives a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logwright.errors import Conflict, InvalidRequest, NotFound, RateLimited, Unauthorized
from logwright.people import directory, sign_in
from logwright.people.sign_in import Visitor
from logwright.projects import audit
from logwright.projects.audit import SYSTEM
from logwright.projects.types import Role

from .conftest import PASSWORD, VISITOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from logwright.people.sign_in import SigningIn

    from .conftest import Browser, Crowd, Now


def refusal(to: SigningIn, email: str, password: str, visitor: Visitor = VISITOR) -> str:
    with pytest.raises(Unauthorized) as refused:
        sign_in.sign_in(to, visitor, email, password)
    return refused.value.message


def test_unknown_wrong_and_shut_out_are_told_alike(to: SigningIn, crowd: Crowd) -> None:
    person = crowd.person("ada@example.com", Role.MEMBER)
    crowd.person("bob@example.com", is_admin=True)
    told = {refusal(to, "nobody@example.com", PASSWORD), refusal(to, "ada@example.com", "wrong password")}
    directory.change_person(to, SYSTEM, person.id, disabled=True)
    told.add(refusal(to, "ada@example.com", PASSWORD))
    assert told == {sign_in.WRONG}


def test_the_name_is_read_in_any_case(to: SigningIn, crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    assert sign_in.sign_in(to, VISITOR, " Ada@Example.COM ", PASSWORD)[0].email == "ada@example.com"


def test_ten_wrong_tries_close_a_name_for_a_while(to: SigningIn, crowd: Crowd, now: Now) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    for _ in range(10):
        refusal(to, "ada@example.com", "wrong password")
        now.pass_(seconds=10)
    with pytest.raises(RateLimited) as limited:
        sign_in.sign_in(to, VISITOR, "ada@example.com", PASSWORD)
    assert limited.value.retry_after == pytest.approx(800)
    now.pass_(seconds=801)
    assert sign_in.sign_in(to, VISITOR, "ada@example.com", PASSWORD)[0].email == "ada@example.com"


def test_many_names_from_one_address_close_the_address(to: SigningIn, crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    for number in range(50):
        refusal(to, f"guess{number}@example.com", "wrong password")
    with pytest.raises(RateLimited):
        sign_in.sign_in(to, VISITOR, "ada@example.com", PASSWORD)
    elsewhere = Visitor(address="192.0.2.9", user_agent="")
    assert sign_in.sign_in(to, elsewhere, "ada@example.com", PASSWORD)


def test_a_right_password_forgets_the_wrong_ones(to: SigningIn, crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    for _ in range(3):
        for _ in range(9):
            refusal(to, "ada@example.com", "wrong password")
        sign_in.sign_in(to, VISITOR, "ada@example.com", PASSWORD)


def test_a_one_time_password_leads_only_to_its_change(browser: Callable[..., Browser], crowd: Crowd) -> None:
    added = directory.add_person(crowd.to, SYSTEM, email="ada@example.com", is_admin=True)
    ada = browser()
    one_time = added.password.reveal()
    assert ada.sign_in("ada@example.com", one_time).json()["person"]["must_change_password"] is True
    refused = ada.call("GET", "/projects")
    assert refused.status_code == 403
    assert "one-time password" in refused.text
    assert ada.call("GET", "/session").status_code == 200
    reply = ada.call("POST", "/session/password", json={"old": one_time, "new": PASSWORD})
    assert reply.status_code == 200
    ada.csrf = reply.json()["csrf_token"]
    assert ada.call("GET", "/projects").status_code == 200
    assert browser().sign_in("ada@example.com", one_time).status_code == 401


def test_a_changed_password_ends_every_other_session(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    here, there = browser(), browser()
    here.sign_in("ada@example.com")
    there.sign_in("ada@example.com")
    assert len(here.call("GET", "/session/all").json()["data"]) == 2
    reply = here.call("POST", "/session/password", json={"old": PASSWORD, "new": "another good one"})
    here.csrf = reply.json()["csrf_token"]
    assert there.call("GET", "/session").json() is None
    assert [each["current"] for each in here.call("GET", "/session/all").json()["data"]] == [True]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("wrong password", "another good one", Unauthorized),
        (PASSWORD, "short", InvalidRequest),
        (PASSWORD, PASSWORD, Conflict),
    ],
)
def test_a_change_that_cannot_be_leaves_the_password(
    to: SigningIn, crowd: Crowd, old: str, new: str, error: type[Exception]
) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    _, token = sign_in.sign_in(to, VISITOR, "ada@example.com", PASSWORD)
    me = to.sessions.find(token.reveal())
    assert me is not None
    with pytest.raises(error):
        sign_in.change_password(to, SYSTEM, VISITOR, me, old, new)
    assert sign_in.sign_in(to, VISITOR, "ada@example.com", PASSWORD)


def test_a_reset_ends_the_sessions_and_opens_a_closed_name(to: SigningIn, crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    _, token = sign_in.sign_in(to, VISITOR, "ada@example.com", PASSWORD)
    for _ in range(10):
        refusal(to, "ada@example.com", "wrong password")
    fresh = sign_in.reset_password(to, SYSTEM, "Ada@example.com")
    assert to.sessions.find(token.reveal()) is None
    assert sign_in.sign_in(to, VISITOR, "ada@example.com", fresh.reveal())[0].must_change_password
    with pytest.raises(NotFound):
        sign_in.reset_password(to, SYSTEM, "nobody@example.com")


def test_signing_in_and_out_is_in_the_audit_trail(browser: Callable[..., Browser], crowd: Crowd) -> None:
    person = crowd.person("ada@example.com", Role.MEMBER)
    ada = browser()
    ada.sign_in("ada@example.com", "wrong password")
    ada.sign_in("ada@example.com")
    assert ada.call("DELETE", "/session").json() == {"ended": 1}
    assert ada.call("GET", "/session").json() is None
    lines = [each for each in audit.entries(crowd.to.database, after=0, limit=1000) if each.object == person.id]
    assert [each.action for each in lines][-3:] == ["session.refuse", "session.begin", "session.end"]
    assert audit.first_broken(crowd.to.database) is None


def test_a_session_elsewhere_can_be_ended_and_nobody_elses(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    crowd.person("bob@example.com", Role.OWNER)
    here, there, bob = browser(), browser(), browser()
    for one, email in ((here, "ada@example.com"), (there, "ada@example.com"), (bob, "bob@example.com")):
        one.sign_in(email)
    (other,) = [each["id"] for each in here.call("GET", "/session/all").json()["data"] if not each["current"]]
    assert bob.call("DELETE", f"/session/all/{other}").status_code == 404
    assert here.call("DELETE", f"/session/all/{other}").status_code == 200
    assert there.call("GET", "/session").json() is None


def test_signing_in_from_another_site_is_refused(browser: Callable[..., Browser], crowd: Crowd) -> None:
    """Else a page could sign its visitor in as somebody else, and read what the visitor then writes."""
    crowd.person("ada@example.com", Role.MEMBER)
    reply = browser().call(
        "POST",
        "/session",
        json={"email": "ada@example.com", "password": PASSWORD},
        headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    )
    assert reply.status_code == 403
