"""An engine of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.logs.store.address import parse_address
from logwright.logs.store.clickhouse import ClickHouseEngine
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.engine import Engine


@pytest.fixture(params=["embedded", "clickhouse"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return an empty engine, once of each kind."""
    opened: Engine
    if request.param == "embedded":
        opened = EmbeddedEngine(tmp_path / "engine", sessions=2)
    else:
        opened = ClickHouseEngine(parse_address(request.getfixturevalue("store_url")), machine="m1")
    yield opened
    opened.close()
