"""The doors that need no key."""

from __future__ import annotations

import pytest

import logwright
from logwright.testing.application import Application


def test_the_front_page_says_what_this_is(application: Application) -> None:
    answer = application.call("GET", "/")

    assert answer.json()["name"] == "Logwright"
    assert answer.json()["version"] == logwright.__version__
    assert application.call("GET", answer.json()["openapi"]).status_code == 200


def test_a_process_that_answers_is_alive(application: Application) -> None:
    assert application.call("GET", "/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_monitors_may_ask_for_the_head_alone(application: Application, path: str) -> None:
    assert application.call("HEAD", path).status_code == 200


def test_an_application_with_all_its_parts_is_ready(application: Application) -> None:
    answer = application.call("GET", "/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "reasons": []}
