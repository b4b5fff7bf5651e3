"""Both ends of the client library over real sockets: a provider that it calls, and a door that it reports to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.sdk.options import Destination
from logwright.testing.report_door import ReportDoor
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream


@pytest.fixture
def door() -> Iterator[ReportDoor]:
    with ReportDoor() as door:
        yield door


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One real server for all; each test keeps to logs with a tag of its own."""
    with FakeUpstream() as upstream, Server(upstream=upstream) as server:
        yield server


@pytest.fixture
def target(door: ReportDoor, tmp_path: Path) -> Destination:
    return Destination(base_url=door.url, api_key="lwk_test", spool=tmp_path / "spool", flush_seconds=1.0)
