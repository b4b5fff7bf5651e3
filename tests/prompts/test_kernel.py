"""What makes a version."""

from __future__ import annotations

import re

import pytest

from logwright.prompts import kernel


def test_equal_kernels_are_one_version_in_any_order_of_keys() -> None:
    one = {"model": "gpt-4o", "temperature": 1, "other": {"a": 1, "b": [2.0]}}
    same = {"other": {"b": [2], "a": 1.0}, "temperature": 1.0, "model": "gpt-4o"}

    assert kernel.version_id("prompt", "pr_1", one) == kernel.version_id("prompt", "pr_1", same)


@pytest.mark.parametrize(
    "other",
    [{"model": "gpt-4o", "seed": 1}, {"model": "gpt-4o-mini"}, {"model": "gpt-4o", "stop": ["a"]}],
)
def test_another_kernel_is_another_version(other: dict[str, object]) -> None:
    assert kernel.version_id("prompt", "pr_1", other) != kernel.version_id("prompt", "pr_1", {"model": "gpt-4o"})


def test_the_same_kernel_in_another_file_is_another_version() -> None:
    assert kernel.version_id("prompt", "pr_1", {}) != kernel.version_id("prompt", "pr_2", {})


def test_null_is_absent_and_unknown_fields_describe_nothing() -> None:
    given = {"model": "m", "temperature": None, "verbosity": "high", "path": "a"}

    assert kernel.canonical("prompt", given) == {"model": "m"}
    assert kernel.canonical("agent", {**given, "max_iterations": 3}) == {"model": "m", "max_iterations": 3}
    assert kernel.canonical("flow", {"attributes": {"a": None}}) == {"attributes": {"a": None}}


def test_ids_say_of_what_they_are() -> None:
    assert re.fullmatch(r"ag_[A-Za-z0-9]{21}", kernel.new_file_id("agent"))
    assert re.fullmatch(r"agv_[0-9a-f]{21}", kernel.version_id("agent", "ag_1", {}))
    assert kernel.new_file_id("prompt") != kernel.new_file_id("prompt")
    assert kernel.environment_id("p", "production") != kernel.environment_id("q", "production")


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("Dear {{name}}, {{ greeting }}! {{name}}", ["name", "greeting"]),
        ([{"role": "user", "content": [{"type": "text", "text": "{{a.b}} {{- c -}}"}]}], ["a.b", "c"]),
        ([{"role": "user", "content": None}], []),
        (None, []),
        ("{ {no} } {{1}}", []),
    ],
)
def test_the_inputs_are_the_names_in_double_braces(template: object, names: list[str]) -> None:
    assert kernel.variables({"template": template}) == names
