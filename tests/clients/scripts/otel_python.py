"""Send spans with the published exporters and instrumentations; what is called is the fake provider itself.

Each scenario is one program as its makers' manual would write it. The names of the
attributes are theirs; nothing here sets one that an instrumentation would set.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import openai
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

GIVEN = json.loads(sys.argv[1])
os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true"
os.environ["TRACELOOP_TRACE_CONTENT"] = "true"

TOOL = {
    "type": "function",
    "function": {"name": "route", "parameters": {"type": "object", "properties": {"team": {"type": "string"}}}},
}
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which team?"}]


def provider(scenario: str, *, path: str = "/v1/traces", **exporter: Any) -> TracerProvider:
    """Make a provider whose spans go to the server."""
    made = TracerProvider(resource=Resource.create({"service.name": scenario}))
    headers = {"authorization": f"Bearer {GIVEN['key']}"}
    made.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=GIVEN["server"] + path, headers=headers, **exporter))
    )
    return made


def client() -> openai.OpenAI:
    return openai.OpenAI(api_key="sk-none", base_url=GIVEN["openai"], max_retries=0)


def exporter() -> dict[str, Any]:
    """Send an agent, an HTTP call and a chat by hand, packed."""
    tracing = provider("exporter", compression=Compression.Gzip)
    tracer = tracing.get_tracer("by hand", "1.0")
    with tracer.start_as_current_span("plan", attributes={"gen_ai.operation.name": "invoke_agent"}):  # noqa: SIM117
        with tracer.start_as_current_span("POST", attributes={"http.request.method": "POST"}):
            with tracer.start_as_current_span("chat", attributes={"gen_ai.operation.name": "chat"}) as span:
                span.set_attribute("gen_ai.request.model", "gpt-4o")
                trace_id = format(span.get_span_context().trace_id, "032x")
    flushed = tracing.force_flush()
    tracing.shutdown()
    return {"flushed": flushed, "trace_id": trace_id}


def openllmetry() -> dict[str, Any]:
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor

    tracing = provider("openllmetry")
    instrumentor = OpenAIInstrumentor()
    instrumentor.instrument(tracer_provider=tracing)
    client().chat.completions.create(model="gpt-4o", messages=MESSAGES, temperature=0.5)
    list(client().chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True))
    client().embeddings.create(model="text-embedding-3-small", input="one")
    tracing.force_flush()
    instrumentor.uninstrument()
    return {}


def openinference() -> dict[str, Any]:
    from openinference.instrumentation import using_session
    from openinference.instrumentation.openai import OpenAIInstrumentor

    tracing = provider("openinference")
    instrumentor = OpenAIInstrumentor()
    instrumentor.instrument(tracer_provider=tracing)
    with using_session("chat-7"):
        client().chat.completions.create(model="gpt-4o", messages=MESSAGES, temperature=0.5, tools=[TOOL])
    client().embeddings.create(model="text-embedding-3-small", input="one")
    tracing.force_flush()
    instrumentor.uninstrument()
    return {}


def langfuse() -> dict[str, Any]:
    from langfuse import Langfuse, propagate_attributes

    made = Langfuse(public_key="pk-lf-none", secret_key=GIVEN["key"], host=GIVEN["server"], environment="dev")
    with propagate_attributes(session_id="chat-7", user_id="ann", tags=["beta"]):  # noqa: SIM117
        with made.start_as_current_observation(name="triage", as_type="agent"):
            with made.start_as_current_observation(
                name="ask",
                as_type="generation",
                model="gpt-4o",
                input=MESSAGES,
                model_parameters={"temperature": 0.5},
                metadata={"plan": "gold"},
            ) as generation:
                generation.update(
                    output={"role": "assistant", "content": "Data."}, usage_details={"input": 12, "output": 8}
                )
    made.flush()
    return {}


def mlflow() -> dict[str, Any]:
    os.environ["OTEL_SERVICE_NAME"] = "mlflow"
    os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = GIVEN["server"] + "/v1/traces"
    os.environ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf"
    os.environ["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] = f"authorization=Bearer {GIVEN['key']}"
    os.environ["MLFLOW_USE_DEFAULT_TRACER_PROVIDER"] = "false"
    import mlflow
    from opentelemetry import trace

    @mlflow.trace(span_type="TOOL")
    def find(query: str) -> dict[str, int]:
        return {"found": len(query)}

    with mlflow.start_span("plan", span_type="AGENT"):
        find("refund")
        with mlflow.start_span("ask", span_type="CHAT_MODEL") as span:
            span.set_inputs({"model": "gpt-4o", "messages": MESSAGES, "temperature": 0.5})
            answer = client().chat.completions.create(model="gpt-4o", messages=MESSAGES, temperature=0.5)
            span.set_outputs(answer.model_dump())
    trace.get_tracer_provider().force_flush()
    return {}


# OpenLLMetry's comes last: its patches stay after it is told to take them off.
SCENARIOS = {each.__name__: each for each in (exporter, openinference, langfuse, mlflow, openllmetry)}

seen: dict[str, Any] = {}
for name in GIVEN["scenarios"]:
    scenario = SCENARIOS[name]
    try:
        seen[name] = scenario()
    except Exception as error:
        seen[name] = {"error": f"{type(error).__name__}: {error}"}
print(json.dumps(seen))
