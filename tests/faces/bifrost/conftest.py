"""A project of its own, ways to record into it, and to ask as a client of Bifrost's does."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from logwright.testing.application import Application, TestProject
from logwright.testing.factories import a_record


class Room:
    """What a test of the face works with. Every answer is held against the schema that our document gives it."""

    def __init__(self, application: Application) -> None:
        self.app = application
        self.project: TestProject = application.project()

    def record(self, **given: Any) -> str:
        """Record one log, durably, and return its id."""
        record = a_record(project_id=self.project.id, **given)
        self.app.run(self.app.services.recorder.keep(record))
        return record.id

    def call(self, method: str = "GET", path: str = "", *, key: str | None = None, **request: Any) -> httpx2.Response:
        """Call the face with the key that may read, or another."""
        answer = self.app.call(method, f"/api/logs{path}", key=key or self.project.read_key, **request)
        self._check(method.lower(), path, answer)
        return answer

    def ask(self, path: str = "", **params: Any) -> Any:
        """Read what must be there."""
        answer = self.call(path=path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, **params: Any) -> list[str]:
        """Return the ids of a list, in its order."""
        return [log["id"] for log in self.ask(**params)["logs"]]

    def only(self, **given: Any) -> Any:
        """Record one log and return it as the list shows it."""
        log_id = self.record(**given)
        (log,) = (log for log in self.ask(limit=1000)["logs"] if log["id"] == log_id)
        return log

    @cached_property
    def _paths(self) -> Any:
        return self.app.call("GET", "/openapi.json").json()["paths"]

    def _check(self, method: str, path: str, answer: httpx2.Response) -> None:
        full = re.sub(r"/log_\w+$", "/{id}", f"/api/logs{path}")
        if (operation := self._paths.get(full, {}).get(method)) is not None:
            found = operation["responses"].get(str(answer.status_code)) or operation["responses"]["default"]
            jsonschema_rs.validate(found["content"]["application/json"]["schema"], answer.json())


@pytest.fixture
def room(application: Application) -> Room:
    return Room(application)
