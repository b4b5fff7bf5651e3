"""Read OpenPipe's filter objects: `{field, comparator, value}` of its log page, `{field, equals}` of its metadata API.

Source: OpenPipe's API reference (update-metadata) and its open repository (the
filters of the log page). All filters must hold. An unknown field is an error that
names it: taken for "matches everything", a typo would update every log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from logwright.clock import to_micros
from logwright.errors import InvalidRequest
from logwright.logs.query.parse import suggest
from logwright.logs.query.values import moment, show_number
from logwright.logs.types import Clause, Field, LogQuery, Operator

_TEXTS: Final[dict[str, Field]] = {
    "request": "request",
    "response": "response",
    "model": "model",
    "completionId": "completion_id",
}
_TAG_PREFIXES: Final = ("metadata.", "tags.")
_DATES: Final = frozenset({"requestedAt", "sentAt", "date", "time"})
_FIELDS: Final = [*_TEXTS, "statusCode", "requestedAt", "metadata.NAME", "tags.NAME"]
_OPERATORS: Final[dict[str, Operator]] = {"=": "=", "!=": "!=", "CONTAINS": "~", "NOT_CONTAINS": "!~"}
_RECENT: Final = {
    "LAST 15M": timedelta(minutes=15),
    "LAST 24H": timedelta(hours=24),
    "LAST 7D": timedelta(days=7),
}
_STATUSES: Final = range(1000)


def from_filters(filters: Sequence[Mapping[str, Any]], now: datetime) -> LogQuery:
    """Read filters of either form; no filter at all means every log, on purpose.

    A filter with a comparator and an empty value is ignored: it is a row of the page that nobody has filled in.

    Raises:
        InvalidRequest: naming the filter and the field or comparator that is not known.
    """
    clauses = [_clause(filter_, f"filters[{index}]", now) for index, filter_ in enumerate(filters)]
    return LogQuery(clauses=tuple(clause for clause in clauses if clause is not None))


def as_text(value: object) -> str:
    """Write a JSON value as the text that a tag holds: `true`, `1`, `1.5`."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return show_number(value)
        case _:
            return str(value)


def _clause(filter_: Mapping[str, Any], place: str, now: datetime) -> Clause | None:
    field = filter_.get("field")
    if not isinstance(field, str):
        raise InvalidRequest(f"{place}.field must be a text", param=f"{place}.field")
    if field in _DATES:
        return _date(filter_, place, now)
    if "equals" in filter_:
        return _compare(field, "=", as_text(filter_["equals"]), place)
    comparator = filter_.get("comparator", "=")
    operator = _OPERATORS.get(comparator) if isinstance(comparator, str) else None
    if operator is None:
        known = ", ".join(_OPERATORS)
        raise InvalidRequest(
            f"{place}.comparator {comparator!r} is unknown; there are {known}", param=f"{place}.comparator"
        )
    value = as_text("" if filter_.get("value") is None else filter_["value"])
    clause = _compare(field, operator, value, place)
    return clause if value else None


def _compare(field: str, operator: Operator, value: str, place: str) -> Clause:
    if field == "statusCode":
        return _status(operator, value)
    if (name := _TEXTS.get(field)) is not None:
        return Clause(field=name, operator=operator, values=(value,), exact_case=operator in {"~", "!~"})
    for prefix in _TAG_PREFIXES:
        if field.startswith(prefix) and len(field) > len(prefix):
            return Clause(
                field="tag",
                name=field.removeprefix(prefix),
                operator=operator,
                values=(value,),
                exact_case=operator in {"~", "!~"},
            )
    hint = suggest(field, [*_TEXTS, "statusCode", "requestedAt"]) or f"; there are {', '.join(_FIELDS)}"
    raise InvalidRequest(f"{place}.field {field!r} is unknown{hint}", param=f"{place}.field")


def _status(operator: Operator, value: str) -> Clause:
    """Compare the status as text, which is how OpenPipe does it."""
    contains = operator in {"~", "!~"}
    fitting = tuple(status for status in _STATUSES if (value in str(status) if contains else value == str(status)))
    return Clause(field="status", operator="=" if operator in {"=", "~"} else "!=", values=fitting)


def _date(filter_: Mapping[str, Any], place: str, now: datetime) -> Clause | None:
    comparator = filter_.get("comparator")
    if isinstance(comparator, str) and comparator in _RECENT:
        return Clause(field="time", operator=">=", values=(to_micros(now - _RECENT[comparator]),))
    value = filter_.get("value")
    if value in ("", None, []):
        return None
    moments = [_micros(each, f"{place}.value", now) for each in (value if isinstance(value, list) else [value])]
    match comparator:
        case "BEFORE":
            return Clause(field="time", operator="<", values=(moments[0],))
        case "AFTER":
            return Clause(field="time", operator=">", values=(moments[0],))
        case "RANGE" if len(moments) == 2:
            return Clause(field="time", operator="..", values=(moments[0], moments[1]))
        case "RANGE":
            raise InvalidRequest(f"{place}.value of a RANGE must be two moments", param=f"{place}.value")
        case _:
            known = ", ".join([*_RECENT, "BEFORE", "AFTER", "RANGE"])
            raise InvalidRequest(
                f"{place}.comparator {comparator!r} does not fit a time; there are {known}", param=f"{place}.comparator"
            )


def _micros(value: Any, place: str, now: datetime) -> int:
    """Read a moment: milliseconds since 1970, as OpenPipe's page sends them, or a text such as 2026-01-31."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return to_micros(datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=value))
        except (OverflowError, ValueError):
            pass
    elif isinstance(value, str) and (span := moment(value, now)):
        return span.first
    raise InvalidRequest(
        f"{place} must be milliseconds since 1970 or a time such as 2026-01-31T08:00Z, not {value!r}", param=place
    )
