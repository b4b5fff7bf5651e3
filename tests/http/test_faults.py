"""What a caller learns when our own code breaks."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.errors import described
from logwright.http.faults import BrokenOff, Faults


def test_a_caller_gets_an_id_and_the_log_the_traceback(plain_app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    plain_app.add_middleware(Faults)

    with caplog.at_level(logging.ERROR):
        answer = TestClient(plain_app).get("/broken")

    assert answer.status_code == 500
    error_id = answer.headers["x-error-id"]
    assert error_id in answer.json()["message"]
    assert answer.json()["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret-in-the-message" not in answer.text
    assert error_id in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "in broken" in caplog.text
    assert "secret-in-the-message" not in caplog.text.replace('raise ZeroDivisionError("secret-in-the-message")', "")


def test_a_chain_of_errors_is_told_without_their_messages() -> None:
    def fail() -> None:
        try:
            raise ValueError("content of a call")
        except ValueError as error:
            raise OSError(28, "No space left on device") from error

    with pytest.raises(OSError, match="No space") as caught:
        fail()
    told = described(caught.value)

    assert "OSError: No space left on device" in told
    assert "caused by:" in told
    assert "ValueError" in told
    assert "in fail" in told
    assert "content of a call" not in told.replace('raise ValueError("content of a call")', "")


def test_an_answer_that_has_begun_is_broken_off(plain_app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    plain_app.add_middleware(Faults)

    with caplog.at_level(logging.ERROR), pytest.raises(BrokenOff, match="err_"):
        TestClient(plain_app).get("/broken-late")

    assert "ZeroDivisionError" in caplog.text
