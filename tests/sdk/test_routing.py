from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from openai._models import FinalRequestOptions

from logwright.errors import Unauthorized
from logwright.sdk.options import CallOptions, Destination
from logwright.sdk.resources import CARRIER
from logwright.sdk.routing import Call

TARGET = Destination(base_url="http://here", api_key="lwk_1")


def a_request(
    body: dict[str, Any] | None = None, *, url: str = "/chat/completions", options: CallOptions | None = None
) -> FinalRequestOptions:
    headers: Any = {"x-theirs": "1", **({CARRIER: options} if options is not None else {})}
    return FinalRequestOptions.construct(method="post", url=url, headers=headers, json_data=body or {"model": "gpt-5"})


def read(*arguments: Any, **named: Any) -> Call:
    call = Call.read(a_request(*arguments, **named))
    assert call is not None
    return call


@pytest.mark.parametrize("url", ["/models", "/files", "/chat/completions/chatcmpl-1", "/images/generations"])
def test_other_calls_are_none_of_our_business(url: str) -> None:
    assert Call.read(a_request(url=url)) is None


def test_the_options_are_taken_out_and_the_request_of_the_client_stays_as_it_was() -> None:
    request = a_request({"model": "gpt-5", "metadata": {"a": "1"}}, options={"tags": {"b": "2"}})
    before = deepcopy((request.headers, request.json_data))

    call = Call.read(request)

    assert call is not None
    assert call.options == {"tags": {"b": "2"}}
    direct = call.direct(exchange=True)
    assert direct.headers == {"x-theirs": "1", "X-Stainless-Raw-Response": "true"}
    assert direct.json_data == {"model": "gpt-5"}
    assert (request.headers, request.json_data) == before


def test_metadata_stay_where_openai_takes_them() -> None:
    stored = read({"model": "gpt-5", "metadata": {"a": "1"}, "store": True}).direct(exchange=False)
    response = read({"model": "gpt-5", "metadata": {"a": "1"}}, url="/responses").direct(exchange=False)

    assert stored.json_data["metadata"] == {"a": "1"}
    assert response.json_data["metadata"] == {"a": "1"}


def test_a_call_for_the_gateway_needs_our_key() -> None:
    with pytest.raises(Unauthorized, match="openai:gpt-5"):
        read({"model": "openai:gpt-5"}).for_gateway(Destination(base_url="http://here", api_key=""))


def test_only_chats_go_to_openpipes_path() -> None:
    assert read({"model": "openai:a"}).for_gateway(TARGET).url == "/chat/completions"
    assert read({"model": "openai:a"}, url="/embeddings").for_gateway(TARGET).url == "http://here/v1/embeddings"


def test_a_fallback_changes_model_and_timeout_and_nothing_else() -> None:
    call = read({"model": "openpipe:a", "temperature": 0}, options={"fallback": {"model": "gpt-5", "timeout": 3}})

    fallback = call.fallback()

    assert fallback is not None
    assert fallback.request.json_data == {"model": "gpt-5", "temperature": 0}
    assert fallback.request.timeout == 3
    assert call.request.json_data["model"] == "openpipe:a"
    assert read().fallback() is None


@pytest.mark.parametrize(
    ("body", "options", "recorded"),
    [
        ({}, {}, True),
        ({"store": False}, {}, False),
        ({"store": True}, {}, True),
        ({"store": None}, {}, True),
        ({}, {"log_request": False}, False),
        ({"store": False}, {"log_request": True}, True),
    ],
)
def test_what_is_recorded_is_for_the_caller_to_say(body: dict[str, Any], options: CallOptions, recorded: bool) -> None:
    assert read({"model": "gpt-5", **body}, options=options).is_recorded is recorded


def test_another_client_of_ours_gets_the_options_back() -> None:
    call = read({"model": "gpt-5"}, options={"tags": {"a": "1"}, "fallback": {"model": "x"}})

    again = Call.read(call.handed_on())

    assert again is not None
    assert again.options == {"tags": {"a": "1"}}
