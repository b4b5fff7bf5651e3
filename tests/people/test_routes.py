"""Who may do what over HTTP: each role in its project, nobody in another's, and keys as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from logwright.people import membership
from logwright.projects.audit import SYSTEM
from logwright.projects.types import Role

from .conftest import ADMIN, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Browser, Crowd


SEES, WRITES, MANAGES = "sees", "writes", "manages"
CALLS: tuple[tuple[str, str, dict[str, Any] | None, str], ...] = (
    ("GET", "/members", None, SEES),
    ("GET", "/providers", None, SEES),
    ("GET", "/keys", None, MANAGES),
    ("POST", "/keys", {"scope": "read"}, MANAGES),
    ("GET", "/invitations", None, MANAGES),
    ("POST", "/invitations", {"role": "viewer"}, MANAGES),
    ("DELETE", "/providers/none", None, MANAGES),
)
MAY = {
    Role.VIEWER: {SEES},
    Role.MEMBER: {SEES, WRITES},
    Role.ADMIN: {SEES, WRITES, MANAGES},
    Role.OWNER: {SEES, WRITES, MANAGES},
}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_allows_what_it_says_in_its_project_and_shows_no_other(
    browser: Callable[..., Browser], crowd: Crowd, role: Role
) -> None:
    crowd.person("ada@example.com", role)
    ada = browser()
    ada.sign_in("ada@example.com")
    for method, path, body, needed in CALLS:
        mine = ada.call(method, path, json=body).status_code
        assert (mine == 403) is (needed not in MAY[role]), f"{role} {method} {path}: {mine}"
        for name in (crowd.other.id, crowd.other.name, "unknown"):
            assert ada.call(method, path, json=body, params={"project": name}).status_code == 404
    assert [each["name"] for each in ada.call("GET", "/projects").json()["data"]] == ["one"]


def test_only_admins_of_the_installation_see_everybody(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.OWNER)
    crowd.person("root@example.com", is_admin=True)
    ada, root = browser(), browser()
    ada.sign_in("ada@example.com")
    root.sign_in("root@example.com")
    calls: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("GET", "/people", None),
        ("POST", "/people", {"email": "new@example.com"}),
        ("POST", "/people/ada@example.com/reset", {}),
        ("POST", "/admin-invitations", {}),
        ("POST", "/keys", {"scope": "admin"}),
        ("GET", "/admin-keys", None),
    )
    assert {path: ada.call(method, path, json=body).status_code for method, path, body in calls} == {
        path: 403 for _, path, _ in calls
    }
    assert {path: root.call(method, path, json=body).status_code for method, path, body in calls} == {
        path: 200 for _, path, _ in calls
    }
    assert {each["name"] for each in root.call("GET", "/projects").json()["data"]} == {"one", "two"}


def test_keys_of_another_project_are_not_there_to_be_revoked(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.ADMIN)
    crowd.person("root@example.com", is_admin=True)
    ada, root = browser(), browser()
    ada.sign_in("ada@example.com")
    root.sign_in("root@example.com")
    foreign = root.call("POST", "/keys", json={"scope": "read"}, params={"project": "two"}).json()["id"]
    own = ada.call("POST", "/keys", json={"scope": "read"}).json()["id"]
    assert ada.call("DELETE", f"/keys/{foreign}").status_code == 404
    assert ada.call("DELETE", f"/keys/{own}").status_code == 200
    assert root.call("DELETE", f"/keys/{foreign}").status_code == 200


def test_somebody_new_comes_by_a_link_and_is_signed_in(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.ADMIN)
    ada, new = browser(), browser()
    ada.sign_in("ada@example.com")
    token = ada.call("POST", "/invitations", json={"role": "viewer"}).json()["token"]
    assert new.call("POST", "/invitations/look", json={"token": token}).json()["project"] == "one"
    reply = new.call(
        "POST",
        "/invitations/join",
        json={"token": token, "email": "new@example.com", "name": "New", "password": PASSWORD},
    )
    assert reply.json()["projects"][0]["role"] == "viewer"
    assert new.call("GET", "/session").json()["person"]["email"] == "new@example.com"
    assert ada.call("GET", "/invitations").json() == {"data": []}
    assert {each["person"]["name"] for each in ada.call("GET", "/members").json()["data"]} == {"ada", "New"}


def test_somebody_signed_in_takes_a_link_to_a_second_project(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    ada = browser()
    ada.sign_in("ada@example.com")
    made = membership.invite(crowd.to, ADMIN, SYSTEM, crowd.other.id, Role.VIEWER)
    reply = ada.call("POST", "/invitations/accept", json={"token": made.token.reveal()}).json()
    assert {each["name"]: each["role"] for each in reply["projects"]} == {"one": "member", "two": "viewer"}


def test_a_member_is_given_a_role_and_taken_out(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("owner@example.com", Role.OWNER)
    bob = crowd.person("bob@example.com", Role.VIEWER)
    owner = browser()
    owner.sign_in("owner@example.com")
    assert owner.call("PUT", f"/members/{bob.id}", json={"role": "admin"}).json()["role"] == "admin"
    assert owner.call("PUT", f"/members/{bob.id}", json={"role": "king"}).status_code == 400
    assert owner.call("DELETE", f"/members/{bob.id}").status_code == 204
    assert owner.call("DELETE", f"/members/{bob.id}").status_code == 404


def test_a_password_is_never_repeated_in_an_error(browser: Callable[..., Browser]) -> None:
    reply = browser().call("POST", "/session", json={"email": "a@example.com", "password": ["secret words"]})
    assert reply.status_code == 400
    assert "secret words" not in reply.text
