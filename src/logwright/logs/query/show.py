"""Write a query as text that `parse` reads as the same query."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from logwright.logs.query.fields import FIELDS, ValueKind
from logwright.logs.query.needles import pieces
from logwright.logs.query.values import show_moment, show_number
from logwright.logs.types import Clause, LogQuery

_SAFE: Final = re.compile(r"[A-Za-z0-9_$/@+][A-Za-z0-9_$/@+.:-]*")
_SAFE_TAG: Final = re.compile(r"[^\s:=!<>~\"(),]+")
_NEGATIVE: Final = {"!=": "=", "!~": "~", "missing": "exists"}
_WORDS: Final = frozenset({"AND", "OR", "NOT"})


def show(query: LogQuery) -> str:
    """Write a query in the query language."""
    return " ".join(_clause(clause) for clause in query.clauses)


def _clause(clause: Clause) -> str:
    operator = _NEGATIVE.get(clause.operator, clause.operator)
    sign = "-" if (operator != clause.operator) is not clause.negated else ""
    name = f"tag.{_tag(clause.name)}" if clause.field == "tag" and clause.name else clause.field
    if operator == "exists":
        return f"{sign}has:{name}"
    kind = FIELDS[clause.field].kind
    if operator == "..":
        return f"{sign}{name}:{'..'.join(_SHOWN[kind](value) for value in clause.values)}"
    if clause.field == "body" and operator == "~" and len(clause.values) == 1 and not clause.exact_case:
        return sign + _text(str(clause.values[0]), wildcard=clause.wildcard, alone=True)
    mark = _mark(operator, kind, exact_case=clause.exact_case)
    return f"{sign}{name}:{mark}{_values(clause, kind)}"


def _mark(operator: str, kind: ValueKind, *, exact_case: bool) -> str:
    """Give what stands between the colon and the value."""
    match operator:
        case "~" if exact_case:
            return "~~"
        case "~":
            return "" if kind == "body" else "~"
        case "=":
            return "=" if kind == "body" else ""
        case _:
            return operator


def _values(clause: Clause, kind: ValueKind) -> str:
    shown: Sequence[str]
    if kind in {"text", "body", "tag"}:
        shown = [_text(str(value), wildcard=clause.wildcard) for value in clause.values]
    else:
        shown = [_SHOWN[kind](value) for value in clause.values]
    return shown[0] if len(shown) == 1 else f"({','.join(shown)})"


def _text(text: str, *, wildcard: bool, alone: bool = False) -> str:
    """Write a text bare where that is plain, with escapes where it has wild stars, else in quotes."""
    if wildcard:
        joined = "*".join(re.sub(r"([^\w])", r"\\\1", piece) for piece in pieces(text))
        return joined.replace("\\-", "-") if not joined.startswith("\\-") else joined
    if _SAFE.fullmatch(text) and ".." not in text and not (alone and (":" in text or text in _WORDS)):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tag(name: str) -> str:
    return name if _SAFE_TAG.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


_SHOWN: Final[dict[ValueKind, Callable[[str | float | bool], str]]] = {
    "number": lambda value: show_number(float(value)),
    "seconds": lambda value: show_number(float(value)) + "s",
    "dollars": lambda value: show_number(float(value)),
    "time": lambda value: show_moment(float(value)),
    "flag": lambda value: "true" if value else "false",
}
