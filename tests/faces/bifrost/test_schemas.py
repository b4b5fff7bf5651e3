"""The document says what the API answers; `conftest.Room` holds every answer of these tests against it."""

from __future__ import annotations

import jsonschema_rs
import pytest

from logwright.faces.bifrost import schemas
from logwright.faces.bifrost.log import shown
from logwright.testing.factories import a_log

PAGE = {"limit": 1, "offset": 0, "sort_by": "cost", "order": "asc"}
FIVE = {"total_requests": 1, "success_rate": 100.0, "average_latency": 0, "total_tokens": 0, "total_cost": 0.5}


def test_a_whole_answer_fits() -> None:
    jsonschema_rs.validate(schemas.SEARCH, {"logs": [shown(a_log(), {})], "pagination": PAGE, "stats": FIVE})


@pytest.mark.parametrize("missing", ["logs", "pagination", "stats"])
def test_an_answer_without_a_part_does_not(missing: str) -> None:
    answer = {"logs": [], "pagination": PAGE, "stats": FIVE}
    del answer[missing]
    assert not jsonschema_rs.is_valid(schemas.SEARCH, answer)


def test_a_figure_is_never_null() -> None:
    assert not jsonschema_rs.is_valid(schemas.STATS, {**FIVE, "average_latency": None})


@pytest.mark.parametrize("name", ["id", "timestamp", "object", "provider", "model", "status", "stream", "created_at"])
def test_a_log_has_the_fields_that_clients_count_on(name: str) -> None:
    log = shown(a_log(), {})
    del log[name]
    assert not jsonschema_rs.is_valid(schemas.LOG, log)
