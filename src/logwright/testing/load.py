"""Callers that keep account: what they sent, what was acknowledged to them, and what a server then has of it.

Acknowledged has one meaning: the caller got the whole of a successful answer (of
a stream, `[DONE]`; of a report, its `ok`). Every call carries a text of its own,
so that it can be told apart in what is found afterwards.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import httpx2

_PAGE: Final = 1000
_PAUSE_SECONDS: Final = 0.02


class Load:
    """Several callers at once, each in a thread, until stopped; use it as a context manager."""

    def __init__(self, port: int, key: str, *, callers: int = 8, name: str = "call", pause: float = 0.0) -> None:
        """Prepare callers of the server on `port`; texts begin with `name`, and `pause` seconds lie between calls."""
        self._port = port
        self._key = key
        self._name = name
        self._pause = pause
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._call_on, args=(caller,)) for caller in range(callers)]
        self.sent: set[str] = set()
        self.acknowledged: dict[str, float] = {}
        """Texts of the calls that were, each with the `time.monotonic()` at which it was certain."""
        self.refused: Counter[int] = Counter()
        """Answers that were no success, by status."""
        self.broken = 0
        """Calls whose connection failed or ended before the answer did."""

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _call_on(self, caller: int) -> None:
        """Call again and again, one kind of call after the other."""
        kinds = [self._complete, self._stream, self._report]
        number = 0
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        while not self._stopping.is_set():
            number += 1
            text = f"{self._name} {caller} {number}."
            self.sent.add(text)
            try:
                if kinds[(caller + number) % len(kinds)](connection, text):
                    self.acknowledged[text] = time.monotonic()
            except (OSError, http.client.HTTPException):
                self.broken += 1
                connection.close()
                time.sleep(_PAUSE_SECONDS)
            if self._pause:
                time.sleep(self._pause)
        connection.close()

    def _complete(self, connection: http.client.HTTPConnection, text: str) -> bool:
        return self._send(connection, "/v1/chat/completions", chat(text), lambda body: json.loads(body)["choices"])

    def _stream(self, connection: http.client.HTTPConnection, text: str) -> bool:
        request = {**chat(text), "stream": True}
        return self._send(connection, "/v1/chat/completions", request, lambda body: b"data: [DONE]" in body)

    def _report(self, connection: http.client.HTTPConnection, text: str) -> bool:
        now = time.time_ns() // 1_000_000
        request = {"requestedAt": now, "receivedAt": now, "reqPayload": chat(text), "statusCode": 200}
        return self._send(connection, "/api/v1/report", request, lambda body: json.loads(body)["status"] == "ok")

    def _send(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        request: Mapping[str, Any],
        is_whole: Callable[[bytes], object],
    ) -> bool:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(request), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            self.refused[answer.status] += 1
            time.sleep(_PAUSE_SECONDS)
            return False
        return bool(is_whole(body))


def chat(text: str) -> dict[str, Any]:
    """Return a chat request whose last message is `text`."""
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}


def found(url: str, key: str) -> Counter[str]:
    """Count, by their last message's text, all logs of the key's project."""
    texts: Counter[str] = Counter()
    after: str | None = None
    with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False) as client:
        while True:
            asked = {"limit": _PAGE} | ({} if after is None else {"after": after})
            page = client.get("/api/manage/logs", params=asked).raise_for_status().json()
            texts.update(log["request_preview"] for log in page["data"])
            after = page["next"]
            if after is None:
                return texts


def shortfall(load: Load, texts: Mapping[str, int]) -> list[str]:
    """Say in sentences what is wrong between what was acknowledged and what was found; nothing when all is right."""
    wrong = [f"acknowledged and not found: {text}" for text in load.acknowledged if text not in texts]
    wrong += [f"found {count} times: {text}" for text, count in texts.items() if count > 1]
    wrong += [f"found and never sent: {text}" for text in texts if text not in load.sent]
    return wrong


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for something to hold and return how many seconds it took.

    Raises:
        TimeoutError: it did not within `seconds`; the message says `what`.
    """
    began = time.monotonic()
    while True:
        with contextlib.suppress(httpx2.HTTPError):
            if holds():
                return time.monotonic() - began
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{what} did not come true within {seconds:g} seconds")
        time.sleep(_PAUSE_SECONDS)
