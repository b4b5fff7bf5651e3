"""Which whole months a project's retention may drop at once instead of deleting row by row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from logwright.clock import to_micros
from logwright.logs.store.changes import within
from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS


def partitions_before(
    engine: Engine, project_id: str, before: datetime, levels: Mapping[str, int]
) -> list[tuple[str, int]]:
    """Find the partitions that hold nothing but this project's logs older than `before`, with their numbers of rows.

    `levels` are the last sequences taken from each producer: a partition with rows beyond them is left out, so that
    the number is the number of rows that dropping it takes away.
    """
    data = engine.query(
        f"""
        SELECT _partition_id, count()
        FROM {LOGS}
        WHERE toYYYYMM(requested_at) <= toYYYYMM(fromUnixTimestamp64Micro({{before:Int64}}, 'UTC'))
        GROUP BY _partition_id
        HAVING countIf(
            project_id != {{project:String}}
            OR requested_at >= fromUnixTimestamp64Micro({{before:Int64}}, 'UTC')
            OR NOT ({within(levels)})
        ) = 0
        """,
        {"project": project_id, "before": to_micros(before)},
        form="JSONCompactEachRow",
    )
    return msgspec.json.Decoder(tuple[str, int]).decode_lines(data)
