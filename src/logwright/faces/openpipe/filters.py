"""OpenPipe's filters of logs, turned into our query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from logwright.errors import InvalidRequest
from logwright.faces.openpipe.shape import VALIDATION_FAILED
from logwright.faces.openpipe.tags import tag_text
from logwright.logs.types import Clause, Field, LogQuery
from logwright.wire.strict import JSON

_FIELDS: Final[dict[str, Field]] = {"model": "model", "completionId": "completion_id"}
_TAG_PREFIXES: Final = ("metadata.", "tags.")


def query_of(filters: Sequence[JSON]) -> LogQuery:
    """Return the logs that all filters describe; without filters, every log of the project.

    Raises:
        InvalidRequest: names the filter whose field is none. The original took such a filter for one that matches
            everything, which turned a misspelt name into a change of every log.
    """
    return LogQuery(clauses=tuple(_clause(each, index) for index, each in enumerate(filters)))


def _clause(given: JSON, index: int) -> Clause:
    name: str = given["field"]
    values = (tag_text(given["equals"]) or "",)
    if name in _FIELDS:
        return Clause(field=_FIELDS[name], operator="=", values=values)
    for prefix in _TAG_PREFIXES:
        # Everything after the first dot is one name: the clients' own tags are `$sdk` and `$sdk.version`.
        if name.startswith(prefix) and name != prefix:
            return Clause(field="tag", name=name.removeprefix(prefix), operator="=", values=values)
    path = f"filters[{index}].field"
    raise InvalidRequest(
        VALIDATION_FAILED,
        issues=[f"{path}: {name[:100]!r} is no field; use model, completionId or metadata.NAME"],
        param=path,
    )
