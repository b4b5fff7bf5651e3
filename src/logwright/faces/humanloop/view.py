"""Read a log as Humanloop shows it.

A log has its figures in columns, its words in two bodies in OpenAI's form, and
what has neither in `details`. What a caller of this API told stands in `details`
under its own name, and there stands above what the bodies say; what it cleared
is noted there too, for a body would give it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from logwright.faces.humanloop import bodies
from logwright.logs.types import Log
from logwright.prompts.types import FileType
from logwright.wire.tags import tag_text

JSON = Any

CLEARED: Final = "cleared."
"""Before the name of a field that was cleared, in `details`."""

TAGGED: Final = ("source", "user", "environment")
"""Fields that are tags of their own name as well."""

TOLD: Final = "api"
"""The entry of `details` that says through which API a log was told."""

NAME: Final = "humanloop"

_DETAILS_ALONE: Final = (
    "stdout",
    "provider_request",
    "provider_response",
    "log_status",
    "source_datapoint_id",
    "trace_parent_id",
    "save",
)
_ANSWERED: Final = frozenset({"prompt", "agent"})


class View:
    """One log, read; each field is worked out when it is asked for."""

    def __init__(self, log: Log) -> None:
        self.log = log

    @cached_property
    def details(self) -> Mapping[str, JSON]:
        """What has no column."""
        found = bodies.decoded(self.log.details)
        return found if isinstance(found, dict) else {}

    @cached_property
    def request(self) -> JSON:
        """The request, read."""
        return bodies.decoded(self.log.request)

    @cached_property
    def answer(self) -> JSON:
        """The answer, read."""
        return bodies.decoded(self.log.response)

    @property
    def was_told(self) -> bool:
        """True where a caller of this API made the log: then what it left out is not known."""
        return self.details.get(TOLD) == NAME

    def is_cleared(self, name: str) -> bool:
        """Say whether a field was set to null."""
        return bool(self.details.get(CLEARED + name))

    # ------------------------------------------------------------------ words

    def output_message(self, type_: FileType) -> dict[str, JSON] | None:
        """The message; made of the text where only that was told."""
        if self.is_cleared("output_message"):
            return None
        told: JSON = self.details.get("output_message")
        if told is not None:
            return dict(told)
        found = bodies.message_in(self.log.kind, self.answer)
        if found is None and type_ in _ANSWERED:
            text = self.details.get("output") or bodies.text_in(self.log.kind, self.answer)
            return None if text is None else {"role": "assistant", "content": text}
        if found is not None and self.was_told and found.get("content") is None and "tool_calls" not in found:
            return None
        return None if found is None else shown_message(found)

    @property
    def output(self) -> str | None:
        """The text; that of the message where only a message was told."""
        if self.is_cleared("output"):
            return None
        told = self.details.get("output")
        if isinstance(told, str):
            return told
        message = self.details.get("output_message")
        if isinstance(message, dict):
            return bodies.text_of_message(message)
        return bodies.text_in(self.log.kind, self.answer)

    @property
    def messages(self) -> list[JSON] | None:
        """What the model was sent."""
        if self.is_cleared("messages"):
            return None
        told = self.details.get("messages")
        found = told if isinstance(told, list) else bodies.messages_in(self.log.kind, self.request)
        return None if found is None else [shown_message(message) for message in found]

    @property
    def tool_choice(self) -> JSON:
        """How the model was told to use tools."""
        if self.is_cleared("tool_choice"):
            return None
        asked = self.request.get("tool_choice") if isinstance(self.request, dict) else None
        return self.details.get("tool_choice", asked)

    @property
    def finish_reason(self) -> str | None:
        """Why the model stopped."""
        if self.is_cleared("finish_reason"):
            return None
        told = self.details.get("finish_reason")
        return told if isinstance(told, str) else bodies.finish_reason_in(self.log.kind, self.answer)

    @property
    def inputs(self) -> JSON:
        """What the template was filled with."""
        if self.is_cleared("inputs"):
            return None
        asked = self.request.get("inputs") if isinstance(self.request, dict) else None
        found = self.details.get("inputs", asked)
        return found if isinstance(found, dict) else None

    # ------------------------------------------------------------------ times

    @property
    def start_time(self) -> datetime | None:
        """When the call began."""
        return self._moment("start_time", None if self.was_told else self.log.requested_at)

    @property
    def end_time(self) -> datetime | None:
        """When it ended."""
        ended = self.log.received_at
        if ended is None and self.log.latency is not None:
            ended = self.log.requested_at + timedelta(seconds=self.log.latency)
        return self._moment("end_time", None if self.was_told else ended)

    @property
    def created_at(self) -> datetime | None:
        """When the log was made, by the caller's word."""
        return self._moment("created_at", self.log.requested_at)

    @property
    def provider_latency(self) -> float | None:
        """Seconds."""
        if self.is_cleared("provider_latency"):
            return None
        told = self.details.get("provider_latency")
        return told if isinstance(told, int | float) else self.log.latency

    def _moment(self, name: str, otherwise: datetime | None) -> datetime | None:
        if self.is_cleared(name):
            return None
        told = self.details.get(name)
        return datetime.fromisoformat(told) if isinstance(told, str) else otherwise

    # ------------------------------------------------------------------ tags

    @cached_property
    def metadata(self) -> dict[str, JSON] | None:
        """What was told, as the tags have it by now: other APIs change those."""
        told = self.details.get("metadata")
        before = told if isinstance(told, dict) else {}
        tags = self.log.tags
        found: dict[str, JSON] = {}
        for name, value in before.items():
            text = tag_text(value)
            if not text:  # a list, an object, null or the empty text never was a tag
                found[name] = value
            elif name in tags:
                found[name] = value if tags[name] == text else tags[name]
        own = {name for name in TAGGED if name not in before and name in self.details}
        found.update({name: value for name, value in tags.items() if name not in before and name not in own})
        return found if found or told is not None else None

    def tagged(self, name: str) -> str | None:
        """Return the source, user or environment: the tag, where there is one of the field's own."""
        told = self.details.get(name)
        before = self.details.get("metadata")
        if not isinstance(told, str) or (isinstance(before, dict) and name in before):
            return told if isinstance(told, str) else None
        return self.log.tags.get(name)

    # ------------------------------------------------------------------ all of it

    def fields(self, type_: FileType) -> dict[str, JSON]:
        """Return the fields of a log's answer, but for its file and the logs around it."""
        log = self.log
        shown: dict[str, JSON] = {
            "id": log.id,
            "start_time": written(self.start_time),
            "end_time": written(self.end_time),
            "output": self.output,
            "output_message": self.output_message(type_),
            "created_at": written(self.created_at),
            "error": log.error_message or None,
            "provider_latency": self.provider_latency,
            "inputs": self.inputs,
            "metadata": self.metadata,
            **{name: self.tagged(name) for name in TAGGED},
            **{name: self.details.get(name) for name in _DETAILS_ALONE},
            "log_id": log.id,
            "trace_id": log.trace_id or None,
            "trace_flow_id": self.details.get("trace_flow_id"),
            "batches": [],
            "trace_children": None,
            "evaluator_logs": [],
        }
        if type_ in {"prompt", "agent", "flow"}:
            shown["messages"] = self.messages
        if type_ in _ANSWERED:
            shown |= {
                "prompt_tokens": log.input_tokens,
                "reasoning_tokens": log.reasoning_tokens,
                "output_tokens": log.output_tokens,
                "prompt_cost": log.input_cost,
                "output_cost": log.output_cost,
                "finish_reason": self.finish_reason,
                "tool_choice": self.tool_choice,
            }
        if type_ == "evaluator":
            shown |= {
                "parent_id": log.parent_id or None,
                "judgment": self.details.get("judgment"),
                "marked_completed": self.details.get("marked_completed"),
            }
        return shown


def shown_message(message: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return a message without the nulls that a provider's answer is full of."""
    kept = {name: value for name, value in message.items() if value is not None}
    kept.setdefault("content", None)
    return kept


def written(moment: datetime | None) -> str | None:
    """Write a moment as JSON has it."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def tags_of(fields: Mapping[str, JSON]) -> dict[str, str]:
    """Return the tags that metadata, source, user and environment make; metadata stands above the others."""
    tags = {name: fields[name] for name in TAGGED if isinstance(fields.get(name), str) and fields[name]}
    metadata = fields.get("metadata")
    for name, value in metadata.items() if isinstance(metadata, dict) else ():
        text = tag_text(value)
        if text and name:
            tags[name] = text
    return tags
