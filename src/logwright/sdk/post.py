"""One report posted over a kept connection, and what its answer means for the report."""

from __future__ import annotations

from typing import Final, Literal

import httpx2
import msgspec

from logwright.sdk.options import Destination
from logwright.sdk.report import Parcel

Outcome = Literal["taken", "refused", "away", "fault"]
"""`taken`: it is durable there. `refused`: never will be, whatever we do. `away`: try again later.
`fault`: the server stumbled, perhaps over this very report."""

# Nobody waits for these, but a hanging server holds up the reports behind this one.
_TIMEOUT: Final = httpx2.Timeout(5.0, connect=2.0)
_LATER: Final = frozenset({408, 409, 425, 429, 502, 503, 504, 507})


class Post:
    """The connection to one destination. Not for several threads at once."""

    def __init__(self, target: Destination) -> None:
        self._url = target.api_url + "/report"
        self._headers = {"authorization": f"Bearer {target.api_key}", "content-type": "application/json"}
        self._client: httpx2.Client | None = None
        self.refusal = ""
        """Why the last `refused` was; for the log."""

    def send(self, parcel: Parcel) -> Outcome:
        """Post a report. Never raises for what a network or a server can do."""
        if self._client is None:
            self._client = httpx2.Client(timeout=_TIMEOUT)
        try:
            reply = self._client.post(
                self._url, content=parcel.body, headers={**self._headers, "idempotency-key": parcel.idempotency_key}
            )
        except httpx2.TransportError:
            return "away"
        except (httpx2.InvalidURL, httpx2.HTTPError, ValueError) as error:
            self.refusal = f"it cannot be sent to {self._url}: {error}"
            return "refused"
        return self._outcome(reply)

    def _outcome(self, reply: httpx2.Response) -> Outcome:
        if reply.is_success:
            # Login pages and the like answer 200 as well; only our own answer says that the report is kept.
            return "taken" if _says_ok(reply.content) else "away"
        if reply.status_code in _LATER:
            return "away"
        if reply.is_server_error:
            return "fault"
        self.refusal = f"it answered {reply.status_code} {reply.text[:200]!r}"
        return "refused"

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None


def _says_ok(content: bytes) -> bool:
    try:
        answer = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return False
    return isinstance(answer, dict) and answer.get("status") == "ok"
