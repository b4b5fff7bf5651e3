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
    # Over everything, one model of each version has to do: telling them apart takes four times as long (140 ms against
    # 35 for a million logs of 400 versions), and so does a second key beside the version, which belongs to one prompt.
    models = "[any(model)]" if prompt_ids is None else "groupUniqArray(8)(model)"
    data = engine.query(
        f"SELECT version_id, any(prompt_id), count(), toUnixTimestamp64Micro(max(requested_at)), {models}"
        f" FROM {LOGS} WHERE project_id = {{project:String}}{mine} GROUP BY version_id",
        literals({"project": project_id}),
        form="JSONCompactEachRow",
    )
    return [
        Counted(version, prompt, logs, from_micros(last), named) for version, prompt, logs, last, named in _rows(data)
    ]
