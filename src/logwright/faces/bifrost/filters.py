"""Bifrost's filters, from query parameters or from the JSON of a body, as a query of ours.

Lists are split at commas and trimmed, their empty items dropped; items are
alternatives, exact to the letter, and all filters must hold together. Where the
original ignores a wrong value, this refuses it and names the parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Final

from logwright.clock import MICROSECOND, to_micros
from logwright.errors import InvalidRequest
from logwright.logs.query.parse import suggest
from logwright.logs.types import Clause, Field, LogQuery, Operator
from logwright.wire.strict import JSON

Given = Mapping[str, JSON]
"""Parameters by name. A value is text as it stood in the URL or, from a body, any JSON."""

PAGING: Final = ("limit", "offset", "sort_by", "order")
"""The parameters of a list that are no filters."""

METADATA: Final = "metadata_"
"""What the name of a parameter begins with that asks for a tag."""


def read_filters(given: Given, now: datetime, *, lenient: bool = False) -> LogQuery:
    """Read all filters; empty ones are as good as absent.

    With `lenient` a name that is nothing like a filter's is passed over, as parameters of a URL are that others put
    there. One that looks like a slip is refused in any case: it would show, or price, every log.

    Raises:
        InvalidRequest: naming the filter that is unknown or whose value is wrong.
    """
    clauses: list[Clause] = []
    for name, value in given.items():
        if value is None or value == "":
            continue
        if name in _READERS:
            clauses += _READERS[name](name, value, now)
        elif name == "metadata_filters" and isinstance(value, dict):
            for key, wanted in value.items():
                clauses += _metadata(f"metadata_filters.{key}", key, wanted)
        elif name.startswith(METADATA):
            clauses += _metadata(name, name.removeprefix(METADATA), value)
        elif lenient and name in PAGING:
            continue
        elif hint := suggest(name, (*FILTERS, *PAGING)):
            raise InvalidRequest(f"There is no filter {name!r}{hint}", param=name)
        elif not lenient:
            raise InvalidRequest(f"There is no filter {name!r}; there are {', '.join(FILTERS)}", param=name)
    if any(clause.field == "id" for clause in clauses):  # an exact id is meant whenever the call was made
        clauses = [clause for clause in clauses if clause.field != "time"]
    return LogQuery(clauses=tuple(clauses))


# ------------------------------------------------------------------ values


def items(name: str, value: JSON) -> tuple[str, ...]:
    """Read a list: text with commas, or an array of texts."""
    if isinstance(value, str):
        return tuple(item for part in value.split(",") if (item := part.strip()))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(item for item in value if item)
    raise InvalidRequest(f"{name} must be a comma-separated list, not {_shown(value)}", param=name)


def whole_number(name: str, value: JSON) -> int:
    """Read a whole number within 64 bits."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if type(value) is int and abs(value) < 10**18:
        return value
    raise InvalidRequest(f"{name} must be a whole number, not {_shown(value)}", param=name)


def truth(name: str, value: JSON) -> bool:
    """Read what Go's `strconv.ParseBool` takes, which the original reads with."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (found := _TRUTHS.get(value.strip())) is not None:
        return found
    raise InvalidRequest(f"{name} must be true or false, not {_shown(value)}", param=name)


def moment(name: str, value: JSON, *, up: bool = False) -> int:
    """Read a time in the form of RFC 3339, in microseconds since 1970; what is finer is cut off, or rounded `up`.

    A plus sign that was sent bare arrives as a space (the rules of forms), and is taken for what it was.
    """
    found = _RFC3339.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is not None:
        head, fraction, zone = found.groups()
        try:
            at = datetime.fromisoformat(head.upper().replace(" ", "T") + zone.upper().replace(" ", "+"))
        except ValueError:
            pass
        else:
            digits = (fraction or "").ljust(9, "0")
            micros = to_micros(at) + int(digits[:6]) + (up and int(digits[6:]) > 0)
            return min(max(micros, -1), _LAST)
    raise InvalidRequest(
        f"{name} must be a time in the form of RFC 3339, such as 2026-01-31T08:00:00Z, not {_shown(value)}", param=name
    )


def _number(name: str, value: JSON) -> Decimal:
    """Read a number as it is written, for binary fractions do not survive a division by a thousand."""
    text = value.strip() if isinstance(value, str) else str(value) if type(value) in (int, float) else ""
    if _NUMBER.fullmatch(text) and isfinite(float(text)):
        return Decimal(text)
    raise InvalidRequest(f"{name} must be a number, not {_shown(value)}", param=name)


_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_TRUTHS: Final = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_LAST: Final = 10_413_791_999_999_999  # 2299-12-31 23:59:59.999999, beyond which no log can lie
_RFC3339: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[+ -][0-9]{2}:[0-9]{2})"
)
_PERIOD: Final = re.compile(r"([1-9][0-9]{0,4})([mhdw])")
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_KEY: Final = re.compile(r"[A-Za-z0-9._-]{1,256}")


def _shown(value: JSON) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."


# ------------------------------------------------------------------ filters

_NOTHING: Final = Clause(field="kind", operator="=", values=())
_Reader = Callable[[str, JSON, datetime], Sequence[Clause]]


def _one_of(field: Field) -> _Reader:
    def read(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
        values = items(name, value)
        return [Clause(field=field, operator="=", values=values)] if values else []

    return read


def _exactly(field: Field) -> _Reader:
    def read(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
        if not isinstance(value, str):
            raise InvalidRequest(f"{name} must be a text, not {_shown(value)}", param=name)
        return [Clause(field=field, operator="=", values=(value.strip(),))] if value.strip() else []

    return read


def _limit(field: Field, operator: Operator, scale: Decimal = Decimal(1)) -> _Reader:
    def read(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
        return [Clause(field=field, operator=operator, values=(float(_number(name, value) / scale),))]

    return read


def _at_least(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    """Compare the total, which counts as 0 where it is unknown, as the original keeps it."""
    least = whole_number(name, value)
    return [Clause(field="tokens", operator=">=", values=(least,))] if least > 0 else []


def _at_most(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    most = whole_number(name, value)
    # The opposite of "more than" holds for unknown totals too, which count as 0.
    return [Clause(field="tokens", operator=">", values=(most,), negated=True)] if most >= 0 else [_NOTHING]


def _since(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    return [Clause(field="time", operator=">=", values=(max(moment(name, value, up=True), 0),))]


def _until(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    return [Clause(field="time", operator="<=", values=(moment(name, value),))]


def _period(name: str, value: JSON, now: datetime) -> Sequence[Clause]:
    found = _PERIOD.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise InvalidRequest(f"{name} must be a stretch of time such as 15m or 7d, not {_shown(value)}", param=name)
    ago, last = int(found[1]) * _UNITS[found[2]] // MICROSECOND, to_micros(now)
    return [
        Clause(field="time", operator=">=", values=(max(last - ago, 0),)),
        Clause(field="time", operator="<=", values=(last,)),  # so that a histogram of it has both ends
    ]


_CANCELLED: Final = "client_disconnected"
_STATUSES: Final[Mapping[frozenset[str], tuple[Operator, tuple[str, ...]]]] = {
    frozenset({"success"}): ("=", ("",)),
    frozenset({"cancelled"}): ("=", (_CANCELLED,)),
    frozenset({"error"}): ("!=", ("", _CANCELLED)),
    frozenset({"success", "cancelled"}): ("=", ("", _CANCELLED)),
    frozenset({"success", "error"}): ("!=", (_CANCELLED,)),
    frozenset({"error", "cancelled"}): ("!=", ("",)),
    frozenset(): ("=", ()),
}
"""Which kinds of error a choice of statuses means. No log is `processing`: a call is recorded when it has ended."""


def status_of(error_kind: str) -> str:
    """Give Bifrost's word for how a call ended."""
    return "success" if not error_kind else "cancelled" if error_kind == _CANCELLED else "error"


def _status(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    wanted = items(name, value)
    known = frozenset(wanted) & {"success", "error", "cancelled"}
    if not wanted or len(known) == 3:
        return []
    operator, kinds = _STATUSES[known]
    return [Clause(field="error", operator=operator, values=kinds)]


def _content(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a text, not {_shown(value)}", param=name)
    return [Clause(field="content", operator="~", values=(value,))]


def _without_cost(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    return [Clause(field="cost", operator="missing")] if truth(name, value) else []


def _roots(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    return [Clause(field="parent", operator="missing")] if truth(name, value) else []


def _cache_hit_types(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    """Ask for hits of our cache, which compares requests exactly; nothing in it is found by likeness."""
    wanted = items(name, value)
    if not wanted:
        return []
    unknown = [one for one in wanted if one not in {"direct", "semantic"}]
    if unknown:
        raise InvalidRequest(f"{name} knows direct and semantic, not {_shown(unknown[0])}", param=name)
    hit = Clause(field="cache", operator="=", values=("hit",))
    if {"direct", "semantic"} <= set(wanted):
        return [hit]
    # `details` is JSON text of our own writing, in which a key stands just so.
    said: Operator = "~" if "semantic" in wanted else "!~"
    return [hit, Clause(field="details", operator=said, values=('"hit_type":"semantic"',), exact_case=True)]


def _stop_reasons(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    """Look for the field in the answer's text: quotes within a text are escaped there, so only a key stands just so."""
    wanted = items(name, value)
    keys = ("finish_reason", "stop_reason")
    spelled = tuple(f'"{key}":{space}"{_escaped(reason)}"' for reason in wanted for key in keys for space in ("", " "))
    return [Clause(field="response", operator="~", values=spelled, exact_case=True)] if wanted else []


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _nowhere(name: str, value: JSON, _now: datetime) -> Sequence[Clause]:
    """Ask for what no log of ours has: nothing is found."""
    return [_NOTHING] if items(name, value) else []


def _metadata(param: str, key: str, value: JSON) -> Sequence[Clause]:
    if not _KEY.fullmatch(key):
        raise InvalidRequest(
            f"{param}: the key of a metadata filter has 1 to 256 letters, digits, dots, dashes or underscores",
            param=param,
        )
    if not isinstance(value, str):
        raise InvalidRequest(f"{param} must be a text, not {_shown(value)}", param=param)
    return [Clause(field="tag", name=key, operator="=", values=(value,))] if value else []


_MILLISECONDS: Final = Decimal(1000)

_READERS: Final[Mapping[str, _Reader]] = {
    "providers": _one_of("provider"),
    "models": _one_of("model"),
    "aliases": _one_of("model"),
    "status": _status,
    "objects": _one_of("object"),
    "selected_key_ids": _one_of("provider"),
    "virtual_key_ids": _one_of("key"),
    "parent_request_id": _exactly("thread"),
    "session_id": _exactly("session"),
    "request_id": _exactly("id"),
    "roots_only": _roots,
    "start_time": _since,
    "end_time": _until,
    "period": _period,
    "min_latency": _limit("latency", ">=", _MILLISECONDS),
    "max_latency": _limit("latency", "<=", _MILLISECONDS),
    "min_tokens": _at_least,
    "max_tokens": _at_most,
    "min_cost": _limit("cost", ">="),
    "max_cost": _limit("cost", "<="),
    "content_search": _content,
    "missing_cost_only": _without_cost,
    "cache_hit_types": _cache_hit_types,
    "stop_reasons": _stop_reasons,
    **dict.fromkeys(
        (
            "routing_rule_ids",
            "routing_engine_used",
            "team_ids",
            "customer_ids",
            "user_ids",
            "business_unit_ids",
            "project_ids",
            "apps",
            "user_agents",
        ),
        _nowhere,
    ),
}

FILTERS: Final = tuple(_READERS)
"""The names of all filters but `metadata_<key>`."""
