"""What both kinds of crash report, and in which words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from logwright.testing.load import Load, found, shortfall
from logwright.testing.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One crash and what was found after it."""

    acknowledged: int
    """Calls acknowledged in this round and in those before it."""
    found: int
    wrong: Sequence[str]
    """What was lost, doubled or made up, in sentences."""
    recovery: float
    """Seconds from starting the server again until it is ready to take and store calls."""
    searched: float
    """Seconds from starting it again until all logs had been listed."""


def check(server: Server, loads: Sequence[Load]) -> tuple[int, int, list[str]]:
    """Hold what is found against all loads so far; return how many were acknowledged and found, and what is wrong."""
    texts = found(server.url, server.key)
    wrong = [line for load in loads for line in shortfall(load, texts) if not line.startswith("found and never sent")]
    sent = set[str]().union(*(load.sent for load in loads))
    wrong += [f"found and never sent: {text}" for text in texts if text not in sent]
    audit = json.loads(server.cli("audit", "--json", check=False))
    if not audit["complete"]:
        wrong.append(f"the audit is not complete: {json.dumps(audit)}")
    return sum(len(load.acknowledged) for load in loads), sum(texts.values()), wrong


def show(number: int, each: Round) -> None:
    """Print one round."""
    print(
        f"round {number:2d}: {each.acknowledged:6d} acknowledged, {each.found:6d} found, {len(each.wrong)} wrong, "
        f"ready after {each.recovery:.2f} s, all listed after {each.searched:.2f} s",
        flush=True,
    )
    for line in each.wrong[:20]:
        print(f"    {line}", flush=True)


def close(rounds: Sequence[Round], limit: float) -> int:
    """Print the sum and return the exit status."""
    wrong = sum(len(each.wrong) for each in rounds)
    slowest = max(each.recovery for each in rounds)
    print(
        f"{len(rounds)} crashes, {rounds[-1].acknowledged} calls acknowledged, {wrong} lost, doubled or made up; "
        f"slowest recovery {slowest:.2f} s (demand: {limit:g} s)"
    )
    return 1 if wrong or slowest > limit else 0
