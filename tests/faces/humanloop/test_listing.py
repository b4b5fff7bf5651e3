"""What a list asks the store for, and what stands around a log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.faces.humanloop.conftest import Client

from logwright.faces.humanloop.listing import Wanted
from logwright.logs.types import Clause


def test_a_list_is_a_query() -> None:
    wanted = Wanted("pr_1", ids=["a", "b"], in_trace=[False], end_date=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))

    assert wanted.query().clauses == (
        Clause(field="prompt", operator="=", values=("pr_1",)),
        Clause(field="id", operator="~", values=("a", "b")),
        Clause(field="time", operator="<", values=(1_000_000.0,)),
        Clause(field="trace", operator="missing"),
    )


@pytest.mark.timeout(30)
def test_steps_that_are_their_own_ancestors_have_an_end(client: Client) -> None:
    client("POST", "/flows/log", json={"path": "f", "log_id": "a", "trace_parent_id": "b"})
    client("POST", "/flows/log", json={"path": "f", "log_id": "b", "trace_parent_id": "a"})
    file_id = client("GET", "/logs/a")["flow"]["id"]

    records = client("GET", f"/logs?file_id={file_id}&include_trace_children=true")["records"]
    assert {record["id"] for record in records} == {"a", "b"}
