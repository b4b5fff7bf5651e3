"""Which blobs the logs refer to."""

from __future__ import annotations

import msgspec

from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import literals


def refers_to(engine: Engine, project_id: str, digest: str) -> bool:
    """Say whether a log of the project has taken in the medium; that a body names it counts for nothing."""
    found = engine.query(
        f"SELECT 1 FROM {LOGS} WHERE project_id = {{project:String}} AND has(blobs, {{digest:String}}) LIMIT 1",
        literals({"project": project_id, "digest": digest}),
        form="TSV",
    )
    return bool(found)


def referred_blobs(engine: Engine, beginning: str) -> set[str]:
    """Return the digests that begin so and that a log of any project refers to."""
    found = engine.query(
        f"SELECT DISTINCT arrayJoin(blobs) AS digest FROM {LOGS} WHERE notEmpty(blobs)"
        " AND startsWith(digest, {beginning:String})",
        {"beginning": beginning},
        form="JSONCompactEachRow",
    )
    return {digest for (digest,) in msgspec.json.Decoder(tuple[str]).decode_lines(found)}
