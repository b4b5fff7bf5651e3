"""Errors say one thing to a person and both things that the two families of clients read."""

from __future__ import annotations

import pytest

from logwright import errors
from logwright.errors import InvalidRequest, LogwrightError, body


def kinds() -> list[type[LogwrightError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LogwrightError)]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_words_for_both_families(kind: type[LogwrightError]) -> None:
    told = body(kind("It is so."))
    assert 400 <= kind.status <= 599
    assert told == {
        "message": "It is so.",
        "code": kind.code,
        "error": {"message": "It is so.", "type": kind.type, "param": None, "code": kind.code},
    }
    assert kind.__doc__


def test_issues_and_the_path_of_what_is_wrong_are_told() -> None:
    told = body(InvalidRequest("Input validation failed", param="messages[0]", issues=["messages[0] is missing"]))
    assert told["issues"] == [{"message": "messages[0] is missing"}]
    assert told["error"]["param"] == "messages[0]"


def test_an_error_reads_as_its_message() -> None:
    assert str(InvalidRequest("It is so.")) == "It is so."
