"""Readiness: what is asked, and what is said when a part is not well."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from logwright.errors import Unavailable
from logwright.http.health import Readiness
from logwright.testing.application import Application


class _Part:
    """Stands in the place of a part that is not well."""

    def __init__(self, *, refusal: str | None = None, raises: Exception | None = None) -> None:
        self._refusal = refusal
        self._raises = raises
        self.asked = 0

    def refusal(self) -> str | None:
        return self._refusal

    async def health(self) -> None:
        self.asked += 1
        if self._raises is not None:
            raise self._raises

    def version(self) -> int:
        self.asked += 1
        if self._raises is not None:
            raise self._raises
        return 1


def reasons(application: Application, **parts: Any) -> tuple[str, ...]:
    return application.run(Readiness(replace(application.services, **parts)).reasons())


def test_nothing_is_said_when_all_is_well(application: Application) -> None:
    assert reasons(application) == ()


def test_a_journal_that_refuses_says_why(application: Application) -> None:
    assert reasons(application, recorder=_Part(refusal="The disk is full")) == ("The disk is full",)


def test_a_store_that_cannot_be_reached_is_a_reason(application: Application) -> None:
    found = reasons(application, store=_Part(raises=Unavailable("it is being started")))

    assert found == ("The store is not available: it is being started",)


def test_a_part_that_breaks_is_a_reason_and_where_is_logged(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    found = reasons(application, database=_Part(raises=OSError("secret detail")))

    assert found == ("The database failed its check; the server's log says how",)
    assert "OSError" in caplog.text
    assert "secret detail" not in caplog.text


def test_several_reasons_are_all_told(application: Application) -> None:
    found = reasons(application, recorder=_Part(refusal="One"), store=_Part(raises=Unavailable("two")))

    assert len(found) == 2


def test_the_parts_are_asked_at_most_once_a_second(application: Application) -> None:
    store, at = _Part(), [0.0]
    readiness = Readiness(replace(application.services, store=store), now=lambda: at[0])  # type: ignore[arg-type] # a stand-in

    async def ask_often() -> None:
        await asyncio.gather(*(readiness.reasons() for _ in range(20)))
        at[0] = 0.9
        await readiness.reasons()
        assert store.asked == 1
        at[0] = 1.0
        await readiness.reasons()
        assert store.asked == 2

    application.run(ask_often())
