"""Messages of the dialects in OpenAI's form."""

from __future__ import annotations

import json

from logwright.faces.otel import messages


def test_parts_of_every_kind_find_their_place() -> None:
    told = [
        {
            "role": "user",
            "parts": [
                {"type": "text", "content": "Look"},
                {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
                {"type": "uri", "modality": "image", "uri": "https://a.example/b.png"},
                {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "BBBB"},
                {"type": "file", "file_id": "file-1"},
                {"type": "hologram", "x": 1},
            ],
        },
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "Hm."},
                {"type": "tool_call", "id": "c1", "name": "find", "arguments": {"q": "é"}},
            ],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "result": {"n": 1}}]},
    ]

    user, assistant, tool = messages.of_parts(json.dumps(told))

    assert user == {
        "role": "user",
        "content": [
            {"type": "text", "text": "Look"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
            {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "wav"}},
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "hologram", "x": 1},
        ],
    }
    assert assistant == {
        "role": "assistant",
        "reasoning_content": "Hm.",
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"q":"é"}'}}],
        "content": None,
    }
    assert tool == {"role": "tool", "content": '{"n":1}', "tool_call_id": "c1"}


def test_instructions_are_a_message_of_the_system() -> None:
    assert messages.of_instructions('[{"type":"text","content":"Be brief."}]') == [
        {"role": "system", "content": "Be brief."}
    ]
    assert messages.of_instructions("Be brief.") == [{"role": "system", "content": "Be brief."}]
    assert messages.of_instructions(None) == []


def test_openais_own_messages_stay_as_they_are() -> None:
    told = [{"role": "user", "content": "Hi", "name": "ann"}]

    assert messages.of_parts(told) == told


def test_indexed_members_make_a_message_with_its_calls() -> None:
    told = [
        {
            "role": "assistant",
            "content": '[{"type":"text","text":"a"}]',
            "tool_calls": [{"id": "c", "name": "f", "arguments": "{}"}],
            "finish_reason": "tool_calls",
        }
    ]

    assert messages.of_indexed(told) == [
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "a"}],
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            "finish_reason": "tool_calls",
        }
    ]


def test_openinferences_contents_are_parts() -> None:
    told = [
        {
            "message": {
                "role": "user",
                "contents": [
                    {"message_content": {"type": "text", "text": "Look"}},
                    {"message_content": {"type": "image", "image": {"image": {"url": "https://a.example"}}}},
                ],
            }
        }
    ]

    assert messages.of_openinference(told) == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look"},
                {"type": "image_url", "image_url": {"url": "https://a.example"}},
            ],
        }
    ]


def test_a_choice_event_is_a_message_with_its_place() -> None:
    flat = {"index": 0, "finish_reason": "stop", "message": '{"content": "Hi", "role": "assistant"}'}

    assert messages.of_choice(flat) == {"role": "assistant", "content": "Hi", "finish_reason": "stop", "index": 0}


def test_vercels_calls_and_results_are_calls_and_answers() -> None:
    told = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {
            "role": "assistant",
            "content": [{"type": "tool-call", "toolCallId": "c", "toolName": "f", "input": {"a": 1}}],
        },
        {
            "role": "tool",
            "content": [
                {"type": "tool-result", "toolCallId": "c", "toolName": "f", "output": {"type": "text", "value": "ok"}}
            ],
        },
    ]

    assert messages.of_vercel(json.dumps(told)) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}],
            "content": None,
        },
        {"role": "tool", "content": "ok", "tool_call_id": "c"},
    ]


def test_tools_are_defined_in_openais_form_whichever_they_came_in() -> None:
    schema = {"type": "object"}
    made = messages.tools_of(
        [
            {"type": "function", "name": "a", "description": "A", "parameters": schema},
            json.dumps({"name": "b", "inputSchema": schema}),
            {"type": "function", "function": {"name": "c"}},
        ]
    )

    assert made == [
        {"type": "function", "function": {"name": "a", "description": "A", "parameters": schema}},
        {"type": "function", "function": {"name": "b", "parameters": schema}},
        {"type": "function", "function": {"name": "c"}},
    ]
