"""Shapes of JSON bodies: they check types, drop fields nobody declared, and name the JSON path of what is wrong.

OpenPipe's server stripped unknown fields instead of refusing them, and its
clients rely on it: they send what newer versions of OpenAI's and Anthropic's
types hold. The shapes are plain data, so the OpenAPI document comes from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from logwright.errors import InvalidRequest
from logwright.wire.strict import JSON

VALIDATION_FAILED: Final = "Input validation failed"
"""The original's exact words; tests of its clients look for them."""

_MOST_ISSUES: Final = 20
_NUMERIC: Final = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_LONGEST_NUMBER: Final = 40
_KINDS: Final[Mapping[type, str]] = {
    dict: "object",
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


class Issues:
    """What is wrong with a body, at most twenty sentences of it."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, path: str, sentence: str) -> None:
        """Note what is wrong at a JSON path."""
        if len(self.found) < _MOST_ISSUES:
            self.found.append((path, sentence))

    def wrong(self, path: str, wanted: str, value: JSON) -> None:
        """Note that a value is of another type than wanted."""
        self.add(path, f"expected {wanted}, got {_KINDS.get(type(value), 'something else')}")


class Shape(Protocol):
    """What a JSON value must look like."""

    @property
    def kinds(self) -> frozenset[str]:
        """The JSON types that a value of this shape can have."""

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the value without what was not declared; what is wrong goes to `issues`."""

    def schema(self) -> dict[str, Any]:
        """Describe the shape in OpenAPI 3.1's JSON Schema."""


def read(shape: Shape, value: JSON) -> JSON:
    """Return a body as its shape has it.

    Raises:
        InvalidRequest: names each place that is wrong.
    """
    issues = Issues()
    result = shape.read(value, "", issues)
    if issues.found:
        sentences = [f"{path or 'body'}: {sentence}" for path, sentence in issues.found]
        raise InvalidRequest(VALIDATION_FAILED, issues=sentences, param=issues.found[0][0] or None)
    return result


_EVERY_KIND: Final = frozenset(_KINDS.values())


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value, kept as it is."""

    description: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """All of them."""
        return _EVERY_KIND

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:  # noqa: ARG002 - nothing can be wrong with it
        """Return the value itself."""
        return value

    def schema(self) -> dict[str, Any]:
        """Allow everything."""
        return _described({}, self.description)


@dataclass(frozen=True, slots=True)
class Text:
    """A string, or one of a few."""

    choices: tuple[str, ...] = ()
    description: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """A string."""
        return frozenset({"string"})

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the string."""
        if type(value) is not str:
            issues.wrong(path, "string", value)
        elif self.choices and value not in self.choices:
            issues.add(path, f"expected one of {', '.join(self.choices)}, got {value[:100]!r}")
        return value

    def schema(self) -> dict[str, Any]:
        """Describe the string."""
        made: dict[str, Any] = {"type": "string"}
        if self.choices:
            made["enum"] = list(self.choices)
        return _described(made, self.description)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, where `lenient` also as a string that holds one, within bounds."""

    lenient: bool = False
    at_least: float | None = None
    at_most: float | None = None
    description: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """A number; a string only in the lenient kind."""
        return frozenset({"number", "string"} if self.lenient else {"number"})

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the number."""
        if self.lenient and type(value) is str and len(value) <= _LONGEST_NUMBER and _NUMERIC.fullmatch(value):
            value = float(value)
        if type(value) not in {int, float}:
            issues.wrong(path, "number", value)
        elif (self.at_least is not None and value < self.at_least) or (
            self.at_most is not None and value > self.at_most
        ):
            issues.add(path, f"expected a number from {self.at_least:.0f} to {self.at_most:.0f}, got {value}")
        return value

    def schema(self) -> dict[str, Any]:
        """Describe the number; its form as a string is a courtesy and stays unsaid."""
        made: dict[str, Any] = {"type": "number"}
        if self.at_least is not None:
            made["minimum"] = self.at_least
        if self.at_most is not None:
            made["maximum"] = self.at_most
        return _described(made, self.description)


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    @property
    def kinds(self) -> frozenset[str]:
        """A boolean."""
        return frozenset({"boolean"})

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the boolean."""
        if type(value) is not bool:
            issues.wrong(path, "boolean", value)
        return value

    def schema(self) -> dict[str, Any]:
        """Describe the boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Nothing:
    """Null."""

    @property
    def kinds(self) -> frozenset[str]:
        """Null alone."""
        return frozenset({"null"})

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return null."""
        if value is not None:
            issues.wrong(path, "null", value)
        return value

    def schema(self) -> dict[str, Any]:
        """Describe null."""
        return {"type": "null"}


@dataclass(frozen=True, slots=True)
class Each:
    """An array whose items all have one shape."""

    item: Shape

    @property
    def kinds(self) -> frozenset[str]:
        """An array."""
        return frozenset({"array"})

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the array, each item read."""
        if type(value) is not list:
            issues.wrong(path, "array", value)
            return value
        return [self.item.read(item, f"{path}[{index}]", issues) for index, item in enumerate(value)]

    def schema(self) -> dict[str, Any]:
        """Describe the array."""
        return {"type": "array", "items": self.item.schema()}


@dataclass(frozen=True, slots=True)
class Names:
    """An object whose keys are free and whose values all have one shape."""

    value: Shape
    description: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """An object."""
        return frozenset({"object"})

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the object, each value read."""
        if type(value) is not dict:
            issues.wrong(path, "object", value)
            return value
        return {name: self.value.read(below, _join(path, name), issues) for name, below in value.items()}

    def schema(self) -> dict[str, Any]:
        """Describe the object."""
        return _described({"type": "object", "additionalProperties": self.value.schema()}, self.description)


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of declared fields; others are dropped, or kept where `open_ended`."""

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)
    open_ended: bool = False
    null_is_absent: bool = False
    """An optional field that is null counts as not sent: what a client makes of an argument that is None."""

    @property
    def kinds(self) -> frozenset[str]:
        """An object."""
        return frozenset({"object"})

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the declared fields, each read."""
        if type(value) is not dict:
            issues.wrong(path, "object", value)
            return value
        for name in self.required:
            if name not in value:
                issues.add(_join(path, name), "is required")
        kept: dict[str, JSON] = {}
        for name, below in value.items():
            shape = self.required.get(name) or self.optional.get(name)
            if below is None and self.null_is_absent and name in self.optional:
                continue
            if shape is not None:
                kept[name] = shape.read(below, _join(path, name), issues)
            elif self.open_ended:
                kept[name] = below
        return kept

    def schema(self) -> dict[str, Any]:
        """Describe the object."""
        declared = {**self.required, **self.optional}
        made: dict[str, Any] = {
            "type": "object",
            "properties": {name: each.schema() for name, each in declared.items()},
        }
        if self.required:
            made["required"] = list(self.required)
        return made


@dataclass(frozen=True, slots=True)
class Kinds:
    """An object whose field `type` says which of several it is; the field itself is part of every one."""

    by_type: Mapping[str, Fields]
    default: Fields | None = None
    """What an object without `type` is; None makes the field required."""
    others: Fields | None = None
    """What an object of a type that is not listed is; None refuses it."""

    @property
    def kinds(self) -> frozenset[str]:
        """An object."""
        return frozenset({"object"})

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the object as its type's shape has it."""
        if type(value) is not dict:
            issues.wrong(path, "object", value)
            return value
        chosen = value.get("type")
        if chosen is None and self.default is not None:
            return self.default.read(value, path, issues)
        if "type" not in value:
            issues.add(_join(path, "type"), "is required")
            return value
        shape = self.by_type.get(chosen, self.others) if type(chosen) is str else None
        if shape is None:
            Text(tuple(self.by_type)).read(chosen, _join(path, "type"), issues)
            return value
        return {"type": chosen, **shape.read(value, path, issues)}

    def schema(self) -> dict[str, Any]:
        """Describe the alternatives."""
        made = [_typed(name, shape.schema()) for name, shape in self.by_type.items()]
        made += [shape.schema() for shape in (self.default, self.others) if shape is not None]
        return {"anyOf": made}


class Either:
    """One of several shapes of different JSON types, so that the value's type decides which."""

    __slots__ = ("shapes",)

    def __init__(self, *shapes: Shape) -> None:
        self.shapes: Sequence[Shape] = shapes

    @property
    def kinds(self) -> frozenset[str]:
        """Those of all alternatives."""
        return frozenset[str]().union(*(shape.kinds for shape in self.shapes))

    def read(self, value: JSON, path: str, issues: Issues) -> JSON:
        """Return the value as the alternative of its type has it."""
        kind = _KINDS[type(value)]
        for shape in self.shapes:
            if kind in shape.kinds:
                return shape.read(value, path, issues)
        names = [name for shape in self.shapes for name in sorted(shape.kinds)]
        issues.wrong(path, " or ".join(names), value)
        return value

    def schema(self) -> dict[str, Any]:
        """Describe the alternatives."""
        return {"anyOf": [shape.schema() for shape in self.shapes]}


def _typed(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Add the field `type` to an object's description."""
    return {
        **schema,
        "properties": {"type": {"type": "string", "const": name}, **schema["properties"]},
        "required": ["type", *schema.get("required", [])],
    }


def _described(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description} if description else schema


def _join(path: str, name: str) -> str:
    shown = name if len(name) <= 100 else name[:100] + "…"
    return f"{path}.{shown}" if path else shown
