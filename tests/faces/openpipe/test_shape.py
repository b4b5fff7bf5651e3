"""The checks behind OpenPipe's bodies: what they drop, accept and name."""

from __future__ import annotations

import pytest

from logwright.errors import InvalidRequest
from logwright.faces.openpipe.shape import (
    Anything,
    Each,
    Either,
    Fields,
    Kinds,
    Names,
    Nothing,
    Number,
    Shape,
    Text,
    Truth,
    read,
)

POINT = Fields(required={"x": Number()}, optional={"label": Text()})
BLOCK = Kinds({"text": Fields(required={"text": Text()}), "image": Fields(required={"url": Text()})})
TAG = Either(Text(), Number(), Truth(), Nothing())


def issues_of(shape: Shape, value: object) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        read(shape, value)
    assert caught.value.message == "Input validation failed"
    return list(caught.value.issues)


def test_undeclared_fields_are_dropped_at_every_depth() -> None:
    shape = Fields(optional={"points": Each(POINT)})

    assert read(shape, {"points": [{"x": 1, "new": True}], "newer": {}}) == {"points": [{"x": 1}]}


def test_undeclared_fields_stay_where_the_shape_is_open_ended() -> None:
    assert read(Fields(open_ended=True), {"anything": [1, None]}) == {"anything": [1, None]}


@pytest.mark.parametrize(
    ("shape", "value", "issue"),
    [
        pytest.param(POINT, {}, "x: is required", id="missing"),
        pytest.param(POINT, {"x": "1"}, "x: expected number, got string", id="wrong type"),
        pytest.param(POINT, {"x": True}, "x: expected number, got boolean", id="a boolean is no number"),
        pytest.param(POINT, [], "body: expected object, got array", id="whole body"),
        pytest.param(Each(POINT), [{"x": 1}, {"x": None}], "[1].x: expected number, got null", id="inside an array"),
        pytest.param(Names(TAG), {"$sdk.version": []}, "$sdk.version: expected string or number or boolean or null, "
                     "got array", id="union"),
        pytest.param(Each(BLOCK), [{"text": "a"}], "[0].type: is required", id="no type"),
        pytest.param(Each(BLOCK), [{"type": "text"}], "[0].text: is required", id="field of a kind"),
        pytest.param(BLOCK, {"type": "video"}, "type: expected one of text, image, got 'video'", id="unknown kind"),
        pytest.param(BLOCK, {"type": 1}, "type: expected string, got number", id="type of another type"),
        pytest.param(Truth(), 0, "body: expected boolean, got number", id="no boolean"),
        pytest.param(Nothing(), 0, "body: expected null, got number", id="not null"),
        pytest.param(Number(at_least=0, at_most=9), 10, "body: expected a number from 0 to 9, got 10", id="bounds"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_json_path(shape: Shape, value: object, issue: str) -> None:
    assert issues_of(shape, value) == [issue]


def test_every_fault_is_named_up_to_twenty() -> None:
    assert len(issues_of(Each(Text()), [1, 2, 3])) == 3
    assert len(issues_of(Each(Text()), [1] * 1000)) == 20


@pytest.mark.parametrize(
    ("text", "number"), [("1700000000000", 1700000000000.0), (" 2.5 ", 2.5), ("1e3", 1000.0), ("-1", -1.0)]
)
def test_a_lenient_number_may_come_as_text(text: str, number: float) -> None:
    assert read(Number(lenient=True), text) == number


@pytest.mark.parametrize("text", ["", "one", "0x10", "NaN", "Infinity", "1_000", "9" * 41])
def test_text_that_is_no_decimal_number_is_refused(text: str) -> None:
    assert issues_of(Number(lenient=True), text) == ["body: expected number, got string"]


def test_a_number_is_never_read_from_text_unless_the_shape_says_so() -> None:
    assert issues_of(Number(), "1") == ["body: expected number, got string"]


def test_an_optional_field_that_is_null_counts_as_absent_where_the_shape_says_so() -> None:
    shape = Fields(required={"a": Number()}, optional={"b": Text()}, null_is_absent=True)

    assert read(shape, {"a": 1, "b": None}) == {"a": 1}
    assert issues_of(shape, {"a": None}) == ["a: expected number, got null"]


def test_an_object_without_a_type_may_have_a_default() -> None:
    tools = Kinds({"custom": POINT}, default=POINT, others=Fields(open_ended=True))

    assert read(tools, {"x": 1, "more": 2}) == {"x": 1}
    assert read(tools, {"type": None, "x": 1}) == {"x": 1}
    assert read(tools, {"type": "bash_20250124", "name": "bash"}) == {"type": "bash_20250124", "name": "bash"}


def test_a_long_name_is_shortened_in_an_issue() -> None:
    (issue,) = issues_of(Names(Text()), {"k" * 5000: 1})

    assert len(issue) < 200


def test_shapes_describe_themselves_as_json_schema() -> None:
    shape = Fields(required={"items": Each(BLOCK)}, optional={"tags": Names(TAG, "Tags."), "any": Anything()})

    assert shape.schema() == {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "anyOf": [
                        {
                            "type": "object",
                            "properties": {"type": {"type": "string", "const": kind}, name: {"type": "string"}},
                            "required": ["type", name],
                        }
                        for kind, name in (("text", "text"), ("image", "url"))
                    ]
                },
            },
            "tags": {
                "type": "object",
                "additionalProperties": {
                    "anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]
                },
                "description": "Tags.",
            },
            "any": {},
        },
    }
