"""The ways in which a provider misbehaves, each by a name that a test or a model name can ask for.

A call to model `fault-NAME` gets fault NAME from any fake upstream, so that a
process which cannot be scripted (a benchmark, a shell) can ask for it as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from logwright.testing import faults_of_answers, faults_of_connections, faults_of_framing
from logwright.testing.fault_wire import Wire

PREFIX: Final = "fault-"

Fault = Callable[[Wire], Awaitable[None]]


def _named() -> Mapping[str, Fault]:
    """Collect every fault under its name: the function `reset_mid_body` is `reset-mid-body`."""
    return {
        name.replace("_", "-"): found
        for module in (faults_of_connections, faults_of_framing, faults_of_answers)
        for name, found in vars(module).items()
        if asyncio.iscoroutinefunction(found) and found.__module__ == module.__name__ and not name.startswith("_")
    }


FAULTS: Final = _named()
"""All faults by name; the docstring of each says what it does. Refusing to connect is `FakeUpstream.refuse`."""
