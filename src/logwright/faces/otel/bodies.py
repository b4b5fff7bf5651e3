"""Request and answer of a span in the form in which logs keep them: OpenAI's.

A span that holds them whole in that form (as MLflow's, Langfuse's and
OpenInference's often do) is taken at its word; otherwise they are put together from
what its attributes and events say, and hold nothing that these do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from logwright.faces.otel import dialects, messages
from logwright.faces.otel.attributes import Attributes, listed, opened, read
from logwright.faces.otel.messages import Message
from logwright.faces.otel.types import Event
from logwright.logs.record import Figure, Kind
from logwright.wire.strict import JSON

Body = dict[str, Any]

_ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_IN_USAGE: Final[Mapping[Figure, str]] = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "total_tokens": "total_tokens",
}


class Asked(NamedTuple):
    """What is known of a call before its bodies are read."""

    kind: Kind
    model: str
    response_model: str
    completion_id: str
    name: str
    """A step's own name."""
    figures: Mapping[Figure, float]
    ended_at: int


class Bodies(NamedTuple):
    """Request and answer; None where the span says nothing of one."""

    request: Body | None
    response: Body | None


def bodies_of(asked: Asked, attributes: Attributes, events: Sequence[Event]) -> Bodies:
    """Read both from a span's attributes and events, and take what was understood."""
    if asked.kind not in dialects.CALLS:
        return _step(asked, attributes, events)
    parameters = _parameters(attributes)
    match asked.kind:
        case "embedding":
            pairs = _inside(attributes, "embedding.embeddings", "embedding")
            request, response = _embedding_request(attributes, events, pairs), _embedding_response(attributes, pairs)
        case "rerank":
            request, response = _rerank_request(attributes), _rerank_response(attributes)
        case _:
            request = _chat_request(attributes, events)
            response = _chat_response(attributes, events)
            if asked.kind == "text_completion":
                request, response = _as_prompt(request), _as_texts(response)
    request = {**({"model": asked.model} if asked.model else {}), **request, **_absent(parameters, request)}
    told = {member: attributes.first(names) for member, names in dialects.ANSWER_MEMBERS.items()}
    return Bodies(request or None, _with_frame(asked, response, told))


def _absent(parameters: Body, request: Body) -> Body:
    return {name: value for name, value in parameters.items() if name not in request}


def _parameters(attributes: Attributes) -> Body:
    made: Body = {}
    for _, members in attributes.objects(dialects.PARAMETER_OBJECTS):
        made |= members
    for member, names in dialects.PARAMETERS.items():
        value = attributes.first(names)
        if value is not None:
            made[member] = read(value) if member == "tool_choice" else value
    tools = _tools(attributes)
    return made | ({"tools": tools} if tools else {})


def _tools(attributes: Attributes) -> list[JSON]:
    told: list[JSON] = []
    for name in ("gen_ai.tool.definitions", "ai.prompt.tools", "mlflow.chat.tools"):
        told = told or messages.tools_of(listed(attributes.take(name)))
    schemas = [tool["json_schema"] for tool in _inside(attributes, "llm.tools", "tool") if "json_schema" in tool]
    return told or messages.tools_of(schemas) or messages.tools_of(attributes.numbered("llm.request.functions"))


# ------------------------------------------------------------------ chats


def _chat_request(attributes: Attributes, events: Sequence[Event]) -> Body:
    whole = _whole(attributes, dialects.WHOLE_INPUTS, _request_in)
    if whole is not None:
        attributes.numbered("llm.input_messages")  # the same again, member by member
        return whole
    said = _messages_asked(attributes, events)
    if said:
        return {"messages": said}
    value = _first_whole(attributes, dialects.WHOLE_INPUTS)
    return {} if value is None else {"input": value}


def _messages_asked(attributes: Attributes, events: Sequence[Event]) -> list[Message]:
    """Read the messages from the first of the forms that the span has them in."""
    instructions = messages.of_instructions(attributes.take("gen_ai.system_instructions"))
    found = (
        messages.of_parts(attributes.take("gen_ai.input.messages"))
        or messages.of_indexed(attributes.numbered("gen_ai.prompt"))
        or messages.of_openinference(attributes.numbered("llm.input_messages"))
        or messages.of_vercel(attributes.take("ai.prompt.messages"))
        or [
            messages.of_event(messages.MESSAGE_EVENTS[event.name], event.attributes)
            for event in events
            if event.name in messages.MESSAGE_EVENTS
        ]
        or messages.of_parts(attributes.take("gen_ai.prompt"))
    )
    return [*instructions, *found]


def _chat_response(attributes: Attributes, events: Sequence[Event]) -> Body:
    whole = _whole(attributes, dialects.WHOLE_OUTPUTS, _answer_in)
    if whole is not None:
        attributes.numbered("llm.output_messages")  # as above
        return whole
    said = _messages_answered(attributes, events)
    reasons = listed(attributes.first(dialects.FINISH_REASONS))
    if not said and reasons:
        said = [{"role": "assistant", "content": None} for _ in reasons]
    if said:
        return {"choices": [_choice(index, message, reasons) for index, message in enumerate(said)]}
    value = _first_whole(attributes, dialects.WHOLE_OUTPUTS)
    if value is None:
        return {}
    return (
        {"choices": [_choice(0, {"role": "assistant", "content": value}, reasons)]}
        if isinstance(value, str)
        else {"output": value}
    )


def _messages_answered(attributes: Attributes, events: Sequence[Event]) -> list[Message]:
    return (
        messages.of_parts(attributes.take("gen_ai.output.messages"))
        or messages.of_indexed(attributes.numbered("gen_ai.completion"))
        or messages.of_openinference(attributes.numbered("llm.output_messages"))
        or _vercel_answer(attributes)
        or [messages.of_choice(event.attributes) for event in events if event.name == messages.CHOICE_EVENT]
        or messages.of_parts(attributes.take("gen_ai.completion"))
    )


def _vercel_answer(attributes: Attributes) -> list[Message]:
    text = attributes.first(dialects.VERCEL_TEXTS)
    calls = messages.of_vercel_calls(attributes.take("ai.response.toolCalls"))
    thought = attributes.take("ai.response.reasoning")
    if text is None and not calls and thought is None:
        return []
    message: Message = {"role": "assistant", "content": text}
    if thought is not None:
        message["reasoning_content"] = thought
    return [{**message, "tool_calls": calls} if calls else message]


def _choice(index: int, message: Message, reasons: Sequence[JSON]) -> Body:
    """Make a choice of a message, whose own finish reason and index stand above those told of all."""
    inside = dict(message)
    reason = inside.pop("finish_reason", None)
    place = inside.pop("index", None)
    if not inside.get("role"):
        inside = {"role": "assistant", **{name: value for name, value in inside.items() if name != "role"}}
    return {
        "index": place if isinstance(place, int) else index,
        "message": inside,
        "finish_reason": reason or (reasons[index] if index < len(reasons) else None),
    }


def _as_prompt(request: Body) -> Body:
    said = request.pop("messages", None)
    if said is None:
        return {"prompt": request.pop("input"), **request} if "input" in request else request
    texts = [message.get("content") for message in said]
    plain = all(isinstance(text, str) for text in texts)
    return {"prompt": texts[0] if len(texts) == 1 else texts, **request} if plain else {"messages": said, **request}


def _as_texts(response: Body) -> Body:
    choices = response.get("choices")
    if isinstance(choices, list):
        response["choices"] = [
            {**{name: value for name, value in each.items() if name != "message"}, "text": each["message"]["content"]}
            if isinstance(each.get("message"), dict) and isinstance(each["message"].get("content"), str)
            else each
            for each in choices
        ]
    return response


# ------------------------------------------------------------------ embeddings and rerankings


def _embedding_request(attributes: Attributes, events: Sequence[Event], pairs: Sequence[Body]) -> Body:
    whole = _first_whole(attributes, dialects.WHOLE_INPUTS)
    if isinstance(whole, dict) and "input" in whole:
        return whole
    said = _messages_asked(attributes, events)
    texts = (
        [message.get("content") for message in said]
        or [read(each) for each in listed(attributes.first(dialects.EMBEDDED))]
        or [pair["text"] for pair in pairs if "text" in pair]
        or listed(whole)
    )
    return {} if not texts else {"input": texts[0] if len(texts) == 1 else texts}


def _embedding_response(attributes: Attributes, pairs: Sequence[Body]) -> Body:
    whole = _first_whole(attributes, dialects.WHOLE_OUTPUTS)
    if isinstance(whole, dict) and isinstance(whole.get("data"), list):
        return whole
    told = listed(attributes.first(dialects.EMBEDDINGS))
    vectors = [read(each) for each in told] or [pair.get("vector") for pair in pairs]
    data = [
        {"object": "embedding", "index": index, "embedding": vector}
        for index, vector in enumerate(vectors)
        if isinstance(vector, list)
    ]
    return {"data": data} if data else {} if whole is None else {"output": whole}


def _rerank_request(attributes: Attributes) -> Body:
    documents = _inside(attributes, "reranker.input_documents", "document")
    query = attributes.take("reranker.query")
    made: Body = {} if query is None else {"query": query}
    if documents:
        made["documents"] = documents
    whole = None if made else _first_whole(attributes, dialects.WHOLE_INPUTS)
    return made if whole is None else whole if isinstance(whole, dict) else {"query": whole}


def _rerank_response(attributes: Attributes) -> Body:
    results = _inside(attributes, "reranker.output_documents", "document")
    if results:
        return {"results": [{"document": each} for each in results]}
    whole = _first_whole(attributes, dialects.WHOLE_OUTPUTS)
    return {} if whole is None else whole if isinstance(whole, dict) else {"output": whole}


# ------------------------------------------------------------------ steps


def _step(asked: Asked, attributes: Attributes, events: Sequence[Event]) -> Bodies:
    """Read a step of a program: what it was given and what it gave, in messages where it talks in these."""
    request: Body = {"name": asked.name} if asked.name else {}
    response: Body = {}
    given, made = _first_whole(attributes, dialects.WHOLE_INPUTS), _first_whole(attributes, dialects.WHOLE_OUTPUTS)
    if said := _messages_asked(attributes, events):
        request["messages"] = said
    if given is not None:
        request["input"] = given
    if told := _messages_answered(attributes, events):
        response["choices"] = [_choice(index, message, ()) for index, message in enumerate(told)]
    documents = _inside(attributes, "retrieval.documents", "document")
    if documents:
        response["output"] = documents
    elif made is not None:
        response["output"] = made
    return Bodies(request or None, response or None)


# ------------------------------------------------------------------ wholes


def _inside(attributes: Attributes, prefix: str, member: str) -> list[Body]:
    """Take a list of OpenInference's, whose objects have one member that is what they are of."""
    found = attributes.numbered(prefix)
    return [each[member] for each in found if isinstance(each, dict) and isinstance(each.get(member), dict)]


def _first_whole(attributes: Attributes, names: Sequence[str]) -> JSON:
    attributes.drop(dialects.MIME_TYPES)
    return read(attributes.first(names))


def _whole(attributes: Attributes, names: Sequence[str], read_as: Any) -> Body | None:
    """Take the first of the attributes that is a body in OpenAI's form already."""
    for name in names:
        value = attributes.left.get(name)
        if value is not None:
            body = read_as(read(opened(name, value)))
            if body is not None:
                attributes.drop((name, *dialects.MIME_TYPES))
                return dict(body)
    return None


def _request_in(value: JSON) -> Body | None:
    """Return a request, be it whole or only its messages; None where it is in another form."""
    if isinstance(value, dict) and _are_messages(value.get("messages")):
        return value
    return {"messages": value} if _are_messages(value) else None


def _answer_in(value: JSON) -> Body | None:
    """Return an answer, be it whole or only its message."""
    if isinstance(value, dict):
        choices = value.get("choices")
        if (
            isinstance(choices, list)
            and choices
            and all(isinstance(each, dict) and "message" in each for each in choices)
        ):
            return value
        if _are_messages([value]):
            return {"choices": [_choice(0, value, ())]}
    return None


def _are_messages(value: JSON) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(each, dict)
            and isinstance(each.get("role"), str)
            and each["role"] in _ROLES
            and (isinstance(each.get("content"), str | list) or "tool_calls" in each)
            for each in value
        )
    )


# ------------------------------------------------------------------ the frame of an answer

_OBJECTS: Final[Mapping[Kind, str]] = {
    "chat_completion": "chat.completion",
    "text_completion": "text_completion",
    "embedding": "list",
}


def _with_frame(asked: Asked, response: Body, told: Body) -> Body | None:
    """Add what stands around the choices of an answer, where the span says it and the answer does not yet."""
    usage = _usage(asked.figures)
    if not response and not usage and not asked.completion_id:
        return None
    frame: Body = {}
    if asked.completion_id:
        frame["id"] = asked.completion_id
    if asked.kind in _OBJECTS:
        frame["object"] = _OBJECTS[asked.kind]
    if asked.kind in dialects.CHATS and "choices" in response:
        frame["created"] = asked.ended_at // 1_000_000
    if asked.response_model or asked.model:
        frame["model"] = asked.response_model or asked.model
    if usage:
        frame["usage"] = usage
    frame |= {member: value for member, value in told.items() if value is not None}
    return {**frame, **response}


def _usage(figures: Mapping[Figure, float]) -> Body:
    made: Body = {name: int(figures[figure]) for figure, name in _IN_USAGE.items() if figure in figures}
    if made and "total_tokens" not in made:
        made["total_tokens"] = sum(made.values())
    if "cached_tokens" in figures:
        made["prompt_tokens_details"] = {"cached_tokens": int(figures["cached_tokens"])}
    if "reasoning_tokens" in figures:
        made["completion_tokens_details"] = {"reasoning_tokens": int(figures["reasoning_tokens"])}
    return made
