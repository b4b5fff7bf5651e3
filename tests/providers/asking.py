"""Asking a provider of OpenAI's form, without sending anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from logwright.errors import InvalidRequest
from logwright.gateway.request import Call

if TYPE_CHECKING:
    from logwright.providers.base import Provider


@dataclass(frozen=True)
class Called:
    """A target."""

    model: str = "a-model"
    base_url: str = "https://models.example/v1"
    api_version: str = ""


A_CALLEE: Final = Called()


def sent(provider: Provider, **fields: Any) -> dict[str, Any]:
    """Return what goes on to the provider beside model and messages, but for token counts asked for by us."""
    call = Call("chat_completion", json.dumps({"model": "a-model", "messages": [], **fields}).encode())
    body: dict[str, Any] = json.loads(call.for_upstream(provider, "a-model"))
    assert body.pop("model") == "a-model"
    assert body.pop("messages") == []
    return body


def refused(provider: Provider, **fields: Any) -> str | None:
    """Return the field by which a request is refused; None when it is not."""
    try:
        sent(provider, **fields)
    except InvalidRequest as error:
        return error.param
    return None
