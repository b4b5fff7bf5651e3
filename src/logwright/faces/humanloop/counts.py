"""How often versions were used, remembered for a few seconds.

Every answer about a log tells the counts of its prompt, and counting takes a look
at all of the prompt's logs. So an answer about logs tells counts that may be ten
seconds old; one about the prompt itself counts anew.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from logwright.prompts.types import Counted, VersionCounter

MOST: Final = 10_000
SECONDS: Final = 10.0


class Counts:
    """The counts that this process knows, by project and prompt."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: OrderedDict[tuple[str, str], tuple[float, Sequence[Counted]]] = OrderedDict()

    async def of(
        self, counter: VersionCounter, project_id: str, prompt_ids: Sequence[str], *, anew: bool = False
    ) -> list[Counted]:
        """Return the counts of prompts; in one question to the store, what is not known well enough."""
        now = self._now()
        asked = [each for each in prompt_ids if anew or self._known.get((project_id, each), (now, ()))[0] <= now]
        if asked:
            counted = await counter.count_by_version(project_id, asked)
            for prompt_id in asked:
                found = [each for each in counted if each.prompt_id == prompt_id]
                self._known[project_id, prompt_id] = (self._now() + SECONDS, found)
                self._known.move_to_end((project_id, prompt_id))
        kept = [each for prompt_id in prompt_ids for each in self._known[project_id, prompt_id][1]]
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return kept
