"""Cursors are opaque, belong to one order, and nothing else passes for one."""

from __future__ import annotations

import base64
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.errors import InvalidRequest
from logwright.logs.normalise import normalise
from logwright.logs.store import cursors
from logwright.logs.store.client import summary_of
from logwright.logs.types import Order
from logwright.models.prices import Pricer
from logwright.testing.store import a_record

LAST = summary_of(normalise(a_record(id="log-'1'"), Pricer()))


@pytest.mark.parametrize("key", ["time", "latency", "tokens", "cost"])
@pytest.mark.parametrize("direction", ["desc", "asc"])
def test_a_place_becomes_a_condition_whose_values_are_bound(key: str, direction: str) -> None:
    order = Order(key=key, direction=direction)  # type: ignore[arg-type]  # the parameters above are such
    condition, parameters = cursors.beyond(order, cursors.after(order, LAST))
    assert "'1'" not in condition
    assert parameters["after_id"] == "log-'1'"


def test_behind_missing_values_there_are_only_missing_values() -> None:
    order = Order(key="cost")
    condition, _ = cursors.beyond(order, cursors.after(order, replace(LAST, cost=None)))
    assert condition.startswith("cost IS NULL AND")


@given(st.one_of(st.text(), st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode())))
def test_what_is_no_cursor_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        cursors.beyond(Order(), text)
    assert refused.value.param == "after"


def test_a_cursor_of_another_order_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="in this order"):
        cursors.beyond(Order(key="cost"), cursors.after(Order(), LAST))


def test_a_cursor_whose_value_is_no_number_is_refused() -> None:
    forged = base64.urlsafe_b64encode(msgspec.msgpack.encode(["time", "desc", "1; DROP", "x"])).decode()
    with pytest.raises(InvalidRequest):
        cursors.beyond(Order(), forged)
