"""The client library: a recording drop-in for the OpenAI client, and a client for the logs.

`OpenAI` and `AsyncOpenAI` need the `openai` package and load it when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from logwright.errors import MissingExtra

__all__ = ["AsyncClient", "AsyncOpenAI", "Client", "OpenAI"]

if TYPE_CHECKING:
    from logwright.sdk.async_client import AsyncClient
    from logwright.sdk.client import Client
    from logwright.sdk.drop_in import AsyncOpenAI, OpenAI

_HOMES: Final = {
    "AsyncClient": "logwright.sdk.async_client",
    "AsyncOpenAI": "logwright.sdk.drop_in",
    "Client": "logwright.sdk.client",
    "OpenAI": "logwright.sdk.drop_in",
}


def __getattr__(name: str) -> Any:
    """Load a class on first use (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'logwright.sdk' has no attribute {name!r}")
    try:
        module = import_module(home)
    except ModuleNotFoundError as error:
        if error.name != "openai":
            raise
        raise MissingExtra(
            f"logwright.{name} stands on the openai package. Install it with: pip install 'logwright[openai]'"
        ) from error
    return getattr(module, name)
