"""Finds the providers: every module of this folder that has a `provider`, and those that other packages offer.

There is no list to edit. A package offers one by an entry point of the group
`logwright.providers` that leads to it; what we have ourselves it cannot replace.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Final, cast

import logwright.providers as folder
from logwright.errors import Misconfigured
from logwright.providers.base import Provider

GROUP: Final = "logwright.providers"


@cache
def providers() -> Mapping[str, Provider]:
    """Return every provider by its kind, in alphabetical order.

    Raises:
        Misconfigured: what another package offers cannot be loaded.
    """
    found: dict[str, Provider] = {}
    for provider in (*_ours(), *_others()):
        found.setdefault(provider.card.kind, provider)
    return MappingProxyType(dict(sorted(found.items())))


def _ours() -> Iterator[Provider]:
    for entry in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{folder.__name__}.{entry.name}")
        provider = getattr(module, "provider", None)
        if provider is not None:
            yield cast("Provider", provider)


def _others() -> Iterator[Provider]:
    for entry in entry_points(group=GROUP):
        try:
            provider = cast("Provider", entry.load())
            provider.card.kind  # noqa: B018 - what has none is no provider
        # Broad because it is somebody else's module: whatever it raises, it is the installation that must change.
        except Exception as error:
            raise Misconfigured(
                f"The provider {entry.name} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}; "
                "change or uninstall the package that offers it"
            ) from error
        yield provider
