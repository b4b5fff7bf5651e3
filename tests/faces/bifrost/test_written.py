"""Whatever was recorded can be written again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logwright.faces.bifrost.written import written


@pytest.mark.parametrize("value", [{"a": "ü漢"}, [1.5, None, True], {"lone": "\ud800"}, {"large": 10**30}, "\0"])
def test_it_reads_back_as_it_was(value: Any) -> None:
    assert json.loads(written(value)) == value
