"""Read the query language: `model:gpt-4o* status:>=400 tag.prompt_id=triage -tag.env:dev latency:>2s "refund"`.

All conditions must hold. The guide (docs/guide/logs.md) has the language for people;
`fields.py` has its fields. Nothing is guessed: an unknown field or a value that does
not fit is an error that names it, its place, and the nearest thing that exists.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from logwright.logs.query import values
from logwright.logs.query.fields import FIELDS, FieldInfo
from logwright.logs.query.scan import Condition, Written, scan, wrong
from logwright.logs.types import Clause, LogQuery, Operator

MOST_CONDITIONS: Final = 100
MOST_VALUES: Final = 1000

_SYNONYMS: Final = {
    "statusCode": "status",
    "status_code": "status",
    "completionId": "completion_id",
    "requested_at": "time",
    "duration": "latency",
    "total_tokens": "tokens",
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "key_id": "key",
    "error_kind": "error",
    "parent_id": "parent",
}

PRESENCES: Final = {
    "tools": Clause(field="request", operator="~", values=('"tools":',), exact_case=True),
    "tool_calls": Clause(
        field="response", operator="~", values=('"tool_calls":', '"function_call":', '"tool_use"'), exact_case=True
    ),
    "images": Clause(field="request", operator="~", values=('"image_url"', '"input_image"'), exact_case=True),
    "audio": Clause(field="request", operator="~", values=('"input_audio"',), exact_case=True),
}
"""What `has:` asks of bodies beyond the fields: a name of JSON that stands in them."""

_STATES: Final = {
    "stream": Clause(field="stream", operator="=", values=(True,)),
    "streamed": Clause(field="stream", operator="=", values=(True,)),
    "error": Clause(field="error", operator="exists"),
    "failed": Clause(field="error", operator="exists"),
    "success": Clause(field="error", operator="missing"),
    "cached": Clause(field="cache", operator="=", values=("hit",)),
}


class Shorthand(NamedTuple):
    """A name that is written like a field and means a condition on one."""

    sentence: str
    example: str
    choices: tuple[str, ...] = ()


SHORTHANDS: Final = {
    "has": Shorthand(
        "Whether a field, a tag, or something in the bodies is there.", "has:tag.env", ("error", "cost", *PRESENCES)
    ),
    "is": Shorthand("What became of the call.", "is:error", tuple(_STATES)),
    "since": Shorthand("From a moment on; a duration means that long ago.", "since:24h"),
    "until": Shorthand("Up to a moment, a day included; a duration means that long ago.", "until:2026-01-31"),
    "last": Shorthand("The time up to now.", "last:7d"),
}
"""Names beside the fields."""

_OPPOSITES: Final[dict[Operator, Operator]] = {
    "=": "!=",
    "!=": "=",
    "~": "!~",
    "!~": "~",
    "exists": "missing",
    "missing": "exists",
}


def parse(text: str, now: datetime) -> LogQuery:
    """Read a query; `now` is what relative times count from. An empty text means all logs.

    Raises:
        InvalidRequest: naming the field, what is wrong with it, and where.
    """
    clauses: list[Clause] = []
    for condition in scan(text):
        if len(clauses) == MOST_CONDITIONS:
            raise wrong(f"A query has at most {MOST_CONDITIONS} conditions", condition.at)
        if len(condition.values) > MOST_VALUES:
            raise wrong(f"A list has at most {MOST_VALUES} values", condition.at)
        clause = _clause(condition, now)
        clauses.append(opposite(clause) if condition.negated else clause)
    return LogQuery(clauses=tuple(clauses))


def suggest(name: str, known: Sequence[str]) -> str:
    """Return `; did you mean x?` when something known is near, else nothing."""
    near = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(name.lower(), known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def field_named(name: str) -> FieldInfo | None:
    """Find a field by its name or a synonym."""
    return FIELDS.get(_SYNONYMS.get(name, name))


def opposite(clause: Clause) -> Clause:
    """Return the clause that holds for just the logs for which this one does not."""
    turned = _OPPOSITES.get(clause.operator)
    return Clause(
        field=clause.field,
        operator=turned or clause.operator,
        values=clause.values,
        name=clause.name,
        wildcard=clause.wildcard,
        exact_case=clause.exact_case,
        negated=clause.negated if turned else not clause.negated,
    )


def _clause(condition: Condition, now: datetime) -> Clause:
    match condition.field:
        case "":
            return _words(condition)
        case "has":
            return _one_of(condition, _presence)
        case "is":
            return _one_of(condition, _state)
        case "since" | "until" | "last":
            return _bound(condition, now)
        case _:
            pass
    info = FIELDS["tag"] if condition.tag else field_named(condition.field)
    if info is None or (info.name == "tag" and not condition.tag):
        raise _unknown(condition)
    match info.kind:
        case "text" | "body" | "tag":
            return _textual(condition, info)
        case "number" | "seconds" | "dollars" | "flag":
            return _measured(condition, info)
        case "time":
            return _timed(condition, info, now)


def _unknown(condition: Condition) -> Exception:
    known = [*FIELDS, *_SYNONYMS, *SHORTHANDS]
    if condition.field in {"tag", "tags", "metadata"}:
        return wrong(f"{condition.field} needs the tag's name, such as tag.prompt_id:triage", condition.at)
    hint = suggest(condition.field, known) or "; to search for the text itself, put it in quotes"
    return wrong(f"There is no field {condition.field}{hint}", condition.at)


def _words(condition: Condition) -> Clause:
    word = condition.values[0]
    if not word.quoted and word.text in {"AND", "OR", "NOT"}:
        raise wrong(
            f"{word.text} is not part of the language: all conditions must hold, alternatives are a list such as "
            f'model:(a,b), and a minus sign negates; to search for the word itself, write "{word.text}"',
            word.at,
        )
    return Clause(field="body", operator="~", values=(word.pattern if word.wild else word.text,), wildcard=word.wild)


def _one_of(condition: Condition, read: Callable[[Written], Clause]) -> Clause:
    if condition.operator != ":" or len(condition.values) != 1:
        raise wrong(f"{condition.field} takes one name, such as {condition.field}:error", condition.at)
    return read(condition.values[0])


def _presence(value: Written) -> Clause:
    for prefix in ("tag.", "tags.", "metadata."):
        if value.text.startswith(prefix):
            return Clause(field="tag", operator="exists", name=value.text.removeprefix(prefix).strip('"'))
    if value.text in PRESENCES:
        return PRESENCES[value.text]
    info = field_named(value.text) or (FIELDS["tag"] if value.text == "tags" else None)
    if info is None:
        raise wrong(f"has:{value.text} is unknown{suggest(value.text, [*FIELDS, *PRESENCES])}", value.at)
    return Clause(field=info.name, operator="exists")


def _state(value: Written) -> Clause:
    if value.text not in _STATES:
        raise wrong(f"is:{value.text} is unknown{suggest(value.text, list(_STATES))}", value.at)
    return _STATES[value.text]


def _bound(condition: Condition, now: datetime) -> Clause:
    name = condition.field
    if condition.operator != ":" or len(condition.values) != 1:
        raise wrong(f"{name} takes one moment, such as {name}:24h", condition.at)
    value = condition.values[0]
    span = values.moment(value.text, now)
    if span is None or (name == "last" and values.seconds(value.text) is None):
        example = "7d" if name == "last" else "24h or 2026-01-31T08:00Z"
        raise wrong(f"{name} needs a time such as {example}, not {value.text!r}", value.at)
    if name == "until":
        return Clause(field="time", operator="<=", values=(span.edge,))
    return Clause(field="time", operator=">=", values=(span.first,))


def _textual(condition: Condition, info: FieldInfo) -> Clause:
    wildcard = any(value.wild for value in condition.values)
    texts = tuple(value.pattern if wildcard else value.text for value in condition.values)
    name = condition.tag
    operator: Operator
    match condition.operator:
        case ":":
            if len(condition.values) == 1 and condition.values[0].text == "*" and wildcard:
                return Clause(field=info.name, operator="exists", name=name)
            operator = "~" if info.kind == "body" else "="
        case "=" | "!=" | "~" | "!~":
            operator = _as_operator(condition.operator)
        case "~~":
            return Clause(field=info.name, operator="~", values=texts, name=name, wildcard=wildcard, exact_case=True)
        case "!~~":
            return Clause(field=info.name, operator="!~", values=texts, name=name, wildcard=wildcard, exact_case=True)
        case other:
            raise wrong(f"{_called(condition)} is text and cannot be compared by {other}", condition.at)
    if info.choices and operator in {"=", "!="} and not wildcard:
        for value in condition.values:
            if value.text and value.text not in info.choices:
                near = suggest(value.text, list(info.choices)) or f"; there are {', '.join(info.choices)}"
                raise wrong(f"{info.name} is never {value.text!r}{near}", value.at)
    return Clause(field=info.name, operator=operator, values=texts, name=name, wildcard=wildcard)


_READERS: Final[dict[str, tuple[Callable[[str], float | None], str]]] = {
    "number": (values.number, "a number"),
    "seconds": (values.seconds, "a duration such as 2s or 500ms"),
    "dollars": (values.dollars, "an amount such as 0.01"),
    "flag": (values.flag, "true or false"),
}


def _measured(condition: Condition, info: FieldInfo) -> Clause:
    read, meant = _READERS[info.kind]

    def value_of(written: str, at: int) -> float:
        found = read(written)
        if found is None:
            raise wrong(f"{condition.field} needs {meant}, not {written!r}", at)
        return found

    only = condition.values[0] if len(condition.values) == 1 else None
    if only and only.text == "*" and only.wild and condition.operator == ":":
        return Clause(field=info.name, operator="exists")
    if only and ".." in only.text and info.kind != "flag" and condition.operator == ":":
        low, _, high = only.text.partition("..")
        return _range(
            info.name, value_of(low, only.at) if low else None, value_of(high, only.at) if high else None, only
        )
    operator = _comparison(condition)
    if info.kind == "flag" and operator not in {"=", "!="}:
        raise wrong(f"{condition.field} is true or false and cannot be compared by {operator}", condition.at)
    return Clause(
        field=info.name,
        operator=operator,
        values=tuple(value_of(value.text, value.at) for value in condition.values),
    )


def _timed(condition: Condition, info: FieldInfo, now: datetime) -> Clause:
    def span_of(written: str, at: int) -> values.Span:
        span = values.moment(written, now)
        if span is None:
            raise wrong(f"{info.name} needs a moment such as 2026-01-31T08:00Z, today or 24h, not {written!r}", at)
        return span

    if len(condition.values) != 1:
        raise wrong(f"{info.name} takes one moment or a range, such as 2026-01-01..2026-01-31", condition.at)
    value = condition.values[0]
    if ".." in value.text and condition.operator == ":":
        low, _, high = value.text.partition("..")
        return _range(
            info.name,
            span_of(low, value.at).first if low else None,
            span_of(high, value.at).edge if high else None,
            value,
        )
    span = span_of(value.text, value.at)
    operator = _comparison(condition)
    match operator:
        case "<" | ">=":
            return Clause(field=info.name, operator=operator, values=(span.first,))
        case ">" | "<=":
            return Clause(field=info.name, operator=operator, values=(span.edge,))
        case _ if span.first == span.last:
            return Clause(field=info.name, operator=operator, values=(span.first,))
        case _:
            return Clause(field=info.name, operator="..", values=(span.first, span.last), negated=operator == "!=")


def _range(field: str, low: float | None, high: float | None, written: Written) -> Clause:
    name = FIELDS[field].name
    if low is None and high is None:
        raise wrong(f"{field} needs a range such as 400..499", written.at)
    if low is None:
        return Clause(field=name, operator="<=", values=(high or 0,))
    if high is None:
        return Clause(field=name, operator=">=", values=(low,))
    return Clause(field=name, operator="..", values=(low, high))


def _comparison(condition: Condition) -> Operator:
    operator = "=" if condition.operator == ":" else condition.operator
    if operator not in {"=", "!=", "<", "<=", ">", ">="}:
        raise wrong(f"{_called(condition)} is no text and cannot be searched by {operator}", condition.at)
    if operator not in {"=", "!="} and len(condition.values) > 1:
        raise wrong(f"{_called(condition)} can be compared by {operator} with one value, not with a list", condition.at)
    return _as_operator(operator)


def _as_operator(text: str) -> Operator:
    known: dict[str, Operator] = {
        "=": "=",
        "!=": "!=",
        "~": "~",
        "!~": "!~",
        "<": "<",
        "<=": "<=",
        ">": ">",
        ">=": ">=",
    }
    return known[text]


def _called(condition: Condition) -> str:
    return f"tag.{condition.tag}" if condition.tag else condition.field
