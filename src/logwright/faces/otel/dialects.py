"""What the attributes of spans mean, as tables: OpenTelemetry's conventions and the dialects in use beside them.

Of several names for one thing the first that a span has counts. Sources, as of
November 2026: open-telemetry/semantic-conventions-genai (`gen_ai.*`; the names
before 1.37 too), traceloop/openllmetry (`traceloop.*`, `llm.*`, indexed
`gen_ai.prompt.N`), Arize-ai/openinference (`openinference.*`, `llm.*`), Vercel's AI
SDK (`ai.*`), Langfuse (`langfuse.*`) and MLflow (`mlflow.*`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from logwright.logs.record import Figure, Kind

# ------------------------------------------------------------------ which spans are logs, and of which kind

KINDS: Final[Mapping[str, Mapping[str, Kind]]] = {
    "gen_ai.operation.name": {
        "chat": "chat_completion",
        "generate_content": "chat_completion",
        "text_completion": "text_completion",
        "embeddings": "embedding",
        "execute_tool": "tool",
        "retrieval": "tool",
        "create_agent": "agent",
        "invoke_agent": "agent",
        "invoke_workflow": "flow",
    },
    "openinference.span.kind": {
        "LLM": "chat_completion",
        "EMBEDDING": "embedding",
        "RERANKER": "rerank",
        "TOOL": "tool",
        "RETRIEVER": "tool",
        "AGENT": "agent",
        "CHAIN": "flow",
        "PROMPT": "flow",
        "GUARDRAIL": "evaluator",
        "EVALUATOR": "evaluator",
        "DECISION": "unknown",
        "UNKNOWN": "unknown",
    },
    "llm.request.type": {
        "chat": "chat_completion",
        "completion": "text_completion",
        "embedding": "embedding",
        "rerank": "rerank",
        "unknown": "unknown",
    },
    "ai.operationId": {
        "ai.generateText": "flow",
        "ai.streamText": "flow",
        "ai.generateObject": "flow",
        "ai.streamObject": "flow",
        "ai.embed": "flow",
        "ai.embedMany": "flow",
        "ai.rerank": "flow",
        "ai.generateText.doGenerate": "chat_completion",
        "ai.streamText.doStream": "chat_completion",
        "ai.generateObject.doGenerate": "chat_completion",
        "ai.streamObject.doStream": "chat_completion",
        "ai.embed.doEmbed": "embedding",
        "ai.embedMany.doEmbed": "embedding",
        "ai.rerank.doRerank": "rerank",
        "ai.toolCall": "tool",
    },
    "langfuse.observation.type": {
        "generation": "chat_completion",
        "embedding": "embedding",
        "tool": "tool",
        "retriever": "tool",
        "agent": "agent",
        "chain": "flow",
        "span": "flow",
        "event": "flow",
        "evaluator": "evaluator",
        "guardrail": "evaluator",
    },
    "mlflow.spanType": {
        "CHAT_MODEL": "chat_completion",
        "LLM": "chat_completion",
        "EMBEDDING": "embedding",
        "RERANKER": "rerank",
        "TOOL": "tool",
        "RETRIEVER": "tool",
        "MEMORY": "tool",
        "AGENT": "agent",
        "CHAIN": "flow",
        "WORKFLOW": "flow",
        "TASK": "flow",
        "PARSER": "flow",
        "UNKNOWN": "flow",
        "EVALUATOR": "evaluator",
        "GUARDRAIL": "evaluator",
    },
    "traceloop.span.kind": {"workflow": "flow", "task": "flow", "agent": "agent", "tool": "tool"},
}
"""Attribute → its value → the kind of log. A span with none of them is a log when it names a model, else it is not."""

CALLS: Final[frozenset[Kind]] = frozenset({"chat_completion", "text_completion", "embedding", "rerank", "unknown"})
"""Kinds that ask a model. Only these have tokens and costs of their own: what an agent or a workflow tells of both is
the sum of the calls below it, and would count twice."""

CHATS: Final[frozenset[Kind]] = frozenset({"chat_completion", "unknown"})

# ------------------------------------------------------------------ texts

MODEL: Final = (
    "gen_ai.request.model",
    "llm.request.model_name",
    "llm.model_name",
    "ai.model.id",
    "langfuse.observation.model.name",
    "mlflow.llm.model",
    "embedding.model_name",
    "reranker.model_name",
    "gen_ai.response.model",
)
RESPONSE_MODEL: Final = ("gen_ai.response.model", "llm.response.model_name", "ai.response.model")
PROVIDER: Final = (
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.provider",
    "llm.system",
    "mlflow.llm.provider",
    "ai.model.provider",
)
COMPLETION_ID: Final = ("gen_ai.response.id", "ai.response.id")
SESSION: Final = (
    "gen_ai.conversation.id",
    "langfuse.session.id",
    "session.id",
    "gen_ai.session.id",
    "traceloop.association.properties.session_id",
    "ai.telemetry.metadata.sessionId",
)
USER: Final = (
    "langfuse.user.id",
    "user.id",
    "enduser.id",
    "traceloop.association.properties.user_id",
    "ai.telemetry.metadata.userId",
)
ENVIRONMENT: Final = ("langfuse.environment", "deployment.environment.name", "deployment.environment")
STEP_NAME: Final = (
    "gen_ai.tool.name",
    "tool.name",
    "ai.toolCall.name",
    "gen_ai.agent.name",
    "agent.name",
    "gen_ai.workflow.name",
    "mlflow.spanFunctionName",
    "traceloop.entity.name",
    "ai.telemetry.functionId",
)
STEP_ID: Final = ("gen_ai.tool.call.id", "tool.id", "ai.toolCall.id", "gen_ai.agent.id")
ERROR_TYPE: Final = ("error.type", "exception.type")
ERROR_MESSAGE: Final = ("error.message", "exception.message", "langfuse.observation.status_message")
FINISH_REASONS: Final = (
    "gen_ai.response.finish_reasons",
    "gen_ai.response.finish_reason",
    "llm.response.finish_reason",
    "llm.finish_reason",
    "ai.response.finishReason",
)
STATUS: Final = ("http.response.status_code", "http.status_code")
ANSWER_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "system_fingerprint": (
        "gen_ai.openai.response.system_fingerprint",
        "openai.response.system_fingerprint",
        "gen_ai.openai.system_fingerprint",
    ),
    "service_tier": ("gen_ai.openai.response.service_tier", "openai.response.service_tier"),
}
"""Member of an answer in OpenAI's form → the attributes that hold it."""

KINDS_OF_PROVIDER: Final[Mapping[str, str]] = {
    "openai": "openai",
    "anthropic": "anthropic",
    "azure.ai.openai": "azure",
    "az.ai.openai": "azure",
    "gcp.gemini": "gemini",
}
"""A provider's name in the conventions → ours, for the prices. The others are found by the model's name alone."""

# ------------------------------------------------------------------ figures


class Told(NamedTuple):
    """An attribute that holds a figure, and how many of our units its unit is."""

    name: str
    scale: float = 1.0


FIGURES: Final[Mapping[Figure, tuple[Told, ...]]] = {
    "input_tokens": (
        Told("gen_ai.usage.input_tokens"),
        Told("gen_ai.usage.prompt_tokens"),
        Told("llm.usage.prompt_tokens"),
        Told("llm.token_count.prompt"),
        Told("ai.usage.inputTokens"),
        Told("ai.usage.promptTokens"),
        Told("ai.usage.tokens"),
    ),
    "output_tokens": (
        Told("gen_ai.usage.output_tokens"),
        Told("gen_ai.usage.completion_tokens"),
        Told("llm.usage.completion_tokens"),
        Told("llm.token_count.completion"),
        Told("ai.usage.outputTokens"),
        Told("ai.usage.completionTokens"),
    ),
    "total_tokens": (
        Told("gen_ai.usage.total_tokens"),
        Told("llm.usage.total_tokens"),
        Told("llm.token_count.total"),
        Told("ai.usage.totalTokens"),
    ),
    "cached_tokens": (
        Told("gen_ai.usage.cache_read.input_tokens"),
        Told("gen_ai.usage.cache_read_input_tokens"),
        Told("llm.usage.cache_read_input_tokens"),
        Told("llm.token_count.prompt_details.cache_read"),
        Told("ai.usage.cachedInputTokens"),
        Told("ai.usage.inputTokenDetails.cacheReadTokens"),
    ),
    "reasoning_tokens": (
        Told("gen_ai.usage.reasoning.output_tokens"),
        Told("gen_ai.usage.reasoning_tokens"),
        Told("llm.usage.reasoning_tokens"),
        Told("llm.token_count.completion_details.reasoning"),
        Told("ai.usage.reasoningTokens"),
        Told("ai.usage.outputTokenDetails.reasoningTokens"),
    ),
    "cost": (Told("gen_ai.usage.cost"), Told("llm.cost.total")),
    "input_cost": (Told("gen_ai.usage.input_cost"), Told("llm.cost.prompt")),
    "output_cost": (Told("gen_ai.usage.output_cost"), Told("llm.cost.completion")),
    "ttft": (
        Told("gen_ai.response.time_to_first_chunk"),
        Told("gen_ai.server.time_to_first_token"),
        Told("ai.response.msToFirstChunk", 0.001),
        Told("ai.stream.msToFirstChunk", 0.001),
    ),
}

FIGURE_OBJECTS: Final[Mapping[str, Mapping[str, Figure]]] = {
    "mlflow.chat.tokenUsage": {
        "input_tokens": "input_tokens",
        "output_tokens": "output_tokens",
        "total_tokens": "total_tokens",
        "cache_read_input_tokens": "cached_tokens",
    },
    "mlflow.llm.cost": {"input_cost": "input_cost", "output_cost": "output_cost", "total_cost": "cost"},
    "langfuse.observation.usage_details": {
        "input": "input_tokens",
        "output": "output_tokens",
        "total": "total_tokens",
        "prompt_tokens": "input_tokens",
        "completion_tokens": "output_tokens",
        "total_tokens": "total_tokens",
        "input_cached_tokens": "cached_tokens",
        "output_reasoning_tokens": "reasoning_tokens",
    },
    "langfuse.observation.cost_details": {"input": "input_cost", "output": "output_cost", "total": "cost"},
}
"""Attributes that hold several figures as a JSON object."""

# ------------------------------------------------------------------ parameters of the request

PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "temperature": ("gen_ai.request.temperature", "llm.temperature", "ai.settings.temperature"),
    "top_p": ("gen_ai.request.top_p", "llm.top_p", "ai.settings.topP"),
    "top_k": ("gen_ai.request.top_k", "llm.top_k", "ai.settings.topK"),
    "max_tokens": (
        "gen_ai.request.max_tokens",
        "llm.request.max_tokens",
        "ai.settings.maxOutputTokens",
        "ai.settings.maxTokens",
    ),
    "max_completion_tokens": ("gen_ai.request.max_completion_tokens",),
    "frequency_penalty": (
        "gen_ai.request.frequency_penalty",
        "llm.frequency_penalty",
        "ai.settings.frequencyPenalty",
    ),
    "presence_penalty": ("gen_ai.request.presence_penalty", "llm.presence_penalty", "ai.settings.presencePenalty"),
    "stop": ("gen_ai.request.stop_sequences", "llm.chat.stop_sequences", "ai.settings.stopSequences"),
    "seed": ("gen_ai.request.seed", "gen_ai.openai.request.seed", "ai.settings.seed"),
    "n": ("gen_ai.request.choice.count", "gen_ai.request.n"),
    "stream": ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming"),
    "service_tier": ("gen_ai.openai.request.service_tier", "openai.request.service_tier"),
    "reasoning_effort": ("gen_ai.request.reasoning_effort", "llm.request.reasoning_effort"),
    "user": ("gen_ai.user", "llm.user"),
    "dimensions": ("gen_ai.embeddings.dimension.count",),
    "tool_choice": ("ai.prompt.toolChoice",),
    "top_n": ("reranker.top_k",),
}
"""Member of a request in OpenAI's form → the attributes that hold it."""

PARAMETER_OBJECTS: Final = (
    "llm.invocation_parameters",
    "embedding.invocation_parameters",
    "langfuse.observation.model.parameters",
)
"""Attributes that hold all of a request's parameters as a JSON object."""

# ------------------------------------------------------------------ contents

WHOLE_INPUTS: Final = (
    "gen_ai.tool.call.arguments",
    "ai.toolCall.args",
    "ai.toolCall.input",
    "gen_ai.retrieval.query.text",
    "langfuse.observation.input",
    "mlflow.spanInputs",
    "input.value",
    "traceloop.entity.input",
    "tool.parameters",
    "gen_ai.task.input",
    "ai.prompt",
)
"""Attributes that hold all that went in, as text or JSON: a tool's arguments, or a request as its client made it."""

WHOLE_OUTPUTS: Final = (
    "gen_ai.tool.call.result",
    "ai.toolCall.result",
    "ai.toolCall.output",
    "gen_ai.retrieval.documents",
    "langfuse.observation.output",
    "mlflow.spanOutputs",
    "output.value",
    "traceloop.entity.output",
    "gen_ai.task.output",
)
"""Attributes that hold all that came out."""

MIME_TYPES: Final = ("input.mime_type", "output.mime_type")
"""They say whether a whole is JSON, which is seen by reading it; taken and not kept."""

EMBEDDED: Final = ("ai.values", "ai.value")
EMBEDDINGS: Final = ("ai.embeddings", "ai.embedding")
"""What Vercel's embedding spans were given and gave: a list of texts that are JSON each, or one."""

VERCEL_TEXTS: Final = ("ai.response.text", "ai.response.object")

MERGED_EVENTS: Final = frozenset(
    {"gen_ai.client.inference.operation.details", "ai.stream.firstChunk", "ai.stream.finish"}
)
"""Events whose attributes are the span's own."""

CHUNK_EVENTS: Final = frozenset(
    {"gen_ai.content.completion.chunk", "llm.content.completion.chunk", "First Token Stream Event"}
)
"""Events that say that a piece of the answer came: the first of them, when the first token did."""

FIRST_TOKEN_AT: Final = ("langfuse.observation.completion_start_time",)
"""When the first token came, as a moment."""

LEVEL: Final = ("langfuse.observation.level",)
"""`ERROR` says that the step failed, whatever the span's own status is."""

ALWAYS_JSON: Final = "mlflow."
"""Attributes with this prefix hold JSON, text included."""

TAG_PREFIXES: Final = (
    "langfuse.trace.metadata.",
    "langfuse.observation.metadata.",
    "traceloop.association.properties.",
    "ai.telemetry.metadata.",
    "mlflow.traceTag.",
)
"""What the caller told of a span by names of his own: tags, where the value is no object."""

TAG_OBJECTS: Final = ("metadata",)
"""The same as one JSON object (OpenInference)."""

TAG_LISTS: Final = ("langfuse.trace.tags", "tag.tags")
"""Words without a value, such as Langfuse's tags: each becomes a tag whose value is `true`."""

SERVICE: Final = "service.name"
"""The resource attribute that becomes a tag of the same name."""

SPAN_NAME: Final = "span.name"
"""The tag that holds a span's name."""
