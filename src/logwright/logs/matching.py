"""Say whether a log fits a query, in plain Python: what a live tail filters by, and what the store's SQL is held to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from logwright.clock import to_micros
from logwright.logs.query.fields import FIELDS
from logwright.logs.query.needles import forms, lower_ascii, pieces
from logwright.logs.types import Clause, LogQuery

_NEGATIVE: Final = {"!=": "=", "!~": "~", "missing": "exists"}
_JSON_FIELDS: Final = frozenset({"request", "response", "details", "body", "content"})


def matches(log: Any, query: LogQuery) -> bool:
    """Tell whether all clauses hold for a log, be it a `Log` or a `LogRow`: anything with the columns as attributes."""
    return all(_holds(log, clause) for clause in query.clauses)


def needs_bodies(query: LogQuery) -> bool:
    """Tell whether the query looks at request or response, which a `LogSummary` lacks."""
    return any(clause.field in _JSON_FIELDS for clause in query.clauses)


def _holds(log: Any, clause: Clause) -> bool:
    operator = _NEGATIVE.get(clause.operator, clause.operator)
    held = _holds_as_said(log, clause, operator)
    return held if (operator != clause.operator) is clause.negated else not held


def _holds_as_said(log: Any, clause: Clause, operator: str) -> bool:
    info = FIELDS[clause.field]
    if info.kind == "tag":
        return _tag_holds(log.tags, clause, operator)
    found = [getattr(log, column) for column in info.columns]
    if info.kind in {"text", "body"}:
        test = _text_test(clause, operator)
        return any(test(text) for text in found)
    value = found[0]
    if value is None:
        return False
    if isinstance(value, datetime):
        value = to_micros(value)
    return operator == "exists" or _compared(value, operator, clause.values)


def _tag_holds(tags: Mapping[str, str], clause: Clause, operator: str) -> bool:
    if not clause.name and operator == "~":
        test = _text_test(clause, operator)
        return any(test(value) for value in tags.values())
    if not clause.name:
        return bool(tags)
    value = tags.get(clause.name)
    return value is not None and (operator == "exists" or _text_test(clause, operator)(value))


def _text_test(clause: Clause, operator: str) -> Callable[[str], bool]:
    texts = [str(value) for value in clause.values]
    match operator:
        case "exists":
            return bool
        case "=" if clause.wildcard:
            wholes = [pieces(text) for text in texts]
            return lambda text: any(_is_made_of(text, parts) for parts in wholes)
        case "~":
            found = [
                form
                for text in texts
                for form in forms(
                    text,
                    wildcard=clause.wildcard,
                    exact_case=clause.exact_case,
                    in_json=clause.field in _JSON_FIELDS,
                )
            ]
            if clause.exact_case:
                return lambda text: any(_holds_in_order(text, parts) for parts in found)
            return lambda text: any(
                _holds_in_order(lowered, parts) for lowered in [lower_ascii(text)] for parts in found
            )
        case _:
            return lambda text: _compared(text, operator, texts)


def _holds_in_order(text: str, parts: Sequence[str]) -> bool:
    """Tell whether the parts stand in the text one after another.

    Each is taken where it comes first, which is right for patterns whose only wildcard is "anything", and linear: a
    regular expression would try all places of each, which a pattern of many stars turns into hours.
    """
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _is_made_of(text: str, parts: Sequence[str]) -> bool:
    """Tell whether the text is the parts with anything between them."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return text == first
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    return _holds_in_order(text[len(first) : len(text) - len(last)], parts[1:-1])


def _compared(value: Any, operator: str, wanted: Sequence[Any]) -> bool:
    match operator:
        case "=":
            return value in wanted
        case "<":
            return any(value < one for one in wanted)
        case "<=":
            return any(value <= one for one in wanted)
        case ">":
            return any(value > one for one in wanted)
        case ">=":
            return any(value >= one for one in wanted)
        case "..":
            return bool(wanted[0] <= value <= wanted[1])
        case _:
            raise ValueError(f"operator {operator} does not fit the field")
