"""Logs are told durably or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.faces.humanloop.conftest import KERNEL, Client

from logwright.errors import InvalidRequest
from logwright.faces.humanloop.answers import Refused
from logwright.faces.humanloop.telling import read_kernel
from logwright.http.services import Services
from logwright.logs.recorder import Recorder
from logwright.testing.application import Application


class FullDisk:
    """A journal that can take nothing."""

    def append(self, payload: bytes, done: Any) -> int:
        raise AssertionError("nothing may be written")

    async def record(self, payload: bytes) -> int:
        raise AssertionError("nothing may be written")

    def refusal(self) -> str | None:
        return "The disk is full"


def test_what_cannot_be_recorded_is_refused_and_makes_no_prompt(tmp_path: Path) -> None:
    def change(services: Services) -> Services:
        return replace(services, recorder=Recorder(FullDisk()))

    with Application(tmp_path / "data", change=change) as application:
        client = Client(application, application.project())
        answer = client.ask("POST", "/v5/prompts/log", json={"path": "a", "prompt": KERNEL})

        assert (answer.status_code, answer.json()["detail"]) == (503, "The disk is full")
        assert answer.headers["retry-after"] == "1"
        assert client("GET", "/prompts")["total"] == 0


def test_a_kernel_is_read_from_text() -> None:
    assert read_kernel("---\nmodel: m\n---\n") == {"model": "m"}
    assert read_kernel(None) is None
    with pytest.raises(InvalidRequest, match="between two lines"):
        read_kernel("model: m")
    with pytest.raises(Refused) as refused:
        read_kernel("---\ntemperature: hot\nmodel: m\n---\n")
    assert refused.value.problems[0]["loc"] == ["body", "prompt", "temperature"]
