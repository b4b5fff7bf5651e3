"""Keys of every scope at Humanloop's door."""

from __future__ import annotations

import pytest
from tests.faces.humanloop.conftest import KERNEL, Client

from logwright.testing.application import Application, TestProject


@pytest.mark.parametrize("path", ["/v5/prompts", "/v5/logs?file_id=x", "/v5/directories/root"])
def test_a_key_may_read_what_is_its_projects(application: Application, project: TestProject, path: str) -> None:
    assert application.call("GET", path).status_code == 401
    assert application.call("GET", path, headers={"X-API-KEY": project.read_key}).status_code in {200, 404}


def test_a_key_that_may_only_read_makes_nothing(client: Client, project: TestProject) -> None:
    body = {"path": "a", **KERNEL}
    assert client.ask("POST", "/v5/prompts", headers={"X-API-KEY": project.read_key}, json=body).status_code == 403
    assert client("GET", "/prompts")["total"] == 0
