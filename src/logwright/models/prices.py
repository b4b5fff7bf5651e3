"""What a call costs: the published price lists of `genai-prices`, and the project's own prices above them.

Loading the lists takes a tenth of a second and tens of megabytes, so it happens at
the first priced call and only where logs are priced: in the store process. Nothing
is fetched; the lists are the ones that the installed release of the package carries.
"""

from __future__ import annotations

from typing import NamedTuple


class Price(NamedTuple):
    """What one call costs."""

    cost: float
    """US dollars."""
    version: str
    """Which price list it comes from, such as `genai-prices 0.2.3` or `project 2026-11-21`."""
