"""Pages of a long list, walked by cursor so that rows that arrive meanwhile neither repeat nor vanish.

An answer about very many rows may cover a part of them; then it says which (`Narrowed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

Item = TypeVar("Item", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """The part of the time that an answer covers, because all of it would have cost more than one query may."""

    since: datetime | None = None
    """What is older was left out; None where the oldest come first and the newest were left out."""
    until: datetime | None = None
    """What is newer was left out."""
    why: Literal["time", "memory"] = "time"
    """What would not have been enough for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """One page of a list and where the next one begins."""

    items: Sequence[Item]
    next: str | None
    """Opaque cursor of the following page; None on the last one."""
    narrowed: Narrowed | None = None
    """The part of the time that was searched, when it is not all; in order of time, `next` leads on from there."""
