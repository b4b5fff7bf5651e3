"""What happens when our own code breaks: the caller gets an id, the process log the traceback under it.

Pure ASGI, and inside the framework's own handler of last resort, which would
answer in plain text and raise again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from logwright import clock
from logwright.errors import LogwrightError, described
from logwright.http.errors import answer
from logwright.ids import new_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)


class BrokenOff(Exception):
    """The application failed amid an answer; the connection must be closed without its proper end."""


class Faults:
    """Answers 500 with an error id for whatever the application raises and nobody handles."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for the application when it breaks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            log.info("%s %s: the caller left before its request had come", scope["method"], scope["path"])
        # Broad on purpose: this is the last place that can answer the caller.
        except Exception as error:  # noqa: BLE001
            error_id = new_id("err", clock.to_micros(clock.now()))
            log.error("%s while answering %s %s\n%s", error_id, scope["method"], scope["path"], described(error))
            if started:
                # The head has gone out as a success; only a broken connection can still tell the caller. Whoever
                # breaks it logs what we raise, so that must not be the error itself.
                raise BrokenOff(f"{error_id} arose after the answer had begun") from None
            shown = answer(
                LogwrightError(f"Something went wrong on our side; the server's log has it under {error_id}")
            )
            shown.headers["x-error-id"] = error_id
            await shown(scope, receive, send)
