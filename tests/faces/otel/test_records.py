"""Spans of every dialect as logs: one call told in each of them, and what the columns say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.faces.otel.spans import START, TRACE, a_span, an_event

from logwright.faces.otel import dialects
from logwright.faces.otel.records import kind_of, records_of
from logwright.faces.otel.types import Span
from logwright.ids import id_millis
from logwright.logs.normalise import normalise
from logwright.logs.record import LogRecord
from logwright.models.prices import Pricer

ASKED = {"role": "user", "content": "Weather in Paris?"}
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Paris"}'}}

ONE_CALL: dict[str, dict[str, Any]] = {
    "the conventions": {
        "attributes": {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.response.id": "chatcmpl-1",
            "gen_ai.response.finish_reasons": ["tool_calls"],
            "gen_ai.request.temperature": 0.5,
            "gen_ai.usage.input_tokens": 12,
            "gen_ai.usage.output_tokens": 8,
            "gen_ai.conversation.id": "chat-7",
            "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}]),
            "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Weather in Paris?"}]}],
            "gen_ai.output.messages": [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Paris"}},
                    ],
                    "finish_reason": "tool_calls",
                }
            ],
        }
    },
    "the events of the conventions before 1.37": {
        "attributes": {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.response.id": "chatcmpl-1",
            "gen_ai.request.temperature": 0.5,
            "gen_ai.usage.input_tokens": 12,
            "gen_ai.usage.output_tokens": 8,
            "session.id": "chat-7",
        },
        "events": [
            an_event("gen_ai.system.message", content="Be brief.", **{"gen_ai.system": "openai"}),
            an_event("gen_ai.user.message", content="Weather in Paris?"),
            an_event(
                "gen_ai.choice",
                index=0,
                finish_reason="tool_calls",
                message=json.dumps({"role": "assistant", "content": None, "tool_calls": [CALL]}),
            ),
        ],
    },
    "OpenLLMetry": {
        "attributes": {
            "llm.request.type": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.response.id": "chatcmpl-1",
            "gen_ai.request.temperature": 0.5,
            "gen_ai.prompt.0.role": "system",
            "gen_ai.prompt.0.content": "Be brief.",
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": "Weather in Paris?",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.finish_reason": "tool_calls",
            "gen_ai.completion.0.tool_calls.0.id": "c1",
            "gen_ai.completion.0.tool_calls.0.name": "weather",
            "gen_ai.completion.0.tool_calls.0.arguments": '{"city":"Paris"}',
            "gen_ai.usage.prompt_tokens": 12,
            "gen_ai.usage.completion_tokens": 8,
            "llm.usage.total_tokens": 20,
            "traceloop.association.properties.session_id": "chat-7",
        }
    },
    "OpenInference": {
        "attributes": {
            "openinference.span.kind": "LLM",
            "llm.provider": "openai",
            "llm.system": "openai",
            "llm.model_name": "gpt-4o",
            "llm.response.model_name": "gpt-4o-2024-08-06",
            "gen_ai.response.id": "chatcmpl-1",
            "llm.invocation_parameters": '{"temperature": 0.5}',
            "llm.input_messages.0.message.role": "system",
            "llm.input_messages.0.message.content": "Be brief.",
            "llm.input_messages.1.message.role": "user",
            "llm.input_messages.1.message.content": "Weather in Paris?",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "weather",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city":"Paris"}',
            "llm.finish_reason": "tool_calls",
            "llm.token_count.prompt": 12,
            "llm.token_count.completion": 8,
            "llm.token_count.total": 20,
            "session.id": "chat-7",
        }
    },
    "Vercel's AI SDK": {
        "attributes": {
            "operation.name": "ai.generateText.doGenerate",
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.id": "gpt-4o",
            "ai.model.provider": "openai",
            "ai.response.model": "gpt-4o-2024-08-06",
            "ai.response.id": "chatcmpl-1",
            "ai.settings.temperature": 0.5,
            "ai.prompt.messages": json.dumps(
                [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": [{"type": "text", "text": "Weather in Paris?"}]},
                ]
            ),
            "ai.response.toolCalls": json.dumps(
                [{"type": "tool-call", "toolCallId": "c1", "toolName": "weather", "input": {"city": "Paris"}}]
            ),
            "ai.response.finishReason": "tool_calls",
            "ai.usage.promptTokens": 12,
            "ai.usage.completionTokens": 8,
            "ai.telemetry.metadata.sessionId": "chat-7",
        }
    },
    "Langfuse": {
        "attributes": {
            "langfuse.observation.type": "generation",
            "gen_ai.provider.name": "openai",
            "langfuse.observation.model.name": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "langfuse.observation.model.parameters": '{"temperature": 0.5}',
            "langfuse.observation.input": json.dumps([{"role": "system", "content": "Be brief."}, ASKED]),
            "langfuse.observation.output": json.dumps(
                {"role": "assistant", "content": None, "tool_calls": [CALL], "finish_reason": "tool_calls"}
            ),
            "langfuse.observation.usage_details": '{"input": 12, "output": 8, "total": 20}',
            "gen_ai.response.id": "chatcmpl-1",
            "session.id": "chat-7",
        }
    },
    "MLflow": {
        "attributes": {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.llm.model": '"gpt-4o"',
            "mlflow.llm.provider": '"openai"',
            "mlflow.spanInputs": json.dumps(
                {
                    "model": "gpt-4o",
                    "messages": [{"role": "system", "content": "Be brief."}, ASKED],
                    "temperature": 0.5,
                }
            ),
            "mlflow.spanOutputs": json.dumps(
                {
                    "id": "chatcmpl-1",
                    "object": "chat.completion",
                    "model": "gpt-4o-2024-08-06",
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": None, "tool_calls": [CALL]},
                            "finish_reason": "tool_calls",
                        }
                    ],
                    "usage": {"prompt_tokens": 12, "completion_tokens": 8, "total_tokens": 20},
                }
            ),
            "mlflow.chat.tokenUsage": '{"input_tokens": 12, "output_tokens": 8, "total_tokens": 20}',
            "session.id": "chat-7",
        }
    },
}


def record_of(*spans: Span) -> LogRecord:
    (record,) = records_of(spans, project_id="prj", key_id="key").records
    return record


def details(record: LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(record.details)
    return found


@pytest.mark.parametrize("told", ONE_CALL.values(), ids=ONE_CALL)
def test_the_same_call_is_the_same_log_in_every_dialect(told: dict[str, Any]) -> None:
    record = record_of(a_span(**told))
    row = normalise(record, Pricer())
    request, response = json.loads(record.request), json.loads(record.response)

    assert (record.source, record.kind, record.model, record.provider) == (
        "otel",
        "chat_completion",
        "gpt-4o",
        "openai",
    )
    assert request["messages"] == [{"role": "system", "content": "Be brief."}, ASKED]
    assert (request["model"], request["temperature"]) == ("gpt-4o", 0.5)
    (choice,) = response["choices"]
    assert choice["message"]["tool_calls"] == [CALL]
    assert choice["message"]["role"] == "assistant"
    assert choice["finish_reason"] == "tool_calls"
    assert response["model"] == "gpt-4o-2024-08-06"
    assert (row.input_tokens, row.output_tokens, row.total_tokens) == (12, 8, 20)
    assert row.cost == pytest.approx(12 * 2.5e-6 + 8 * 10e-6)
    assert (row.session_id, row.trace_id, row.completion_id) == ("chat-7", TRACE, "chatcmpl-1")
    assert row.request_preview == "Weather in Paris?"
    assert row.response_preview == 'weather({"city":"Paris"})'
    assert row.latency == 1.0
    left = details(record).get("attributes", {})
    assert set(left) <= {"operation.name"}


def test_a_log_is_as_old_as_its_span_and_the_same_when_it_is_sent_again() -> None:
    span = a_span(attributes={"gen_ai.operation.name": "chat"})

    first, second = record_of(span), record_of(span)

    assert first == second
    assert id_millis(first.id) == span.started_at // 1000
    assert first.idempotency_key == f"otel:{TRACE}:{span.span_id}"


def test_projects_do_not_share_the_ids_of_their_logs() -> None:
    span = a_span(attributes={"gen_ai.operation.name": "chat"})

    assert len({records_of([span], project_id=each, key_id="").records[0].id for each in "ab"}) == 2


def test_a_span_about_no_model_is_no_log_and_lends_its_parent() -> None:
    agent = a_span(1, attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "ann"})
    wire = a_span(2, parent=1, attributes={"http.request.method": "POST", "session.id": "chat-7"})
    inner = a_span(3, parent=2, attributes={"db.system": "sqlite"})
    call = a_span(4, parent=3, attributes={"gen_ai.operation.name": "chat"})

    made = records_of([call, inner, wire, agent], project_id="prj", key_id="key")

    assert [record.kind for record in made.records] == ["agent", "chat_completion"]
    assert made.others == 2
    assert made.records[1].parent_id == made.records[0].id
    assert made.records[0].parent_id == ""


def test_a_parent_of_another_batch_is_named_by_its_span() -> None:
    assert record_of(a_span(2, parent=1, attributes={"gen_ai.operation.name": "chat"})).parent_id == f"{1:016x}"


def test_spans_that_are_each_others_parents_have_none() -> None:
    one = a_span(1, parent=2, attributes={"x": "y"})
    two = a_span(2, parent=1, attributes={"x": "y"})
    call = a_span(3, parent=1, attributes={"gen_ai.operation.name": "chat"})

    assert record_of(one, two, call).parent_id == ""


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"gen_ai.operation.name": "execute_tool"}, "tool"),
        ({"gen_ai.operation.name": "embeddings"}, "embedding"),
        ({"openinference.span.kind": "RERANKER"}, "rerank"),
        ({"mlflow.spanType": '"AGENT"'}, "agent"),
        ({"langfuse.observation.type": "evaluator"}, "evaluator"),
        ({"traceloop.span.kind": "workflow"}, "flow"),
        ({"ai.operationId": "ai.generateText"}, "flow"),
        ({"gen_ai.request.model": "gpt-4o"}, "unknown"),
        ({"gen_ai.request.model": "gpt-4o", "gen_ai.prompt.0.content": "Hi"}, "chat_completion"),
        ({"gen_ai.operation.name": "something new"}, None),
        ({"http.request.method": "GET"}, None),
        ({"traceloop.workflow.name": "w", "session.id": "s", "langfuse.environment": "dev"}, None),
    ],
)
def test_the_kind_of_a_span_is_what_its_attributes_say(attributes: dict[str, Any], kind: str | None) -> None:
    assert kind_of(a_span(attributes=attributes)) == kind


def test_what_a_step_spent_is_kept_and_not_counted_twice() -> None:
    record = record_of(
        a_span(
            attributes={
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.agent.name": "ann",
                "gen_ai.usage.input_tokens": 100,
            }
        )
    )

    assert record.told == {}
    assert details(record)["attributes"] == {"gen_ai.usage.input_tokens": 100}
    assert json.loads(record.request) == {"name": "ann"}


def test_a_tool_has_its_arguments_and_its_result() -> None:
    record = record_of(
        a_span(
            attributes={
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "weather",
                "gen_ai.tool.call.id": "c1",
                "gen_ai.tool.call.arguments": '{"city": "Paris"}',
                "gen_ai.tool.call.result": "rainy",
            }
        )
    )

    assert json.loads(record.request) == {"name": "weather", "input": {"city": "Paris"}}
    assert json.loads(record.response) == {"output": "rainy"}
    assert details(record)["step_id"] == "c1"


def test_a_failed_span_is_a_failed_call_in_its_own_words() -> None:
    thrown = an_event("exception", **{"exception.type": "RateLimit", "exception.message": "slow down"})
    call = {"gen_ai.operation.name": "chat", "error.type": "429", "http.response.status_code": 429}

    record = record_of(a_span(attributes=call, events=[thrown], status=2))

    assert (record.error_kind, record.error_message, record.status) == ("reported", "slow down", 429)
    assert details(record)["events"][0]["name"] == "exception"
    assert record_of(a_span(attributes=call, status=2)).error_message == "429"
    assert record_of(a_span(attributes={"gen_ai.operation.name": "chat"}, status=1)).error_kind == ""


def test_what_the_caller_named_himself_becomes_tags() -> None:
    record = record_of(
        a_span(
            name="triage",
            resource={"service.name": "shop", "deployment.environment.name": "dev"},
            attributes={
                "langfuse.observation.type": "generation",
                "langfuse.trace.metadata.plan": '"gold"',
                "langfuse.observation.metadata.deep": '{"a": 1}',
                "langfuse.trace.tags": ["new", "eu"],
                "metadata": '{"tenant": 7}',
                "user.id": "ann",
            },
        )
    )

    assert record.tags == {
        "service.name": "shop",
        "span.name": "triage",
        "plan": "gold",
        "new": "true",
        "eu": "true",
        "tenant": "7",
    }
    assert details(record)["user"] == "ann"
    assert details(record)["environment"] == "dev"
    assert details(record)["attributes"] == {"langfuse.observation.metadata.deep": '{"a": 1}'}


def test_attributes_that_no_table_knows_are_kept_as_they_came() -> None:
    odd = {"acme.color": "red", "n": 1, "list": [1, {"a": None}]}

    record = record_of(a_span(attributes={"gen_ai.operation.name": "chat", **odd}))

    assert details(record)["attributes"] == odd


def test_the_time_to_the_first_token_is_read_from_a_moment_a_figure_or_an_event() -> None:
    langfuse = {
        "langfuse.observation.type": "generation",
        "langfuse.observation.completion_start_time": '"2026-01-01T12:00:00.251000Z"',
    }
    vercel = {"ai.operationId": "ai.streamText.doStream", "ai.response.msToFirstChunk": 250.0}

    chunks = [an_event("gen_ai.content.completion.chunk"), an_event("gen_ai.content.completion.chunk")]
    traceloop = a_span(-250, attributes={"llm.request.type": "chat"}, events=chunks, span_id="1" * 16)

    assert START == 1_767_268_800_000_000  # 2026-01-01 12:00 UTC
    assert record_of(a_span(1, attributes=langfuse)).told["ttft"] == 0.25
    assert record_of(a_span(1, attributes=vercel)).told["ttft"] == 0.25
    assert record_of(traceloop).told["ttft"] == 0.25
    assert "events" not in details(record_of(traceloop))


def test_figures_that_are_none_stay_attributes() -> None:
    odd = {"gen_ai.usage.input_tokens": "many", "gen_ai.usage.output_tokens": -1, "llm.usage.total_tokens": True}

    record = record_of(a_span(attributes={"gen_ai.operation.name": "chat", **odd}))

    assert record.told == {}
    assert details(record)["attributes"] == odd


_names = st.sampled_from(
    [
        *dialects.KINDS,
        *dialects.MODEL,
        *dialects.WHOLE_INPUTS,
        *dialects.WHOLE_OUTPUTS,
        *dialects.FIGURE_OBJECTS,
        *dialects.PARAMETER_OBJECTS,
        *dialects.TAG_LISTS,
        *dialects.FINISH_REASONS,
        *(told.name for names in dialects.FIGURES.values() for told in names),
        *(name for names in dialects.PARAMETERS.values() for name in names),
        "metadata",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.prompt",
        "gen_ai.prompt.0",
        "gen_ai.prompt.0.content",
        "gen_ai.prompt.0.tool_calls.0",
        "gen_ai.completion.0.role",
        "gen_ai.tool.definitions",
        "llm.input_messages.0.message",
        "llm.input_messages.0.message.role",
        "llm.output_messages.0.message.tool_calls.0.tool_call",
        "llm.tools.0",
        "ai.prompt.messages",
        "ai.response.toolCalls",
        "ai.values",
        "embedding.embeddings.0.embedding",
        "embedding.embeddings.0.embedding.vector",
        "reranker.input_documents.0",
        "retrieval.documents.0.document",
    ]
)
_kinds = st.sampled_from([(name, value) for name, kinds in dialects.KINDS.items() for value in kinds])
_words = st.sampled_from(
    [
        *sorted({kind for kinds in dialects.KINDS.values() for kind in kinds}),
        *("user", "text", "", "[", "{}", '[{"role": "user", "parts": [3]}]', '{"choices": [{"message": 1}]}'),
    ]
)
_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "parts", "content", "type", "name", "message", "tool_calls", "input", "data"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(
    kind=_kinds,
    attributes=st.dictionaries(_names, _values, max_size=8),
    event=st.tuples(
        st.sampled_from(["gen_ai.choice", "gen_ai.user.message", "exception", "ai.stream.firstChunk"]),
        st.dictionaries(st.sampled_from(["content", "message", "tool_calls", "index", "id"]), _values, max_size=3),
    ),
)
def test_no_attributes_whatever_trip_the_mapping(
    kind: tuple[str, str], attributes: dict[str, Any], event: tuple[str, dict[str, Any]]
) -> None:
    span = a_span(attributes={**attributes, kind[0]: kind[1]}, events=[an_event(event[0], **event[1])], status=2)

    for record in records_of([span], project_id="prj", key_id="key").records:
        normalise(record, Pricer())
