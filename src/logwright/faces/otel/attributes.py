"""A span's attributes while they are being read: what was understood is taken, what is left is kept as it came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from logwright.faces.otel.dialects import ALWAYS_JSON
from logwright.wire.strict import JSON

_decode: Final = msgspec.json.Decoder().decode


class Attributes:
    """The attributes of one span and which of them have been taken."""

    def __init__(self, given: Mapping[str, JSON]) -> None:
        self._left = dict(given)

    @property
    def left(self) -> Mapping[str, JSON]:
        """What nobody has taken."""
        return self._left

    def has(self, prefix: str) -> bool:
        """Say whether an attribute with this prefix is left."""
        return any(name.startswith(prefix) for name in self._left)

    def first(self, names: Iterable[str]) -> JSON:
        """Take the first of the names that is there; others that say just the same are taken with it."""
        found: JSON = None
        for name in names:
            value = self._left.get(name)
            if value is None or value == "":
                continue
            value = opened(name, value)
            if found is None:
                found = value
            if value == found:
                del self._left[name]
        return found

    def text(self, names: Iterable[str]) -> str:
        """Take the first of the names whose value is text or a number."""
        value = self.first(names)
        return value if isinstance(value, str) else "" if value is None else written(value)

    def objects(self, names: Iterable[str]) -> Iterable[tuple[str, Mapping[str, JSON]]]:
        """Take each of the names that holds an object, be it one or the JSON of one."""
        for name in names:
            value = read(self._left.get(name))
            if isinstance(value, dict):
                del self._left[name]
                yield name, value

    def take(self, name: str) -> JSON:
        """Take one attribute, its JSON read where it is JSON; None where it is not there."""
        return read(self._left.pop(name, None))

    def drop(self, names: Iterable[str]) -> None:
        """Take attributes that say nothing beyond the others."""
        for name in names:
            self._left.pop(name, None)

    def numbered(self, prefix: str) -> list[Any]:
        """Take all attributes under `prefix.NUMBER` as the list of values that their names spell; empty where none is.

        `p.0.role` and `p.1.role` make two objects; numbers further down are places in a list as well.
        """
        start = prefix + "."
        names = [
            name for name in self._left if name.startswith(start) and name[len(start) :].partition(".")[0].isdigit()
        ]
        root: dict[str, Any] = {}
        for name in names:
            *steps, last = name.removeprefix(start).split(".")
            at = root
            for step in steps:
                below = at.setdefault(step, {})
                if not isinstance(below, dict):  # `a` and `a.b` are both there: the former is its own member
                    below = at[step] = {"": below}
                at = below
            at[last] = self._left.pop(name)
        made = _listed(root)
        return made if isinstance(made, list) else []


def _listed(value: Any) -> Any:
    """Turn objects whose members are all numbers into lists in the order of these."""
    if not isinstance(value, dict):
        return value
    inside = {name: _listed(each) for name, each in value.items()}
    if inside and all(name.isascii() and name.isdigit() for name in inside):
        return [inside[name] for name in sorted(inside, key=lambda name: (len(name), name))]
    return inside


def opened(name: str, value: JSON) -> JSON:
    """Read a value that is always JSON in its dialect, where text stands in quotes too."""
    return read(value) if name.startswith(ALWAYS_JSON) else value


def read(value: JSON) -> JSON:
    """Read text that is the JSON of an object, a list or a text; anything else stays as it is."""
    if isinstance(value, str) and value[:1] in {"{", "[", '"'}:
        try:
            return _decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
    return value


def written(value: JSON) -> str:
    """Write a value as text: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def listed(value: JSON) -> Sequence[JSON]:
    """Return a list as it is, and anything else as a list of one; none of what is not there."""
    value = read(value)
    return value if isinstance(value, list) else [] if value is None else [value]
