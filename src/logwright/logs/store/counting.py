"""How often each version of a prompt was used: one pass over narrow columns, however many versions are asked for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from logwright.clock import from_micros
from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import literals, quoted
from logwright.prompts.types import Counted

_rows = msgspec.json.Decoder(tuple[str, str, int, int, tuple[str, ...]]).decode_lines


def count_by_version(engine: Engine, project_id: str, prompt_ids: Sequence[str] | None) -> list[Counted]:
    """Count the logs of every version of these prompts, or with None of all that the project has."""
    if prompt_ids is not None and not prompt_ids:
        return []
    mine = "" if prompt_ids is None else f" AND prompt_id IN ({', '.join(map(quoted, prompt_ids))})"
    data = engine.query(
        "SELECT version_id, prompt_id, count(), toUnixTimestamp64Micro(max(requested_at)), groupUniqArray(8)(model)"
        f" FROM {LOGS} WHERE project_id = {{project:String}}{mine} GROUP BY version_id, prompt_id",
        literals({"project": project_id}),
        form="JSONCompactEachRow",
    )
    return [
        Counted(version, prompt, logs, from_micros(last), models) for version, prompt, logs, last, models in _rows(data)
    ]
