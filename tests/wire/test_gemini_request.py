"""A chat request becomes Gemini's, or is refused by name; whole conversations are in tests/providers/fixtures."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.wire.gemini_request import NO_SIGNATURE, request_to_gemini

MODEL = "gemini-2.5-pro"


def a_request(**more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hi"}], **more}


def saying(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(messages)}


def a_part(part: dict[str, Any]) -> dict[str, Any]:
    return saying({"role": "user", "content": [part]})


CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (a_request(logit_bias={"1": 2}), "logit_bias"),
        (a_request(parallel_tool_calls=False), "parallel_tool_calls"),
        (a_request(unheard_of=1), "unheard_of"),
        (a_request(modalities=["audio"]), "modalities"),
        (a_request(reasoning_effort="xhigh"), "reasoning_effort"),
        (a_request(thinking={"type": "deep"}), "thinking"),
        (a_request(response_format={"type": "grammar"}), "response_format"),
        (a_request(output_config={"format": {"type": "xml"}}), "output_config.format"),
        (a_request(tools={}), None),
        (a_request(tools="all"), "tools"),
        (a_request(tools=[{"type": "custom", "custom": {}}]), "tools[0]"),
        (a_request(tools=[CALL], tool_choice={"type": "any"}), "tool_choice"),
        ({}, "messages"),
        (saying({"role": "user", "name": "Ann", "content": "Hi"}), "messages[0].name"),
        (saying({"role": "function", "content": "Hi"}), "messages[0].role"),
        (saying({"role": "user", "content": 7}), "messages[0].content"),
        (saying({"role": "assistant", "audio": {"id": "a"}}), "messages[0].audio"),
        (
            saying({"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "look", "arguments": "["}}]}),
            "messages[0].tool_calls[0].function.arguments",
        ),
        (saying({"role": "tool", "tool_call_id": "c9", "content": "x"}), "messages[0].tool_call_id"),
        (
            saying(
                {"role": "assistant", "tool_calls": [CALL]},
                {"role": "tool", "tool_call_id": "c1", "content": [{"type": "image_url"}]},
            ),
            "messages[1].content",
        ),
        (a_part({"type": "video"}), "messages[0].content[0].type"),
        (a_part({"type": "input_audio", "input_audio": {"data": "", "format": "aac"}}), "messages[0].content[0].type"),
        (
            a_part({"type": "image_url", "image_url": {"url": "https://example.com/picture"}}),
            "messages[0].content[0].image_url.url",
        ),
        (
            a_part({"type": "image_url", "image_url": {"url": "data:image/png;base64,IQ==", "detail": "low"}}),
            "messages[0].content[0].image_url.detail",
        ),
    ],
)
def test_what_gemini_has_not_is_refused_by_its_path(request_: dict[str, Any], path: str | None) -> None:
    if path is None:
        request_to_gemini(request_, MODEL)
        return
    with pytest.raises(InvalidRequest) as refused:
        request_to_gemini(request_, MODEL)
    assert refused.value.param == path


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        (MODEL, {"reasoning_effort": "high"}, {"thinkingBudget": 24576, "includeThoughts": True}),
        (MODEL, {"reasoning_effort": "none"}, {"thinkingBudget": 0}),
        ("gemini-3.5-flash", {"reasoning_effort": "low"}, {"thinkingLevel": "low", "includeThoughts": True}),
        ("gemini-3.5-flash", {"reasoning_effort": "minimal"}, {"thinkingLevel": "minimal"}),
        (MODEL, {"output_config": {"effort": "low"}}, {"thinkingBudget": 1024, "includeThoughts": True}),
        (
            MODEL,
            {"thinking": {"type": "enabled", "budget_tokens": 99}},
            {"thinkingBudget": 99, "includeThoughts": True},
        ),
        (MODEL, {"thinking": {"type": "disabled"}}, {"thinkingBudget": 0}),
    ],
)
def test_an_effort_is_told_as_the_model_takes_it(model: str, asked: dict[str, Any], sent: dict[str, Any]) -> None:
    assert request_to_gemini(a_request(**asked), model)["generationConfig"]["thinkingConfig"] == sent


def test_from_the_third_on_every_first_call_is_signed() -> None:
    signed = {**CALL, "extra_content": {"google": {"thought_signature": "c2ln"}}}

    def signatures(model: str, *calls: dict[str, Any]) -> list[str | None]:
        contents = request_to_gemini(saying({"role": "assistant", "tool_calls": list(calls)}), model)["contents"]
        return [part.get("thoughtSignature") for part in contents[0]["parts"]]

    assert signatures("gemini-3-pro-preview", CALL, CALL) == [NO_SIGNATURE, None]
    assert signatures("gemini-3-pro-preview", signed, CALL) == ["c2ln", None]
    assert signatures(MODEL, CALL) == [None]


def test_a_tool_that_failed_says_so() -> None:
    contents = request_to_gemini(
        saying(
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "fell", "is_error": True},
        ),
        MODEL,
    )["contents"]

    assert contents[1]["parts"][0]["functionResponse"]["response"] == {"error": "fell"}


def test_one_function_may_be_chosen() -> None:
    body = request_to_gemini(
        a_request(tools=[CALL], tool_choice={"type": "function", "function": {"name": "look"}}), MODEL
    )

    assert body["toolConfig"]["functionCallingConfig"] == {"mode": "ANY", "allowedFunctionNames": ["look"]}
