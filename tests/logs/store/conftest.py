"""A ClickHouse server for the tests of this room, and an engine of either kind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from logwright.logs.store.address import parse_address
from logwright.logs.store.clickhouse import ClickHouseEngine
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.engine import Engine
from logwright.testing.clickhouse import ClickHouseServer

_numbers: Final = itertools.count(1)


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    """Return a server that stays up for all tests."""
    with ClickHouseServer(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture
def store_url(clickhouse: ClickHouseServer) -> str:
    """Return the address of a database of its own on that server."""
    return clickhouse.url(f"test_{next(_numbers)}")


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
