"""Say whether a log fits a query, in plain Python: what a live tail filters by, and what the store's SQL is held to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from logwright.clock import to_micros
from logwright.logs.query.fields import FIELDS
from logwright.logs.query.needles import forms, lower_ascii, pieces
from logwright.logs.types import Clause, LogQuery

_NEGATIVE: Final = {"!=": "=", "!~": "~", "missing": "exists"}
_JSON_FIELDS: Final = frozenset({"request", "response", "body"})


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
            wholes = [_expression(pieces(text)) for text in texts]
            return lambda text: any(whole.fullmatch(text) for whole in wholes)
        case "~":
            found = [
                _expression(form)
                for text in texts
                for form in forms(
                    text,
                    wildcard=clause.wildcard,
                    exact_case=clause.exact_case,
                    in_json=clause.field in _JSON_FIELDS,
                )
            ]
            if clause.exact_case:
                return lambda text: any(one.search(text) for one in found)
            return lambda text: any(one.search(lower_ascii(text)) for one in found)
        case _:
            return lambda text: _compared(text, operator, texts)


def _expression(parts: Sequence[str]) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)


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
