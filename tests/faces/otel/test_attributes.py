"""What is taken of a span's attributes, and what is left."""

from __future__ import annotations

from logwright.faces.otel.attributes import Attributes, listed, read


def test_the_first_name_counts_and_what_says_the_same_goes_with_it() -> None:
    attributes = Attributes({"new": "gpt-4o", "old": "gpt-4o", "other": "gpt-3"})

    assert attributes.first(("new", "old", "other")) == "gpt-4o"
    assert attributes.left == {"other": "gpt-3"}


def test_an_empty_value_is_none() -> None:
    assert Attributes({"a": "", "b": "x"}).first(("a", "b")) == "x"


def test_a_dialect_that_writes_everything_as_json_is_read_so() -> None:
    assert Attributes({"mlflow.llm.model": '"gpt-4o"'}).text(("mlflow.llm.model",)) == "gpt-4o"


def test_numbered_names_are_a_list_of_what_they_spell() -> None:
    attributes = Attributes(
        {
            "p.10.role": "user",
            "p.2.role": "system",
            "p.2.calls.0.name": "a",
            "p.2.calls.1.name": "b",
            "p.name": "kept",
            "q.0": "kept",
        }
    )

    assert attributes.numbered("p") == [
        {"role": "system", "calls": [{"name": "a"}, {"name": "b"}]},
        {"role": "user"},
    ]
    assert attributes.left == {"p.name": "kept", "q.0": "kept"}


def test_a_name_that_is_both_a_value_and_a_branch_keeps_both() -> None:
    assert Attributes({"p.0": "text", "p.0.role": "user"}).numbered("p") == [{"": "text", "role": "user"}]


def test_text_that_only_looks_like_json_stays_text() -> None:
    assert read("[draft] hello") == "[draft] hello"
    assert read('{"a": 1}') == {"a": 1}
    assert read("12") == "12"
    assert listed(None) == []
    assert listed('["a"]') == ["a"]
