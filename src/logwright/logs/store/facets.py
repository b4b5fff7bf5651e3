"""Counting the values of fields: all the fields of a question in one scan over their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from logwright.errors import InvalidRequest
from logwright.logs.query.fields import FIELDS
from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import condition, expression, literals, tag_mark, tag_present
from logwright.logs.types import Facet, LogQuery

_NAMES: Final = (
    "arrayMap(name -> if(startsWith(name, '\\x01'), unhex(substring(name, 2)), name),"
    " splitByChar('\\0', substring({value}, 2, length({value}) - 2)))"
)
"""The names in a value of the column `tag_names`."""

_FIRST_COME: Final = "max_rows_to_group_by = 200000, group_by_overflow_mode = 'any'"


class Source(NamedTuple):
    """Where the values of a field come from."""

    scanned: str
    """What a scan groups by, in the form that is cheapest to compare."""
    shown: str
    """The values in one `{value}` that was scanned, as an array of texts; NULL stands for none."""
    parameters: Mapping[str, object]
    scanned_alone: str = ""
    """For values of which there may be as many as logs: the settings that bound their counting."""


def source(field: str, number: int = 0) -> Source:
    """Find the values of a field that can be counted; `number` keeps apart the parameters of several in a statement.

    Raises:
        InvalidRequest: when it is not one.
    """
    if field == "tag":
        return Source("tag_names", f"if({{value}} = '', [], {_NAMES})", {})
    if field == "tag=":
        pairs = "arrayMap((name, value) -> toJSONString([name, value]), mapKeys(tags), mapValues(tags))"
        return Source(f"arrayJoin({pairs})", "[{value}]", {}, _FIRST_COME)
    if field.startswith("tag.") and field != "tag.":
        tag, mark = f"tag_{number}", f"mark_{number}"
        name = field.removeprefix("tag.")
        present = tag_present(f"{{{mark}:String}}")
        values = literals({tag: name, mark: tag_mark(name)})
        return Source(f"if({present}, tags[{{{tag}:String}}], NULL)", "[{value}]", values)
    info = FIELDS.get(field)
    if info is None or not info.facet:
        possible = ", ".join(name for name, known in FIELDS.items() if known.facet)
        raise InvalidRequest(f"`{field}` has no values to count; there are {possible} and tag.NAME", param="field")
    column = expression(info.columns[0])
    match info.kind:
        case "flag":
            return Source(column, "[if({value}, 'true', 'false')]", {})
        case "number":
            return Source(column, "[toString({value})]", {})
        case _:
            return Source(column, "[nullIf(toString({value}), '')]", {})


def source_of_each(field: str) -> Source:
    """Find the values of a field where a row that has several, as it has names of tags, counts once for each.

    Raises:
        InvalidRequest: when they cannot be counted.
    """
    found = source(field)
    if field == "tag":
        return Source(f"arrayJoin({found.shown.format(value=found.scanned)})", "[{value}]", found.parameters)
    return found


def facets(
    engine: Engine, project_id: str, query: LogQuery, fields: Sequence[str], limit: int, settings: str = ""
) -> list[Facet]:
    """Return the most frequent values of each field; `tag=` counts the pairs of name and value of all tags.

    `settings` bound what each scan may cost (see `budget`).
    """
    sources = {field: source(field, number) for number, field in enumerate(dict.fromkeys(fields))}
    together = {field: each for field, each in sources.items() if not each.scanned_alone}
    found: dict[str, list[tuple[str, int]]] = {field: [] for field in sources}
    if together:
        found |= _count(engine, project_id, query, together, limit, settings)
    for field, each in sources.items():
        if each.scanned_alone:
            bounds = f"{settings}, {each.scanned_alone}" if settings else f" SETTINGS {each.scanned_alone}"
            found |= _count(engine, project_id, query, {field: each}, limit, bounds)
    return [Facet(field=field, values=found[field][:limit], truncated=len(found[field]) > limit) for field in fields]


def _count(
    engine: Engine, project_id: str, query: LogQuery, sources: Mapping[str, Source], limit: int, settings: str
) -> dict[str, list[tuple[str, int]]]:
    """Count the values of some fields in one scan; give one more than `limit` of each where there are more."""
    where, values = condition(project_id, query)
    parameters: dict[str, object] = dict(literals(values))
    scanned, shown = [], []
    for number, each in enumerate(sources.values()):
        parameters |= each.parameters
        scanned.append(f"{each.scanned} AS v{number}")
        # GROUPING has a bit for each key, the first one's the highest, and it is 0 for the key that was grouped by.
        mark = (1 << len(sources)) - 1 - (1 << (len(sources) - 1 - number))
        texts = f"CAST({each.shown.format(value=f'v{number}')} AS Array(Nullable(String)))"
        shown.append(f"which = {mark}, ({number}, {texts})")
    keys = [f"v{number}" for number in range(len(sources))]
    data = engine.query(
        f"""
        SELECT texts.1 AS field, arrayJoin(texts.2) AS value, sum(many) AS count
        FROM (
            SELECT grouping({", ".join(keys)}) AS which, multiIf({", ".join(shown)}, (0, [])) AS texts, count() AS many
            FROM (SELECT {", ".join(scanned)} FROM {LOGS} WHERE {where})
            GROUP BY GROUPING SETS ({", ".join(f"({key})" for key in keys)})
        )
        GROUP BY field, value HAVING value IS NOT NULL
        ORDER BY field, count DESC, value LIMIT {int(limit) + 1} BY field{settings}
        """,
        parameters,
        form="JSONCompactEachRow",
    )
    names = list(sources)
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in names}
    for number, value, count in msgspec.json.Decoder(tuple[int, str, int]).decode_lines(data):
        found[names[number]].append((value, count))
    return found
