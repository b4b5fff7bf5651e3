"""Who calls Humanloop's API, in which project, and what a route works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

from logwright import clock
from logwright.faces.humanloop.counts import Counts
from logwright.faces.humanloop.places import Places
from logwright.projects.access import Access, Reader, Writer
from logwright.prompts.manage import Author

if TYPE_CHECKING:
    from logwright.db import Database
    from logwright.logs.recorder import Recorder
    from logwright.logs.seam import LogStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a request works with."""

    project_id: str
    key_id: str
    database: Database
    store: LogStore
    recorder: Recorder
    places: Places
    counts: Counts
    now: datetime

    @property
    def author(self) -> Author:
        """Who changes files."""
        return Author(project_id=self.project_id, key_id=self.key_id, now=self.now)


async def _reading(request: Request, access: Reader) -> Desk:
    return _desk(request, access)


async def _writing(request: Request, access: Writer) -> Desk:
    return _desk(request, access)


ReadingDesk = Annotated[Desk, Depends(_reading)]
"""For a key that may read."""

WritingDesk = Annotated[Desk, Depends(_writing)]
"""For a key that may write."""


def _desk(request: Request, access: Access) -> Desk:
    state = request.app.state  # starlette's state is untyped
    if not hasattr(state, "humanloop_places"):
        state.humanloop_places, state.humanloop_counts = Places(), Counts()
    return Desk(
        project_id=access.project.id,
        key_id=access.principal.key_id,
        database=cast("Database", state.database),
        store=cast("LogStore", state.store),
        recorder=cast("Recorder", state.recorder),
        places=state.humanloop_places,
        counts=state.humanloop_counts,
        now=clock.now(),
    )
