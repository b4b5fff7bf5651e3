"""The bodies that OpenPipe's log API takes, kept by hand after its published OpenAPI document (version 0.1.1).

Where Anthropic has since added kinds of content, sources and reasons to stop
(its Messages reference, November 2026), they are taken too: the published list
would refuse what today's models answer.
"""

from __future__ import annotations

from typing import Final

from logwright.faces.openpipe.shape import (
    Anything,
    Each,
    Either,
    Fields,
    Kinds,
    Names,
    Nothing,
    Number,
    Shape,
    Text,
    Truth,
)

_LAST_MILLISECOND: Final = 9_999_999_999_999  # in the year 2286; a later one is microseconds by mistake

_MOMENT: Final = Number(
    lenient=True, at_least=0, at_most=_LAST_MILLISECOND, description="Milliseconds since 1970-01-01 UTC."
)
_TAG: Final = Either(Text(), Number(), Truth(), Nothing())
_TAGS: Final = Names(_TAG, "Deprecated: put tags into reqPayload.metadata.")

_ENVELOPE: Final[dict[str, Shape]] = {
    "requestedAt": _MOMENT,
    "receivedAt": _MOMENT,
    "statusCode": Number(lenient=True, at_least=0, at_most=999, description="The HTTP status of the answer."),
    "errorMessage": Text(description="What went wrong, for a person."),
    "tags": _TAGS,
}

REPORT: Final = Fields(
    null_is_absent=True,
    optional={
        **_ENVELOPE,
        "reqPayload": Anything("The request, any JSON value; its `metadata` becomes tags."),
        "respPayload": Anything("The answer, any JSON value."),
    },
)

# ------------------------------------------------------------------ tags of logs that are there

_FILTERS: Final = Each(
    Fields(
        required={
            "field": Text(description="`model`, `completionId` or `metadata.NAME`; all filters must hold."),
            "equals": Either(Text(), Number(), Truth()),
        }
    )
)
UPDATE_METADATA: Final = Fields(
    required={
        "filters": _FILTERS,
        "metadata": Names(Either(Text(), Nothing()), "A text sets the tag, null deletes it; others stay."),
    }
)
UPDATE_TAGS: Final = Fields(required={"filters": _FILTERS, "tags": Names(_TAG, "As `metadata`.")})

# ------------------------------------------------------------------ Anthropic's messages

_NULLABLE_TEXT: Final = Either(Text(), Nothing())
_NULLABLE_NUMBER: Final = Either(Number(), Nothing())
_CACHE_CONTROL: Final = Either(Kinds({"ephemeral": Fields(optional={"ttl": Text()})}), Nothing())
_CITED: Final[dict[str, Shape]] = {"cited_text": Text(), "document_index": Number(), "document_title": _NULLABLE_TEXT}


def _location(unit: str) -> Fields:
    # A citation in an answer names its file as well (file_id), which the published shape lacks.
    ends: dict[str, Shape] = {f"start_{unit}": Number(), f"end_{unit}": Number()}
    return Fields(required={**_CITED, **ends}, optional={"file_id": _NULLABLE_TEXT})


_CITATION: Final = Kinds(
    {
        "char_location": _location("char_index"),
        "page_location": _location("page_number"),
        "content_block_location": _location("block_index"),
        "web_search_result_location": Fields(open_ended=True),
        "search_result_location": Fields(open_ended=True),
    }
)
_CITATIONS: Final = Either(Each(_CITATION), Nothing())
_TEXT_BLOCK: Final = Fields(
    required={"text": Text()}, optional={"cache_control": _CACHE_CONTROL, "citations": _CITATIONS}
)
_FILE_SOURCES: Final[dict[str, Fields]] = {
    "url": Fields(required={"url": Text()}),
    "file": Fields(required={"file_id": Text()}),
}
_IMAGE_BLOCK: Final = Fields(
    required={
        "source": Kinds(
            {
                "base64": Fields(
                    required={
                        "data": Text(),
                        "media_type": Text(("image/jpeg", "image/png", "image/gif", "image/webp")),
                    }
                ),
                **_FILE_SOURCES,
            }
        )
    },
    optional={"cache_control": _CACHE_CONTROL},
)
_NESTED_CONTENT: Final = Either(Text(), Each(Kinds({"text": _TEXT_BLOCK, "image": _IMAGE_BLOCK})))
_DOCUMENT_BLOCK: Final = Fields(
    required={
        "source": Kinds(
            {
                "base64": Fields(required={"data": Text(), "media_type": Text(("application/pdf",))}),
                "text": Fields(required={"data": Text(), "media_type": Text(("text/plain",))}),
                "content": Fields(required={"content": _NESTED_CONTENT}),
                **_FILE_SOURCES,
            }
        )
    },
    optional={
        "cache_control": _CACHE_CONTROL,
        "citations": Either(Fields(optional={"enabled": Truth()}), Nothing()),
        "context": _NULLABLE_TEXT,
        "title": _NULLABLE_TEXT,
    },
)
_SEARCH_RESULT: Final = Fields(open_ended=True)
_THINKING: Final[dict[str, Fields]] = {
    "thinking": Fields(required={"thinking": Text(), "signature": Text()}),
    "redacted_thinking": Fields(required={"data": Text()}),
}
_SERVER_TOOLS: Final = {
    # Tools that run at Anthropic, and blocks of theirs that came after the published document; kept as they are.
    name: Fields(open_ended=True)
    for name in (
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
        "mcp_tool_use",
        "mcp_tool_result",
        "container_upload",
    )
}
_CONTENT_BLOCK: Final = Kinds(
    {
        "text": _TEXT_BLOCK,
        "image": _IMAGE_BLOCK,
        "tool_use": Fields(
            required={"id": Text(), "name": Text()}, optional={"input": Anything(), "cache_control": _CACHE_CONTROL}
        ),
        "tool_result": Fields(
            required={"tool_use_id": Text()},
            optional={
                "content": Either(
                    Text(),
                    Each(
                        Kinds(
                            {
                                "text": _TEXT_BLOCK,
                                "image": _IMAGE_BLOCK,
                                "document": _DOCUMENT_BLOCK,
                                "search_result": _SEARCH_RESULT,
                            }
                        )
                    ),
                ),
                "is_error": Truth(),
                "cache_control": _CACHE_CONTROL,
            },
        ),
        "document": _DOCUMENT_BLOCK,
        "search_result": _SEARCH_RESULT,
        **_THINKING,
        **_SERVER_TOOLS,
    }
)
_PARALLEL: Final[dict[str, Shape]] = {"disable_parallel_tool_use": Truth()}
_TOOL: Final = Fields(
    required={"name": Text(), "input_schema": Fields(required={"type": Text(("object",))}, open_ended=True)},
    optional={"description": Text(), "cache_control": _CACHE_CONTROL},
)
_MESSAGES_REQUEST: Final = Fields(
    required={
        "max_tokens": Number(),
        "messages": Each(
            Fields(required={"content": Either(Text(), Each(_CONTENT_BLOCK)), "role": Text(("user", "assistant"))})
        ),
        "model": Text(),
    },
    optional={
        "metadata": Fields(optional={"user_id": _NULLABLE_TEXT}),
        "stop_sequences": Each(Text()),
        "stream": Truth(),
        "system": Either(Text(), Each(Kinds({"text": _TEXT_BLOCK}))),
        "temperature": Number(),
        "top_k": Number(),
        "top_p": Number(),
        "thinking": Kinds(
            {
                "enabled": Fields(required={"budget_tokens": Number()}),
                "disabled": Fields(),
                "adaptive": Fields(open_ended=True),
            }
        ),
        "tool_choice": Kinds(
            {
                "auto": Fields(optional=_PARALLEL),
                "any": Fields(optional=_PARALLEL),
                "tool": Fields(required={"name": Text()}, optional=_PARALLEL),
                "none": Fields(),
            }
        ),
        # The caller's own tools have a schema of their input; Anthropic's have a `type` with a date in its name.
        "tools": Each(Kinds({"custom": _TOOL}, default=_TOOL, others=Fields(open_ended=True))),
    },
    open_ended=True,
)
_MESSAGE: Final = Fields(
    required={
        "id": Text(),
        "content": Each(
            Kinds(
                {
                    "text": Fields(required={"text": Text()}, optional={"citations": _CITATIONS}),
                    "tool_use": Fields(required={"id": Text(), "name": Text()}, optional={"input": Anything()}),
                    **_THINKING,
                    **_SERVER_TOOLS,
                }
            )
        ),
        "model": Text(),
        "role": Text(("assistant",)),
        "stop_reason": Either(
            Text(
                (
                    "end_turn",
                    "max_tokens",
                    "stop_sequence",
                    "tool_use",
                    "pause_turn",
                    "refusal",
                    "model_context_window_exceeded",
                )
            ),
            Nothing(),
        ),
        "stop_sequence": _NULLABLE_TEXT,
        "type": Text(("message",)),
        "usage": Fields(
            required={
                "input_tokens": Number(),
                "output_tokens": Number(),
                "cache_creation_input_tokens": _NULLABLE_NUMBER,
                "cache_read_input_tokens": _NULLABLE_NUMBER,
            }
        ),
    }
)

REPORT_ANTHROPIC: Final = Fields(
    null_is_absent=True,
    optional={
        **_ENVELOPE,
        "reqPayload": _MESSAGES_REQUEST,
        "respPayload": _MESSAGE,
        "metadata": Names(Text(), "Tags of the log."),
    },
)
