"""Finds the formats: every module of this folder that has a `reader`. There is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

import logwright.logs.imports as folder
from logwright.logs.imports.base import Format


@cache
def formats() -> Mapping[str, Format]:
    """Return every format by its name, in alphabetical order."""
    found: dict[str, Format] = {}
    for entry in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{folder.__name__}.{entry.name}")
        one = getattr(module, "reader", None)
        if one is not None:
            made = cast("Format", one)
            found[made.card.name] = made
    return MappingProxyType(dict(sorted(found.items())))
