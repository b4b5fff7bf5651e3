from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.sdk.options import (
    DEFAULT_BASE_URL,
    CallOptions,
    call_options,
    destination,
    gateway_headers,
    goes_through_gateway,
)


def test_what_is_given_wins_over_the_environment_and_ours_over_openpipes() -> None:
    both = {
        "LOGWRIGHT_API_KEY": "lwk_env",
        "OPENPIPE_API_KEY": "opk_env",
        "LOGWRIGHT_BASE_URL": "http://ours:8700",
        "OPENPIPE_BASE_URL": "http://theirs/api/v1",
    }
    theirs = {"OPENPIPE_API_KEY": "opk_env", "OPENPIPE_BASE_URL": "http://theirs/api/v1"}

    assert destination({"api_key": "lwk_given"}, both).api_key == "lwk_given"
    assert destination(None, both).api_key == "lwk_env"
    assert destination(None, both).base_url == "http://ours:8700"
    assert destination(None, theirs).api_key == "opk_env"
    assert destination(None, theirs).base_url == "http://theirs"
    assert destination(None, {}).base_url == DEFAULT_BASE_URL
    assert destination(None, {}).api_key == ""


@pytest.mark.parametrize("url", ["http://here:1", "http://here:1/", "http://here:1/api/v1", "http://here:1/api/v1/"])
def test_an_address_may_or_may_not_end_with_the_path_of_the_api(url: str) -> None:
    assert destination({"base_url": url}, {}).api_url == "http://here:1/api/v1"


def test_the_spool_lies_with_the_users_state() -> None:
    assert destination(None, {"HOME": "/home/a"}).spool == Path("/home/a/.local/state/logwright/spool")
    assert destination(None, {"HOME": "/home/a", "XDG_STATE_HOME": "/s"}).spool == Path("/s/logwright/spool")
    assert destination(None, {"HOME": "/home/a", "LOGWRIGHT_SPOOL": "/q"}).spool == Path("/q")
    assert destination(None, {"HOME": "/home/a", "LOGWRIGHT_SPOOL": ""}).spool is None
    assert destination({"spool": None}, {"HOME": "/home/a"}).spool is None
    assert destination(None, {}).spool is None


def test_the_key_is_not_shown() -> None:
    assert "lwk_secret" not in repr(destination({"api_key": "lwk_secret"}, {}))


def test_a_misspelled_option_is_named() -> None:
    misspelled: Any = {"apikey": "lwk_1"}
    with pytest.raises(InvalidRequest, match="`apikey` is unknown"):
        destination(misspelled, {})


def test_of_two_spellings_ours_wins_and_neither_is_changed() -> None:
    ours: CallOptions = {"log_request": True}
    theirs: CallOptions = {"log_request": False, "tags": {"a": "1"}}

    assert call_options(ours, theirs) == {"log_request": True, "tags": {"a": "1"}}
    assert theirs == {"log_request": False, "tags": {"a": "1"}}


@pytest.mark.parametrize(
    ("model", "options", "through"),
    [
        ("gpt-5", {}, False),
        ("openpipe:triage", {}, True),
        ("openai:gpt-5", {}, True),
        ("anthropic:claude-opus-4", {}, True),
        ("gemini:gemini-3", {}, True),
        ("ft:gpt-5:acme", {}, False),
        ("gpt-5", {"cache": "readWrite"}, True),
        (None, {}, False),
    ],
)
def test_prefixes_and_caching_lead_through_the_gateway(model: Any, options: CallOptions, through: bool) -> None:
    assert goes_through_gateway(model, options) is through


def test_options_travel_as_headers_that_hold_ascii_only() -> None:
    headers = gateway_headers(
        {"tags": {"who": "Łukasz", "n": 1}, "criteria": ["tone@v1"], "cache": True}, {"$sdk": "x"}
    )

    assert all(value.isascii() for value in headers.values())
    assert json.loads(headers["op-tags"]) == {"who": "Łukasz", "n": 1, "$sdk": "x"}
    assert json.loads(headers["op-criteria"]) == ["tone@v1"]
    assert headers["op-cache"] == "readWrite"
    assert gateway_headers({"cache": False}, {})["op-cache"] == "false"
    assert "op-cache" not in gateway_headers({}, {})
