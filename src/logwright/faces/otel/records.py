"""Spans as log records: which of them are logs, what their columns are, and whose children they are."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from logwright.clock import EPOCH, to_micros
from logwright.faces.otel import dialects
from logwright.faces.otel.attributes import Attributes, listed, read, written
from logwright.faces.otel.bodies import Asked, bodies_of
from logwright.faces.otel.messages import CHOICE_EVENT, MESSAGE_EVENTS
from logwright.faces.otel.types import FAILED, Event, Span
from logwright.ids import fixed_id
from logwright.logs.record import Figure, Kind, LogRecord
from logwright.wire.strict import JSON
from logwright.wire.tags import tag_text

_MOST_TAGS: Final = 100
_LONGEST_NAME: Final = 256
_LONGEST_VALUE: Final = 8192
_LONGEST_WORD: Final = 1000
_LAST_COUNT: Final = 2**32 - 1
_TOKENS: Final[frozenset[Figure]] = frozenset(
    {"input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "total_tokens"}
)
_SAYS_MESSAGES: Final = frozenset({*MESSAGE_EVENTS, CHOICE_EVENT})

_write: Final = msgspec.json.Encoder().encode
_Key = tuple[str, str]


class Made(NamedTuple):
    """The logs of a batch, and how many of its spans are none."""

    records: list[LogRecord]
    others: int


def records_of(spans: Sequence[Span], *, project_id: str, key_id: str) -> Made:
    """Make the records of the spans that are logs, parents before their children.

    A span whose parent is no log belongs to the nearest ancestor in the batch that is one.
    """
    ordered = sorted(spans, key=lambda span: (span.started_at, -span.ended_at))
    kinds: dict[_Key, Kind] = {}
    for span in ordered:
        kind = kind_of(span)
        if kind is not None:
            kinds[span.trace_id, span.span_id] = kind
    family = {(span.trace_id, span.span_id): span for span in ordered}
    made: list[LogRecord] = []
    for span in ordered:
        kind = kinds.get((span.trace_id, span.span_id))
        if kind is not None:
            record = _record(span, kind, project_id, key_id)
            record.parent_id = _parent(span, family, kinds, project_id)
            made.append(record)
    return Made(made, len(spans) - len(made))


def kind_of(span: Span) -> Kind | None:
    """Say which kind of log a span is; None when it is none."""
    for name, kinds in dialects.KINDS.items():
        value = span.attributes.get(name)
        value = read(value) if name.startswith(dialects.ALWAYS_JSON) else value
        kind = kinds.get(value) if isinstance(value, str) else None
        if kind is not None:
            return kind
    if any(isinstance(span.attributes.get(name), str) for name in dialects.MODEL):
        return "chat_completion" if _has_messages(span) else "unknown"
    return None


def _has_messages(span: Span) -> bool:
    prefixes = ("gen_ai.input.messages", "gen_ai.prompt", "llm.input_messages", "ai.prompt.messages")
    return any(name.startswith(prefixes) for name in span.attributes) or any(
        event.name in _SAYS_MESSAGES for event in span.events
    )


def log_id(project_id: str, span: Span) -> str:
    """Return the id of a span's log: the same whenever the span is sent, and as old as the span."""
    same = f"{project_id}\n{span.trace_id}\n{span.span_id}".encode()
    return fixed_id("log", span.started_at, hashlib.sha256(same).digest())


def _parent(span: Span, family: Mapping[_Key, Span], kinds: Mapping[_Key, Kind], project_id: str) -> str:
    """Return the log of the nearest ancestor that is one, or the id of the first span that is not in the batch."""
    seen: set[str] = set()
    at = span.parent_span_id
    while at and at not in seen:
        seen.add(at)
        above = family.get((span.trace_id, at))
        if above is None:
            return at
        if (span.trace_id, at) in kinds:
            return log_id(project_id, above)
        at = above.parent_span_id
    return ""


def _record(span: Span, kind: Kind, project_id: str, key_id: str) -> LogRecord:
    attributes = Attributes(_all_of(span))
    for name in dialects.KINDS:
        attributes.first((name,))
    events = [event for event in span.events if event.name in _SAYS_MESSAGES]
    model = attributes.text(dialects.MODEL)
    provider = attributes.text(dialects.PROVIDER)
    asked = Asked(
        kind=kind,
        model=model,
        response_model=attributes.text(dialects.RESPONSE_MODEL),
        completion_id=attributes.text(dialects.COMPLETION_ID)[:_LONGEST_WORD],
        name=_name(span, attributes) if kind not in dialects.CALLS else "",
        figures=_figures(attributes, span) if kind in dialects.CALLS else {},
        ended_at=span.ended_at,
    )
    error = _error(span, attributes)
    status = attributes.first(dialects.STATUS)
    session = attributes.text(dialects.SESSION)[:_LONGEST_NAME]
    bodies = bodies_of(asked, attributes, events)
    request = bodies.request or {}
    details = _details(span, attributes)
    tags = _tags(span, attributes)
    left = {**attributes.left}
    if left:
        details["attributes"] = left
    return LogRecord(
        id=log_id(project_id, span),
        project_id=project_id,
        source="otel",
        kind=kind,
        requested_at=span.started_at,
        received_at=span.ended_at,
        key_id=key_id,
        provider=provider[:_LONGEST_NAME],
        provider_kind=dialects.KINDS_OF_PROVIDER.get(provider, ""),
        model=model[:_LONGEST_WORD],
        stream=request.get("stream") is True,
        status=status if type(status) is int and 100 <= status <= 599 else None,
        error_kind="reported" if error else "",
        error_message=error,
        request=_write(bodies.request) if bodies.request is not None else b"",
        response=_write(bodies.response) if bodies.response is not None else b"",
        response_form="json" if bodies.response is not None else "none",
        tags=tags,
        idempotency_key=f"otel:{span.trace_id}:{span.span_id}",
        trace_id=span.trace_id,
        span_id=span.span_id,
        session_id=session,
        completion_id=asked.completion_id,
        told=dict(asked.figures),
        details=_write(details),
    )


def _all_of(span: Span) -> dict[str, JSON]:
    """Return a span's attributes with those that it told in an event; its own stand above these."""
    merged: dict[str, JSON] = {}
    for event in span.events:
        if event.name in dialects.MERGED_EVENTS:
            merged |= event.attributes
    return {**merged, **span.attributes}


def _name(span: Span, attributes: Attributes) -> str:
    return attributes.text(dialects.STEP_NAME)[:_LONGEST_WORD] or span.name[:_LONGEST_WORD]


def _figures(attributes: Attributes, span: Span) -> dict[Figure, float]:
    """Read the tokens, costs and times that a call tells; what is no number of its sort is left where it is."""
    found: dict[Figure, float] = {}
    for figure, told in dialects.FIGURES.items():
        for name, scale in told:
            value = _number(attributes.left.get(name), figure)
            if value is not None:
                attributes.drop((name,))
                found.setdefault(figure, value * scale)
    for name, members in attributes.objects(dialects.FIGURE_OBJECTS):
        for member, figure in dialects.FIGURE_OBJECTS[name].items():
            value = _number(members.get(member), figure)
            if value is not None:
                found.setdefault(figure, value)
    if "ttft" not in found:
        first = _moment(attributes.first(dialects.FIRST_TOKEN_AT))
        if first is None:
            first = min((event.at for event in span.events if event.name in dialects.CHUNK_EVENTS), default=None)
        if first is not None and first >= span.started_at:
            found["ttft"] = (first - span.started_at) / 1_000_000
    return found


def _number(value: JSON, figure: Figure) -> float | None:
    if type(value) not in {int, float} or not math.isfinite(value) or value < 0:
        return None
    if figure in _TOKENS and (value > _LAST_COUNT or value != int(value)):
        return None
    return float(value)


def _moment(value: JSON) -> int | None:
    """Read a time in ISO 8601, in quotes or not, as microseconds."""
    text = read(value)
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_micros(moment) if moment.tzinfo is not None and moment >= EPOCH else None


def _error(span: Span, attributes: Attributes) -> str:
    """Return the words of what went wrong; empty for a span that did not fail."""
    level = attributes.first(dialects.LEVEL)
    if span.status != FAILED and level != "ERROR":
        return ""
    told = [event.attributes for event in span.events if event.name == "exception"]
    thrown = next((str(each[name]) for each in told for name in dialects.ERROR_MESSAGE if each.get(name)), "")
    words = attributes.text(dialects.ERROR_MESSAGE)
    kind = attributes.text(dialects.ERROR_TYPE)
    return span.status_message or thrown or words or kind or "The span failed; it does not say how."


def _details(span: Span, attributes: Attributes) -> dict[str, JSON]:
    """Keep what a log has no column for; what is empty is left out."""
    user = attributes.text(dialects.USER)
    environment = attributes.text(dialects.ENVIRONMENT) or _environment(span.resource)
    step_id = attributes.text(dialects.STEP_ID)
    told = {
        "user": user,
        "environment": environment,
        "step_id": step_id,
        "span": {"name": span.name, **({"kind": span.kind} if span.kind else {})},
        "resource": dict(span.resource),
        "scope": dict(span.scope),
        "events": [_shown(event) for event in span.events if not _is_understood(event)],
    }
    return {name: value for name, value in told.items() if value}


_UNDERSTOOD: Final = _SAYS_MESSAGES | dialects.MERGED_EVENTS


def _is_understood(event: Event) -> bool:
    """A stream may note each of its chunks, hundreds of times, and say nothing but when it came."""
    return event.name in _UNDERSTOOD or (event.name in dialects.CHUNK_EVENTS and not event.attributes)


def _environment(resource: Mapping[str, JSON]) -> str:
    return next((written(resource[name]) for name in dialects.ENVIRONMENT if resource.get(name)), "")


def _shown(event: Event) -> dict[str, JSON]:
    return {"name": event.name, "at": event.at, "attributes": dict(event.attributes)}


def _tags(span: Span, attributes: Attributes) -> dict[str, str]:
    """Take what the caller told by names of his own; what cannot be a tag stays an attribute."""
    tags: dict[str, str] = {}
    _add(tags, dialects.SERVICE, span.resource.get(dialects.SERVICE))
    _add(tags, dialects.SPAN_NAME, span.name)
    for name in list(attributes.left):
        prefix = next((each for each in dialects.TAG_PREFIXES if name.startswith(each)), None)
        if prefix is not None and _add(tags, name.removeprefix(prefix), read(attributes.left[name])):
            attributes.drop((name,))
    for name in dialects.TAG_OBJECTS:
        members = read(attributes.left.get(name))
        if isinstance(members, dict) and all(_add(tags, member, value) for member, value in members.items()):
            attributes.drop((name,))
    for name in dialects.TAG_LISTS:
        words = listed(attributes.left.get(name))
        if words and all(_add(tags, word, True) for word in words if isinstance(word, str)):
            attributes.drop((name,))
    return tags


def _add(tags: dict[str, str], name: str, value: JSON) -> bool:
    """Add one tag if it can be one, and say whether it could."""
    text = tag_text(value)
    if not name or not text or len(name) > _LONGEST_NAME or len(text) > _LONGEST_VALUE or len(tags) >= _MOST_TAGS:
        return False
    tags[name] = text
    return True
