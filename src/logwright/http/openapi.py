"""The OpenAPI document: what the routes say of themselves, and the gateway's calls, which bypass the framework."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.utils import get_openapi

if TYPE_CHECKING:
    from fastapi import FastAPI

TITLE: Final = "Logwright"
DESCRIPTION: Final = (
    "The open, self-hosted LLM data flywheel. A key is accepted as `Authorization: Bearer`, as `X-API-KEY`, "
    "as `api-key` and as the password of Basic."
)
HOT_PATH: Final = "x-logwright-hot-path"
"""Marks the operations that the gateway answers itself, without this application."""

_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A project's key, or the admin key."},
    "x-api-key": {"type": "apiKey", "in": "header", "name": "X-API-KEY"},
    "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
    "basic": {"type": "http", "scheme": "basic", "description": "A key as the password, under any name."},
}
_SECURITY: Final[list[dict[str, list[str]]]] = [{name: []} for name in _SCHEMES]

_ERROR: Final = {
    "type": "object",
    "description": "What went wrong, in the forms that OpenPipe's and OpenAI's clients read.",
    "required": ["message", "code", "error"],
    "properties": {
        "message": {"type": "string"},
        "code": {"type": "string"},
        "issues": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message"],
                "properties": {"message": {"type": "string", "description": "Names the JSON path of what is wrong."}},
            },
        },
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        },
    },
}
_ERROR_ANSWER: Final = {
    "description": "The request was refused or failed.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}

_JSON: Final = "application/json"
_TEXT: Final = "text/plain"
_CALLS: Final = (
    ("chat/completions", "createChatCompletion", "Call a chat model, in OpenAI's form", ["model", "messages"]),
    ("completions", "createCompletion", "Call a text model, in OpenAI's form", ["model", "prompt"]),
    ("embeddings", "createEmbedding", "Embed texts, in OpenAI's form", ["model", "input"]),
    ("responses", "createResponse", "Call a model through OpenAI's Responses API", ["model"]),
    ("messages", "createMessage", "Call a model in Anthropic's Messages form", ["model", "messages", "max_tokens"]),
    ("messages/count_tokens", "countTokens", "Count tokens, in Anthropic's form", ["model", "messages"]),
)
_FORM: Final = "multipart/form-data"
_MEDIA_CALLS: Final = (
    ("audio/speech", "createSpeech", "Make speech of a text", ["model", "input", "voice"], (_JSON,), ("audio/*",)),
    ("audio/transcriptions", "createTranscription", "Write down what is said", ["model", "file"], (_FORM,), (_TEXT,)),
    ("audio/translations", "createTranslation", "Write it down in English", ["model", "file"], (_FORM,), (_TEXT,)),
    ("images/generations", "createImage", "Make pictures", ["model", "prompt"], (_JSON,), ()),
    ("images/edits", "createImageEdit", "Change pictures", ["model", "prompt"], (_FORM, _JSON), ()),
    ("images/variations", "createImageVariation", "Vary a picture", ["model", "image"], (_FORM,), ()),
)
"""Calls with sound and pictures: what a request may be, and what an answer may be beside JSON and events."""

_PREFIXES: Final = (("/api/v1", ""), ("/v1", "V1"))


def install(app: FastAPI, *, public: Collection[str], entrances: Collection[str]) -> None:
    """Make `app` serve the whole document; a GET of `public` and a POST to `entrances` are marked as needing no key."""
    made: dict[str, Any] = {}

    def document() -> dict[str, Any]:
        if not made:
            made.update(_document(app, {*((path, "get") for path in public), *((path, "post") for path in entrances)}))
        return made

    app.openapi = document  # type: ignore[method-assign] # the way that FastAPI's manual gives


def _document(app: FastAPI, public: Collection[tuple[str, str]]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": "/"}],
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components.setdefault("schemas", {})["Error"] = _ERROR
    document["security"] = _SECURITY
    paths = document["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            _correct(operation, public=(path, method) in public)
    for name, operation_id, summary, required in _CALLS:
        for prefix, suffix in _PREFIXES:
            paths.setdefault(f"{prefix}/{name}", {})["post"] = _call(operation_id + suffix, summary, required)
    for name, operation_id, summary, required, sent, answered in _MEDIA_CALLS:
        for prefix, suffix in _PREFIXES:
            call = _call(operation_id + suffix, f"{summary}, in OpenAI's form", required, sent=sent, answered=answered)
            paths.setdefault(f"{prefix}/{name}", {})["post"] = call
    return document


def _correct(operation: dict[str, Any], *, public: bool) -> None:
    """State how an operation authenticates and fails; what FastAPI assumes of both is not what we do."""
    if public:
        operation["security"] = []
    else:
        operation.pop("security", None)
    answers = operation["responses"]
    # FastAPI announces its own shape of validation errors under 422; ours are 400 and `Error`.
    answers.pop("422", None)
    answers.setdefault("default", _ERROR_ANSWER)


def _call(
    operation_id: str,
    summary: str,
    required: list[str],
    *,
    sent: Sequence[str] = (_JSON,),
    answered: Sequence[str] = (),
) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": required,
        "properties": {"model": {"type": "string"}, "stream": {"type": "boolean"}},
        "additionalProperties": True,
    }
    described = {"type": "string"}
    return {
        "operationId": operation_id,
        "summary": summary,
        "description": "Passed on to the provider that the model's name means, recorded, and answered as it answers; "
        "fields that are not listed are kept.",
        "tags": ["gateway"],
        HOT_PATH: True,
        "parameters": [
            {
                "name": "op-log-request",
                "in": "header",
                "description": "`false`: do not record this call.",
                "schema": {"type": "string", "enum": ["true", "false"]},
            },
            {
                "name": "op-tags",
                "in": "header",
                "description": "A JSON object of tags for the log.",
                "schema": described,
            },
            {
                "name": "x-session-id",
                "in": "header",
                "description": "The session that the call belongs to; `metadata.session_id` does the same.",
                "schema": {"type": "string", "maxLength": 256},
            },
            {
                "name": "traceparent",
                "in": "header",
                "description": "W3C Trace Context: the trace of the call and the span that makes it.",
                "schema": described,
            },
        ],
        "requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in sent}},
        "responses": {
            "200": {
                "description": "The provider's answer.",
                "headers": {
                    "x-logwright-log-id": {"description": "The id of the call's log.", "schema": described},
                    "x-request-id": {"description": "The id of this request.", "schema": described},
                },
                "content": {
                    "application/json": {"schema": {"type": "object"}},
                    "text/event-stream": {"schema": described},
                    **{kind: {"schema": described} for kind in answered},
                },
            },
            "default": _ERROR_ANSWER,
        },
    }
