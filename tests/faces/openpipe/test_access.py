"""Who may call OpenPipe's API, and in which project."""

from __future__ import annotations

import pytest

from logwright.testing.application import Application

CHECK = "/api/v1/check-cache"


@pytest.mark.parametrize("key", [None, "", "lwk_unknown", "opk_" + "a" * 42])
def test_without_a_good_key_the_answer_is_the_same_401(application: Application, key: str | None) -> None:
    answer = application.call("POST", CHECK, key=key)

    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHORIZED"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == application.call("POST", CHECK).json()


def test_a_project_key_acts_in_its_own_project_only(application: Application) -> None:
    mine, other = application.project(), application.project()

    assert application.call("POST", CHECK, key=mine.key, params={"project": mine.name}).status_code == 200
    foreign = application.call("POST", CHECK, key=mine.key, params={"project": other.name})
    unknown = application.call("POST", CHECK, key=mine.key, params={"project": "nobody's"})
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


def test_the_admin_key_must_say_which_of_several_projects(application: Application) -> None:
    named = application.project()
    application.project()

    assert application.call("POST", CHECK, key=application.admin_key).status_code == 400
    assert application.call("POST", CHECK, key=application.admin_key, params={"project": named.id}).status_code == 200
