"""Logs as a tree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from logwright.logs import tree
from logwright.logs.types import Log
from logwright.testing.factories import START, a_log


def a_step(name: str, at: float = 0.0, **given: Any) -> Log:
    fields = {"id": name, "trace_id": "t", "span_id": f"span of {name}", "latency": 0.5, **given}
    return a_log(requested_at=START + timedelta(seconds=at), **fields)


def outline(*logs: Log) -> list[tuple[int, str]]:
    return [(node.depth, node.log.id) for node in tree.build(logs).nodes]


def test_children_stand_below_their_parents_in_the_order_of_their_beginnings() -> None:
    agent = a_step("agent")
    first, second = a_step("first", 1, parent_id="agent"), a_step("second", 2, parent_id="agent")
    tool = a_step("tool", 1.5, parent_id="first")

    assert outline(agent, first, tool, second) == [(0, "agent"), (1, "first"), (2, "tool"), (1, "second")]


def test_a_parent_is_known_by_its_span_too() -> None:
    agent, call = a_step("agent"), a_step("call", 1, parent_id="span of agent")

    assert outline(agent, call) == [(0, "agent"), (1, "call")]


def test_a_span_of_another_trace_is_no_parent() -> None:
    agent, call = a_step("agent", trace_id="other"), a_step("call", 1, parent_id="span of agent")

    assert outline(agent, call) == [(0, "agent"), (0, "call")]


def test_a_log_whose_parent_is_not_there_is_a_root() -> None:
    assert outline(a_step("call", parent_id="gone")) == [(0, "call")]


@pytest.mark.parametrize(
    "parents",
    [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "c", "b": "a", "c": "b"}, {"a": "b", "b": "c", "c": "b"}],
    ids=["itself", "two", "three", "a tail"],
)
def test_logs_that_name_each_other_are_all_shown_once(parents: dict[str, str]) -> None:
    logs = [a_step(name, number, parent_id=parent) for number, (name, parent) in enumerate(parents.items())]

    assert sorted(name for _, name in outline(*logs)) == sorted(parents)


def test_times_are_told_from_the_beginning_of_the_whole() -> None:
    made = tree.build([a_step("a"), a_step("b", 1.25, latency=None)])

    assert [(node.offset, node.duration) for node in made.nodes] == [(0.0, 0.5), (1.25, None)]
    assert made.started_at == START


def test_a_chain_of_thousands_is_a_tree_too() -> None:
    logs = [a_step(f"s{number}", number, parent_id=f"s{number - 1}") for number in range(3000)]

    assert tree.build(logs).nodes[-1].depth == 2999
