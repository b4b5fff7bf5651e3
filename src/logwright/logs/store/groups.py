"""Group logs by trace or session: the ids of one page first, which needs two columns, then what is shown of these."""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec

from logwright.clock import from_micros
from logwright.errors import InvalidRequest
from logwright.logs.groups import GroupedBy, LogGroup
from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import condition, literals
from logwright.logs.types import LogQuery
from logwright.paging import Page

_COLUMNS: Final[dict[GroupedBy, str]] = {"trace": "trace_id", "session": "session_id"}
_MICROS: Final = "toUnixTimestamp64Micro"


class _Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which group a page begins."""

    by: GroupedBy
    first: int
    id: str


class _Row(msgspec.Struct):
    id: str
    first: int
    last: int
    logs: int
    failed: int
    traces: int
    session: str
    models: list[str]
    input_tokens: int
    output_tokens: int
    total_tokens: int
    cost: float
    name: str
    request_preview: str
    response_preview: str


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(_Place).decode
_pairs: Final = msgspec.json.Decoder(tuple[str, int])
_rows: Final = msgspec.json.Decoder(_Row)


def groups(
    engine: Engine, project_id: str, query: LogQuery, by: GroupedBy, after: str | None, limit: int
) -> Page[LogGroup]:
    """Return one page of the groups that have a match, those that began last first."""
    where, values = condition(project_id, query)
    column = _COLUMNS[by]
    parameters: dict[str, object] = dict(literals(values))
    beyond = ""
    if after is not None:
        place = _read(by, after)
        parameters |= {"first": place.first, **literals({"last_id": place.id})}
        beyond = "HAVING (first, id) < ({first:Int64}, {last_id:String})"
    found = _pairs.decode_lines(
        engine.query(
            f"SELECT {column} AS id, {_MICROS}(min(requested_at)) AS first FROM {LOGS}"
            f" WHERE {where} AND {column} != '' GROUP BY {column} {beyond}"
            f" ORDER BY first DESC, id DESC LIMIT {int(limit) + 1}",
            parameters,
            form="JSONCompactEachRow",
        )
    )
    shown = found[:limit]
    if not shown:
        return Page(items=(), next=None)
    more = _cursor(_Place(by, shown[-1][1], shown[-1][0])) if len(found) > limit else None
    return Page(items=_described(engine, project_id, query, column, [name for name, _ in shown]), next=more)


def _described(engine: Engine, project_id: str, query: LogQuery, column: str, ids: list[str]) -> list[LogGroup]:
    where, values = condition(project_id, query)
    named = {f"id{number}": name for number, name in enumerate(ids)}
    data = engine.query(
        f"""
        SELECT
            t.{column} AS id,
            {_MICROS}(min(t.requested_at)) AS first,
            {_MICROS}(max(ifNull(t.received_at, t.requested_at))) AS last,
            count() AS logs,
            countIf(t.error_kind != '') AS failed,
            uniqExactIf(t.trace_id, t.trace_id != '') AS traces,
            argMinIf(t.session_id, (t.requested_at, t.id), t.session_id != '') AS session,
            arraySort(groupUniqArrayIf(10)(t.model, t.model != '')) AS models,
            sum(ifNull(t.input_tokens, 0)) AS input_tokens,
            sum(ifNull(t.output_tokens, 0)) AS output_tokens,
            sum(ifNull(t.total_tokens, 0)) AS total_tokens,
            sum(ifNull(t.cost, 0)) AS cost,
            argMin(if(t.named != '', t.named, t.kind), (t.requested_at, t.id)) AS name,
            argMinIf(t.request_preview, (t.requested_at, t.id), t.request_preview != '') AS request_preview,
            argMaxIf(t.response_preview, (t.requested_at, t.id), t.response_preview != '') AS response_preview
        FROM (
            SELECT id, {column}, {"" if column == "trace_id" else "trace_id, "}
                {"" if column == "session_id" else "session_id, "}requested_at, received_at, error_kind, model,
                input_tokens, output_tokens, total_tokens, cost, tags['span.name'] AS named, toString(kind) AS kind,
                request_preview, response_preview
            FROM {LOGS}
            WHERE {where} AND {column} IN ({", ".join(f"{{{name}:String}}" for name in named)})
        ) AS t
        GROUP BY t.{column} ORDER BY first DESC, id DESC
        """,
        {**literals(values), **literals(named)},
    )
    return [
        LogGroup(
            id=row.id,
            started_at=from_micros(row.first),
            ended_at=from_micros(row.last),
            logs=row.logs,
            failed=row.failed,
            traces=row.traces,
            session_id=row.session,
            models=row.models,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            total_tokens=row.total_tokens,
            cost=row.cost,
            name=row.name,
            request_preview=row.request_preview,
            response_preview=row.response_preview,
        )
        for row in _rows.decode_lines(data)
    ]


def _cursor(place: _Place) -> str:
    return base64.urlsafe_b64encode(_encode(place)).rstrip(b"=").decode()


def _read(by: GroupedBy, cursor: str) -> _Place:
    try:
        place = _decode(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        place = None
    if place is None or place.by != by:
        raise InvalidRequest(
            "`after` is not where a page of this list ended; take it from `next` of the page before.", param="after"
        )
    return place
