"""A project of its own for each test, and a client that does what the SDK does."""

from __future__ import annotations

from typing import Any, Final

import httpx2
import pytest

from logwright.testing.application import Application, TestProject

KERNEL: Final = {
    "model": "gpt-4o",
    "template": [{"role": "system", "content": "Triage {{ticket}}."}],
    "temperature": 0.5,
}
MESSAGES: Final = [{"role": "user", "content": "It is on fire."}]


class Client:
    """Sends what the SDK sends, and looks through the other doors as well."""

    def __init__(self, application: Application, project: TestProject) -> None:
        self.application = application
        self.project = project

    def __call__(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        answer = self.ask(method, f"/v5{path}", **request)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        headers = {"X-API-KEY": self.project.key, **request.pop("headers", {})}
        return self.application.call(method, path, headers=headers, **request)

    def log(self, **fields: Any) -> Any:
        return self("POST", "/prompts/log", json={"path": "support/triage", "prompt": KERNEL, **fields})

    def update(self, told: Any, status: int = 200, **fields: Any) -> Any:
        return self("PATCH", f"/prompts/{told['prompt_id']}/log/{told['id']}", status, json=fields)

    def read(self, told: Any) -> Any:
        return self("GET", f"/logs/{told['id']}")

    def managed(self, told: Any) -> Any:
        """Return the log as our own API has it."""
        return self.ask("GET", f"/api/manage/logs/{told['id']}").json()

    def report(self, **more: Any) -> Any:
        """Report a call as OpenPipe's clients do; return the ids that this API knows it by."""
        asked = {"model": "gpt-4o", "messages": MESSAGES}
        message = {"role": "assistant", "content": "Call the fire brigade."}
        answered = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13},
        }
        told = {"requestedAt": 1_700_000_000_000, "receivedAt": 1_700_000_002_500, "statusCode": 200}
        body = {**told, "reqPayload": asked, "respPayload": answered, "tags": {"team": "ops"}, **more}
        answer = self.ask("POST", "/api/v1/report", json=body)
        log_id = answer.headers["x-logwright-log-id"]
        found = self("GET", f"/logs/{log_id}")
        return {"id": log_id, "prompt_id": found["prompt"]["id"]}


@pytest.fixture
def project(application: Application) -> TestProject:
    return application.project()


@pytest.fixture
def client(application: Application, project: TestProject) -> Client:
    return Client(application, project)
