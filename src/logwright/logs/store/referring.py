"""Which blobs the logs refer to."""

from __future__ import annotations

import msgspec

from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS


def referred_blobs(engine: Engine, beginning: str) -> set[str]:
    """Return the digests that begin so and that a log of any project refers to."""
    found = engine.query(
        f"SELECT DISTINCT arrayJoin(blobs) AS digest FROM {LOGS} WHERE notEmpty(blobs)"
        " AND startsWith(digest, {beginning:String})",
        {"beginning": beginning},
        form="JSONCompactEachRow",
    )
    return {digest for (digest,) in msgspec.json.Decoder(tuple[str]).decode_lines(found)}
