"""Logs of a dump made logs again: recorded as they were, with the history of their amendments."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from logwright.errors import Unavailable
from logwright.logs.dump.rows import Dumped
from logwright.logs.imports.take import known
from logwright.logs.recorder import Recorder
from logwright.logs.seam import LogStore


async def restore(store: LogStore, recorder: Recorder, dumped: Sequence[Dumped]) -> int:
    """Record the logs that are not there, by their id; return how many. They are durable when this returns.

    The amendments of those that are there are put in place as well: a run that was
    broken off between a log and its history is made good by the next.

    Raises:
        Unavailable: when nothing can be recorded, or the store cannot be asked, at present.
    """
    refusal = recorder.refusal()
    if refusal is not None:
        raise Unavailable(refusal)
    by_project: defaultdict[str, list[Dumped]] = defaultdict(list)
    for each in dumped:
        by_project[each.record.project_id].append(each)
    taken = 0
    for project_id, found in by_project.items():
        there = await known(store, project_id, [each.record for each in found])
        fresh = {each.record.id: each.record for each in found if each.record.id not in there}
        await asyncio.gather(*[recorder.keep(record) for record in fresh.values()])
        taken += len(fresh)
        for each in found:
            if each.amendments:
                await store.restore_amendments(project_id, each.record.id, each.amendments)
    return taken
