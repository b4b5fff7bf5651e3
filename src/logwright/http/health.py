"""Whether calls can be taken and stored at this moment."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from logwright.errors import LogwrightError, described

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from logwright.http.services import Services

log = logging.getLogger(__name__)

_PATIENCE: Final = 2.0
"""Seconds that each part has to say that it is well."""
_REMEMBERED: Final = 1.0
"""Seconds for which a finding is reused: the route is public, and a check asks the disk and another process."""


class Readiness:
    """Asks the journal, the database and the store how they are; remembers the answer for a second."""

    def __init__(self, services: Services, now: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._now = now
        self._asking = asyncio.Lock()
        self._found: tuple[float, tuple[str, ...]] | None = None

    async def reasons(self) -> tuple[str, ...]:
        """Return why calls cannot be taken or stored now, a sentence each; nothing when they can."""
        async with self._asking:
            if self._found is None or self._now() - self._found[0] >= _REMEMBERED:
                self._found = (self._now(), await self._ask())
            return self._found[1]

    async def _ask(self) -> tuple[str, ...]:
        reasons: list[str] = []
        if refusal := self._services.recorder.refusal():
            reasons.append(refusal)
        parts: dict[str, Callable[[], Awaitable[object]]] = {
            "database": lambda: asyncio.to_thread(self._services.database.version)
        }
        if not self._services.settings.store:
            # A store on a server is every machine's: were they all to report themselves unable when it is away, a
            # load balancer would refuse the calls that the journals can keep for it.
            parts["store"] = self._services.store.health
        for name, ask in parts.items():
            try:
                await asyncio.wait_for(ask(), _PATIENCE)
            except LogwrightError as error:
                reasons.append(f"The {name} is not available: {error.message}")
            except TimeoutError:
                reasons.append(f"The {name} did not answer within {_PATIENCE:g} seconds")
            # Broad on purpose: whatever is wrong with a part, readiness must say so.
            except Exception as error:  # noqa: BLE001
                log.error("the %s failed its readiness check\n%s", name, described(error))
                reasons.append(f"The {name} failed its check; the server's log says how")
        return tuple(reasons)
