"""Pages of a long list, walked by cursor so that rows that arrive meanwhile neither repeat nor vanish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """One page of a list and where the next one begins."""

    items: Sequence[Item]
    next: str | None
    """Opaque cursor of the following page; None on the last one."""
