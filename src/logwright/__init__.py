"""Logwright: the open, self-hosted LLM data flywheel.

The door of the package. Importing it touches no network, no disk and nothing
heavy: the client classes load when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["AsyncClient", "AsyncOpenAI", "Client", "OpenAI", "__version__"]

if TYPE_CHECKING:
    from logwright.sdk import AsyncClient, AsyncOpenAI, Client, OpenAI


def __getattr__(name: str) -> Any:
    """Load a client class on first use, so that `import logwright` stays light (PEP 562)."""
    if name in __all__:
        from logwright import sdk

        return getattr(sdk, name)
    raise AttributeError(f"module 'logwright' has no attribute {name!r}")
