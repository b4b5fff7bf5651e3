"""The routes of a project's own prices, and what they do to the cost of the next call."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.testing.application import Application, TestProject
from logwright.testing.factories import a_record


@pytest.fixture
def project(application: Application) -> TestProject:
    return application.project()


def call(application: Application, project: TestProject, method: str, **request: Any) -> Any:
    return application.call(method, "/api/manage/prices", key=request.pop("key", project.key), **request)


def costs(application: Application, project: TestProject) -> list[float | None]:
    application.run(application.services.recorder.keep(a_record(project_id=project.id)))
    found = application.call("GET", "/api/manage/logs", key=project.key).json()["data"]
    return [log["cost"] for log in found]


def test_a_price_counts_from_the_next_call_on(application: Application, project: TestProject) -> None:
    (published,) = costs(application, project)
    reply = call(application, project, "PUT", json={"model": "gpt-4o*", "input": 1_000_000, "output": 0})
    assert reply.status_code == 200
    assert reply.json()["model"] == "gpt-4o*"
    # twelve tokens in, at a dollar each; the log that is stored already keeps its cost
    assert costs(application, project) == [12.0, published]
    assert [price["model"] for price in call(application, project, "GET").json()["data"]] == ["gpt-4o*"]
    assert call(application, project, "DELETE", params={"model": "gpt-4o*"}).json()["deleted"] is True
    assert costs(application, project) == [published, 12.0, published]


@pytest.mark.parametrize(
    "told",
    [
        {"model": "m", "input": -1, "output": 0},
        {"model": "", "input": 1, "output": 0},
        {"model": "m", "input": "1", "output": 0},
        {"model": "m", "input": 1},
        {"model": "m", "input": 1, "output": 0, "colour": 1},
    ],
)
def test_what_is_wrong_is_refused(application: Application, project: TestProject, told: dict[str, Any]) -> None:
    assert call(application, project, "PUT", json=told).status_code == 400
    assert call(application, project, "GET").json() == {"data": []}


def test_prices_belong_to_their_project(application: Application, project: TestProject) -> None:
    other = application.project()
    call(application, project, "PUT", json={"model": "m", "input": 1, "output": 0})
    assert call(application, other, "GET").json() == {"data": []}
    assert call(application, other, "DELETE", params={"model": "m"}).status_code == 404
    assert call(application, project, "PUT", key=project.read_key, json={}).status_code in {400, 403}
    assert call(application, project, "DELETE", key=project.read_key, params={"model": "m"}).status_code == 403
    assert application.call("GET", "/api/manage/prices").status_code == 401
