"""The application in the test's own process."""

from __future__ import annotations

from logwright.testing.application import Application


def test_projects_are_strangers_to_each_other(application: Application) -> None:
    mine, other = application.project(), application.project()

    assert mine.id != other.id
    assert application.call("POST", "/api/v1/report", key=mine.key, json={}).status_code == 200
    path = "/api/v1/local-testing-only-get-latest-logged-call"
    assert application.call("GET", path, key=other.key).json() is None
    assert application.call("GET", path, key=mine.read_key).json() is not None


def test_the_admin_key_names_its_project(application: Application) -> None:
    mine = application.project()

    answer = application.call(
        "POST", "/api/v1/report", key=application.admin_key, params={"project": mine.name}, json={}
    )

    assert answer.status_code == 200
