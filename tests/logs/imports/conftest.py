"""A plain way to let a format read objects."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from logwright.logs.imports.base import Format, ImportedLog, Item, LineError

Reading = Callable[..., list[ImportedLog]]


def items(*values: Any) -> list[Item]:
    """Number objects (written as JSON) or texts (as they are)."""
    return [
        Item(number, value if isinstance(value, bytes) else json.dumps(value).encode())
        for number, value in enumerate(values, start=1)
    ]


@pytest.fixture
def read() -> Reading:
    """Return a function that reads objects, all of which must be logs."""

    def reading(reader: Format, *values: Any) -> list[ImportedLog]:
        found = [each.found for each in reader.read(items(*values))]
        logs = [each for each in found if isinstance(each, ImportedLog)]
        assert len(logs) == len(found), found
        return logs

    return reading


@pytest.fixture
def refusals() -> Callable[..., list[tuple[int, str, str]]]:
    """Return a function that reads objects and gives number, message and path of what is wrong with them."""

    def reading(reader: Format, *values: Any) -> list[tuple[int, str, str]]:
        return [
            (each.number, each.found.message, each.found.path)
            for each in reader.read(items(*values))
            if isinstance(each.found, LineError)
        ]

    return reading
