"""A session is good for as long as it is used, for its own browser, and for pages of ours alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from logwright.people import store
from logwright.people.sessions import IDLE
from logwright.people.sign_in import sign_in
from logwright.projects.types import Role

from .conftest import PASSWORD, VISITOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from logwright.people.sign_in import SigningIn

    from .conftest import Browser, Crowd, Now


def test_an_unused_session_ends_after_twelve_hours_and_a_used_one_after_seven_days(
    to: SigningIn, crowd: Crowd, now: Now
) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    token = sign_in(to, VISITOR, "ada@example.com", PASSWORD)[1].reveal()
    for _ in range(16):
        now.pass_(hours=10)
        assert to.sessions.find(token) is not None
    now.pass_(hours=9)
    assert to.sessions.find(token) is None, "seven days are over"
    token = sign_in(to, VISITOR, "ada@example.com", PASSWORD)[1].reveal()
    now.pass_(seconds=IDLE.total_seconds())
    assert to.sessions.find(token) is None


def test_the_database_holds_nothing_that_would_be_a_session(to: SigningIn, crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.MEMBER)
    token = sign_in(to, VISITOR, "ada@example.com", PASSWORD)[1].reveal()
    with to.database.read() as connection:
        (digest,) = connection.execute(sa.select(store.sessions.c.digest)).one()
    assert token.encode() not in digest
    assert to.sessions.find(digest.hex()) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000, "\x00" * 43])
def test_junk_is_no_session(to: SigningIn, token: str) -> None:
    assert to.sessions.find(token) is None


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, "another site"),
        ({"origin": "https://logwright.example", "sec-fetch-site": "same-site"}, "another site"),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, "another origin"),
        ({"origin": "null"}, "another"),
        ({"x-csrf-token": ""}, "x-csrf-token"),
        ({"x-csrf-token": "0" * 64}, "x-csrf-token"),
        ({"content-type": "text/plain"}, "JSON"),
        ({"content-type": "application/x-www-form-urlencoded"}, "JSON"),
    ],
)
def test_a_change_is_refused_unless_a_page_of_ours_asks(
    browser: Callable[..., Browser], crowd: Crowd, headers: dict[str, str], why: str
) -> None:
    crowd.person("ada@example.com", Role.ADMIN)
    ada = browser()
    assert ada.sign_in("ada@example.com").status_code == 200
    reply = ada.call("POST", "/keys", json={"scope": "read"}, headers=headers)
    assert reply.status_code == 403
    assert why in reply.text
    assert ada.call("POST", "/keys", json={"scope": "read"}).status_code == 200


def test_a_browser_that_says_nothing_of_where_it_comes_from_changes_nothing(
    browser: Callable[..., Browser], crowd: Crowd
) -> None:
    crowd.person("ada@example.com", Role.ADMIN)
    ada = browser()
    ada.sign_in("ada@example.com")
    reply = ada.client.post("/api/manage/keys", json={"scope": "read"}, headers={"x-csrf-token": ada.csrf})
    assert reply.status_code == 403


def test_looking_needs_the_cookie_alone(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.VIEWER)
    ada = browser()
    ada.sign_in("ada@example.com")
    assert [each["name"] for each in ada.client.get("/api/manage/projects").json()["data"]] == ["one"]


def test_a_key_goes_before_a_session(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.VIEWER)
    ada = browser()
    ada.sign_in("ada@example.com")
    wrong = ada.client.get("/api/manage/projects", headers={"authorization": "Bearer lwk_wrong"})
    assert wrong.status_code == 401


def test_the_cookie_is_for_this_host_and_for_no_script(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.VIEWER)
    set_by = browser().sign_in("ada@example.com").headers["set-cookie"]
    assert set_by.startswith("__Host-logwright=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in set_by.split(";")}
    local = browser("http://127.0.0.1:8700").sign_in("ada@example.com").headers["set-cookie"]
    assert local.startswith("logwright=")
    assert "Secure" not in local


def test_nobody_signs_in_where_others_can_listen(browser: Callable[..., Browser], crowd: Crowd) -> None:
    crowd.person("ada@example.com", Role.VIEWER)
    reply = browser("http://logwright.example").sign_in("ada@example.com")
    assert reply.status_code == 400
    assert "HTTPS" in reply.text
    assert "set-cookie" not in reply.headers
