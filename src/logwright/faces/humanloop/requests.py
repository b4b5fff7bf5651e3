"""The bodies that Humanloop's clients send, as pydantic models: a refusal then has FastAPI's shape, as theirs had.

Every field may be absent. What was given is in `model_fields_set`, so that null
("clear") and absent ("keep") stay apart. Unknown fields are dropped, because
newer clients send more. Source: Humanloop's SDKs 0.8.20 to 0.8.40b6.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST_TOKENS: Final = 2**32 - 1
_LAST: Final = datetime(2299, 12, 31, tzinfo=UTC)
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime:
    """Take a moment without a zone for UTC, and refuse what the store cannot hold."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if not _FIRST <= aware <= _LAST:
        raise ValueError("must lie between 1970 and 2299")
    return aware.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
Tokens = Annotated[int, Field(ge=0, le=MOST_TOKENS)]
Dollars = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Object = dict[str, Any]
LogId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:~-]+$")]
Path = Annotated[str, Field(max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")

    def given(self) -> dict[str, Any]:
        """Return what was given, null included."""
        return {name: getattr(self, name) for name in self.model_fields_set}


# ------------------------------------------------------------------ messages


class FunctionCall(_Body):
    """The function that a message calls."""

    model_config = ConfigDict(extra="allow")
    name: str
    arguments: str | None = None


class ToolCall(_Body):
    """A call that the assistant asks for."""

    model_config = ConfigDict(extra="allow")
    id: str
    type: Literal["function"]
    function: FunctionCall


class ImageUrl(_Body):
    """Where an image is."""

    model_config = ConfigDict(extra="allow")
    url: str
    detail: Literal["high", "low", "auto"] | None = None


class TextPart(_Body):
    """A part of a message that is text."""

    model_config = ConfigDict(extra="allow")
    type: Literal["text"]
    text: str


class ImagePart(_Body):
    """A part of a message that is an image."""

    model_config = ConfigDict(extra="allow")
    type: Literal["image_url"]
    image_url: ImageUrl


class Message(_Body):
    """A message of a chat; fields that nobody declared are kept."""

    model_config = ConfigDict(extra="allow")
    role: Literal["user", "assistant", "system", "tool", "developer"]
    content: str | list[Annotated[TextPart | ImagePart, Field(discriminator="type")]] | None = None
    name: str | None = None
    tool_call_id: str | None = None
    tool_calls: list[ToolCall] | None = None
    thinking: list[Object] | None = None


class ChosenFunction(_Body):
    """The tool that a call must use."""

    name: str


class ChosenTool(_Body):
    """A choice of one tool."""

    type: Literal["function"]
    function: ChosenFunction


ToolChoice = Literal["none", "auto", "required"] | ChosenTool


# ------------------------------------------------------------------ logs


class AnyLogUpdate(_Body):
    """What can be changed of a log of any type."""

    output: str | None = None
    created_at: Moment | None = None
    error: str | None = None
    provider_latency: Seconds | None = None
    stdout: str | None = None
    provider_request: Object | None = None
    provider_response: Object | None = None
    inputs: Object | None = None
    source: str | None = None
    metadata: Object | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    log_status: Literal["complete", "incomplete"] | None = None


class PromptLogUpdate(AnyLogUpdate):
    """What `PATCH /prompts/{id}/log/{log_id}` takes."""

    output_message: Message | None = None
    prompt_tokens: Tokens | None = None
    reasoning_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    prompt_cost: Dollars | None = None
    output_cost: Dollars | None = None
    finish_reason: str | None = None
    messages: list[Message] | None = None
    tool_choice: ToolChoice | None = None


class StepLogUpdate(_Body):
    """What updates of flow and agent logs take."""

    messages: list[Message] | None = None
    output_message: Message | None = None
    inputs: Object | None = None
    output: str | None = None
    error: str | None = None
    log_status: Literal["complete", "incomplete"] | None = None


class _Identity(_Body):
    path: Path | None = None
    id: Path | None = None


class _Created(_Identity):
    """What the creation of a log of any type takes besides what it can be updated with."""

    run_id: str | None = None
    source_datapoint_id: str | None = None
    trace_parent_id: str | None = None
    user: str | None = None
    environment: str | None = None
    save: bool | None = None
    log_id: LogId | None = None


class PromptKernel(_Body):
    """What makes a version of a prompt."""

    model: Annotated[str, Field(min_length=1, max_length=500)]
    endpoint: Literal["complete", "chat", "edit"] | None = None
    template: str | list[Message] | None = None
    template_language: Literal["default", "jinja"] | None = None
    provider: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    other: Object | None = None
    seed: int | None = None
    response_format: Object | None = None
    reasoning_effort: Literal["high", "medium", "low"] | int | None = None
    tools: list[Object] | None = None
    linked_tools: list[Any] | None = None
    attributes: Object | None = None


class AgentKernel(PromptKernel):
    """What makes a version of an agent."""

    max_iterations: int | None = None


class ToolKernel(_Body):
    """What makes a version of a tool."""

    function: Object | None = None
    source_code: str | None = None
    setup_values: Object | None = None
    attributes: Object | None = None
    tool_type: str | None = None


class FlowKernel(_Body):
    """What makes a version of a flow."""

    attributes: Object | None = None


class PromptLog(_Created, PromptLogUpdate):
    """What `POST /prompts/log` takes."""

    prompt: PromptKernel | str | None = None


class AgentLog(_Created, PromptLogUpdate):
    """What `POST /agents/log` takes."""

    agent: AgentKernel | str | None = None


class ToolLog(_Created, AnyLogUpdate):
    """What `POST /tools/log` takes."""

    tool: ToolKernel | None = None


class FlowLog(_Created, AnyLogUpdate):
    """What `POST /flows/log` takes."""

    messages: list[Message] | None = None
    output_message: Message | None = None
    flow: FlowKernel | None = None


class EvaluatorLog(_Created, AnyLogUpdate):
    """What `POST /evaluators/log` takes."""

    parent_id: LogId
    output_message: Message | None = None
    judgment: bool | float | str | list[str] | None = None
    marked_completed: bool | None = None
    spec: Object | None = None


AnyCreated = PromptLog | AgentLog | ToolLog | FlowLog | EvaluatorLog


# ------------------------------------------------------------------ files and calls


class _Upserted(_Identity):
    version_name: str | None = None
    version_description: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    readme: str | None = None


class PromptUpsert(_Upserted, PromptKernel):
    """What `POST /prompts` takes."""


class AgentUpsert(_Upserted, AgentKernel):
    """What `POST /agents` takes."""


class ToolUpsert(_Upserted, ToolKernel):
    """What `POST /tools` takes."""


class FlowUpsert(_Upserted, FlowKernel):
    """What `POST /flows` takes."""


class EvaluatorUpsert(_Upserted):
    """What `POST /evaluators` takes."""

    spec: Object


AnyUpsert = PromptUpsert | AgentUpsert | ToolUpsert | FlowUpsert | EvaluatorUpsert


class Move(_Body):
    """What `PATCH /prompts/{id}` takes."""

    path: Path | None = None
    name: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^/]+$")] | None = None


class VersionUpdate(_Body):
    """What `PATCH /prompts/{id}/versions/{version_id}` takes."""

    name: str | None = None
    description: str | None = None


class ByPath(_Body):
    """What `POST /files/retrieve-by-path` takes."""

    path: Path


class PromptCall(_Created):
    """What `POST /prompts/call` takes."""

    messages: list[Message] | None = None
    tool_choice: ToolChoice | None = None
    prompt: PromptKernel | str | None = None
    inputs: Object | None = None
    source: str | None = None
    metadata: Object | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    log_status: Literal["complete", "incomplete"] | None = None
    provider_api_keys: Object | None = None
    num_samples: Annotated[int, Field(ge=1, le=20)] | None = None
    return_inputs: bool | None = None
    logprobs: int | None = None
    suffix: str | None = None
    stream: bool | None = None
