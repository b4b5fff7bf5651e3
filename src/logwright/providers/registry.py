"""Finds the providers: every module of this folder that has a `provider`. There is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

import logwright.providers as folder
from logwright.providers.base import Provider


@cache
def providers() -> Mapping[str, Provider]:
    """Return every provider by its kind, in alphabetical order."""
    found: dict[str, Provider] = {}
    for entry in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{folder.__name__}.{entry.name}")
        provider = getattr(module, "provider", None)
        if provider is not None:
            found[provider.card.kind] = cast("Provider", provider)
    return MappingProxyType(dict(sorted(found.items())))
