"""Where pages of lists began, so that a walk by page numbers stays as quick at its end as at its start.

The store goes on behind a place in no time, and passes over a number of logs the
slower the more they are. Clients walk pages in order, so the place behind a page
is kept for a while for whoever asks for the next. Where none is known (another
worker answered, pages are asked for at once) the number does.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from logwright.logs.types import LogQuery

MOST: Final = 10_000
SECONDS: Final = 60.0
"""How long a place counts: logs that come and go meanwhile shift the pages by number, and not by place."""


class PageOf(NamedTuple):
    """A page of a list."""

    project_id: str
    query: LogQuery
    size: int
    page: int


class Places:
    """The places that this process knows of."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._places: OrderedDict[PageOf, tuple[float, str]] = OrderedDict()

    def of(self, page: PageOf) -> str | None:
        """Return where a page begins; None where that is not known."""
        found = self._places.get(page)
        return None if found is None or found[0] < self._now() else found[1]

    def note(self, page: PageOf, place: str) -> None:
        """Keep where a page begins."""
        self._places[page] = (self._now() + SECONDS, place)
        self._places.move_to_end(page)
        while len(self._places) > MOST:
            self._places.popitem(last=False)
