"""Turn a query into the WHERE of a ClickHouse statement; values travel as bound parameters, never in the text.

`condition` is the twin of `matching.matches`: a property test holds both to the
same answers on random logs. The forms are the ones that the table's indexes serve,
`lower(request) LIKE` for the text index over the bodies, `has(tag_pairs, ...)` for the one over exact tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, assert_never

from logwright.logs.query.fields import FIELDS
from logwright.logs.query.needles import forms, lower_ascii, pieces
from logwright.logs.types import Clause, LogQuery, Operator

Value = str | int | float


class Condition(NamedTuple):
    """The text after WHERE, and the values of its `{name:Type}` parameters."""

    sql: str
    parameters: Mapping[str, Value]


def condition(project_id: str, query: LogQuery) -> Condition:
    """Say in SQL which rows of the table `logs` a project's query means."""
    bound = _Bound()
    terms = [f"project_id = {bound.text(project_id)}"]
    terms += [_clause(clause, bound) for clause in query.clauses]
    return Condition(" AND ".join(terms), bound.values)


_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\\\",
        "\b": "\\b",
        "\f": "\\f",
        "\r": "\\r",
        "\n": "\\n",
        "\t": "\\t",
        "\0": "\\0",
    }
)


def literals(parameters: Mapping[str, Value]) -> dict[str, str]:
    r"""Write parameters in the text form that ClickHouse reads (the "Escaped" one of its HTTP interface and of chDB).

    Lone surrogates, which no stored text can hold, become `?`.
    """
    return {
        name: value.translate(_ESCAPES).encode("utf-8", "replace").decode() if isinstance(value, str) else repr(value)
        for name, value in parameters.items()
    }


def quoted(text: str) -> str:
    """Write a text as a ClickHouse string literal.

    Lists and maps of many texts cannot be bound parameters: the engine reads those through another escaping layer
    and limits their size. In a quoted literal only the backslash and the quote have a meaning; the control
    characters are escaped as well because a NUL would end the statement.
    """
    return "'" + text.translate(_IN_QUOTES) + "'"


_IN_QUOTES: Final = str.maketrans({"\\": "\\\\", "'": "\\'", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class _Bound:
    """The parameters of one statement, numbered as they come."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}

    def text(self, value: str) -> str:
        return self._bind(value, "String")

    def number(self, value: float) -> str:
        return self._bind(float(value), "Float64")

    def moment(self, micros: float) -> str:
        return f"fromUnixTimestamp64Micro({self._bind(int(micros), 'Int64')}, 'UTC')"

    def _bind(self, value: Value, kind: str) -> str:
        name = f"q{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"


def _clause(clause: Clause, bound: _Bound) -> str:
    """Render one clause.

    Where a column is NULL a bare comparison is NULL, which WHERE takes for false. The forms stay bare because the
    min-max indexes know them so; only what stands under a NOT is made 0 or 1 first.
    """
    info = FIELDS[clause.field]
    columns = [expression(column) for column in info.columns]
    positive = _POSITIVE.get(clause.operator, clause.operator)
    match info.kind:
        case "text" | "body":
            in_json = clause.field in _JSON_FIELDS
            term = _or(
                [_text(column, f"lower({column})", clause, positive, bound, in_json=in_json) for column in columns]
            )
        case "tag":
            term = _tag(clause, positive, bound)
        case "number" | "seconds" | "dollars":
            values = [bound.number(float(value)) for value in clause.values]
            term = (
                f"{columns[0]} IS NOT NULL" if positive == "exists" else _compared(columns[0], clause, positive, values)
            )
        case "time":
            moments = [bound.moment(float(value)) for value in clause.values]
            term = (
                f"{columns[0]} IS NOT NULL"
                if positive == "exists"
                else _compared(columns[0], clause, positive, moments)
            )
        case "flag":
            term = _compared(columns[0], clause, positive, ["true" if value else "false" for value in clause.values])
        case _ as never:
            assert_never(never)
    return f"NOT ifNull({term}, 0)" if (positive != clause.operator) is not clause.negated else f"({term})"


def expression(column: str) -> str:
    """Say in SQL what an attribute of a log is: the column of that name, or what is made of others."""
    return _MADE.get(column, column)


_MADE: Final[Mapping[str, str]] = {"object": "if(stream, concat(toString(kind), '_stream'), toString(kind))"}
_POSITIVE: Final[Mapping[Operator, Operator]] = {"!=": "=", "!~": "~", "missing": "exists"}
_JSON_FIELDS: Final = frozenset({"request", "response", "details", "body", "content"})


def _text(column: str, lowered: str, clause: Clause, operator: Operator, bound: _Bound, *, in_json: bool) -> str:
    """Compare one text column by a positive operator."""
    texts = [str(value) for value in clause.values]
    match operator:
        case "exists":
            return f"{column} != ''"
        case "=" if clause.wildcard:
            return _or([f"{column} LIKE {bound.text(_like(pieces(text)))}" for text in texts])
        case "~":
            patterns = [
                _like(["", *form, ""])
                for text in texts
                for form in forms(text, wildcard=clause.wildcard, exact_case=clause.exact_case, in_json=in_json)
            ]
            if not clause.exact_case:
                return _or([f"{lowered} LIKE {bound.text(pattern)}" for pattern in patterns])
            if not in_json:
                return _or([f"{column} LIKE {bound.text(pattern)}" for pattern in patterns])
            # What holds the text holds it in lower case too, and that the text index knows.
            return _or(
                [
                    f"({lowered} LIKE {bound.text(lower_ascii(pattern))} AND {column} LIKE {bound.text(pattern)})"
                    for pattern in patterns
                ]
            )
        case _:
            return _compared(column, clause, operator, [bound.text(text) for text in texts])


def _like(parts: Sequence[str]) -> str:
    """Join pieces into a LIKE pattern in which only the joints are wild."""
    return "%".join(part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for part in parts)


def _tag(clause: Clause, operator: Operator, bound: _Bound) -> str:
    if not clause.name and operator == "~":
        holds = _text("value", "lower(value)", clause, operator, bound, in_json=False)
        return f"arrayExists(value -> ({holds}), mapValues(tags))"
    if not clause.name:
        return "tag_names != ''"
    if operator == "=" and not clause.wildcard:
        return _or([_tag_pair(clause.name, str(value), bound) for value in clause.values])
    present = tag_present(bound.text(tag_mark(clause.name)))
    if operator == "exists":
        return present
    column = f"tags[{bound.text(clause.name)}]"
    return f"{present} AND ({_text(column, f'lower({column})', clause, operator, bound, in_json=False)})"


def _tag_pair(name: str, value: str, bound: _Bound) -> str:
    """Ask the text index over the pairs; where a second `=` makes a pair ambiguous, the tags themselves too."""
    found = f"has(tag_pairs, {bound.text(f'{name}={value}')})"
    if "=" not in name and "=" not in value:
        return found
    present = tag_present(bound.text(tag_mark(name)))
    return f"({found} AND {present} AND tags[{bound.text(name)}] = {bound.text(value)})"


def tag_mark(name: str) -> str:
    """Give the text that the column `tag_names` holds for exactly the rows that have a tag (see `schema`)."""
    plain = "\0" not in name and not name.startswith("\x01")
    return f"\0{name}\0" if plain else f"\0\x01{name.encode('utf-8', 'replace').hex().upper()}\0"


def tag_present(mark: str) -> str:
    """Say in SQL which rows have the tag whose mark is bound as the parameter `mark`."""
    return f"position(tag_names, {mark}) > 0"


def _compared(column: str, clause: Clause, operator: Operator, values: Sequence[str]) -> str:
    """Compare a column with values already bound."""
    match operator:
        case "=" if len(values) > 1:  # a set, which the primary key is searched by at once
            return f"{column} IN ({', '.join(values)})"
        case "=" | "<" | "<=" | ">" | ">=":
            return _or([f"{column} {operator} {value}" for value in values])
        case "..":
            low, high = values
            return f"{column} >= {low} AND {column} <= {high}"
        case "exists":
            return "1"
        case "~" | "!~" | "!=" | "missing":
            raise ValueError(f"{clause.field} cannot be asked whether it contains a text")
        case _ as never:
            assert_never(never)


def _or(terms: Sequence[str]) -> str:
    """Join alternatives; none at all is false."""
    return " OR ".join(terms) or "0"
