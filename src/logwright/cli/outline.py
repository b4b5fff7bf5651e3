"""Traces and sessions on the terminal: a list of them, and the logs of one as an outline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

import click

from logwright.cli import output
from logwright.cli.context import Api, Context

_SHOWN: Final = ["started_at", "id", "name", "logs", "failed", "total_tokens", "cost", "models", "request_preview"]
_PAGE: Final = 200
_LONGEST_WORDS: Final = 100


def list_groups(context: Context, noun: str, query: str, limit: int) -> None:
    """Print the newest traces or sessions that have a log that matches."""
    with context.api() as api:
        found = list(_pages(api, noun, query, limit))
    if context.json:
        output.as_json(found)
        return
    output.table(_SHOWN, [[group[name] for name in _SHOWN] for group in found], empty=f"There are no {noun}.")


def show_tree(context: Context, noun: str, name: str) -> None:
    """Print the logs of a trace or a session, each below the one that it is a step of."""
    with context.api() as api:
        found = api.get(f"/api/manage/{noun}/{quote(name, safe='')}")
    if context.json:
        output.as_json(found)
        return
    for line in outlined(found["nodes"]):
        click.echo(line)
    if found["truncated"]:
        output.say(f"Only the first {len(found['nodes'])} logs are shown.")


def outlined(nodes: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each node: when it began, how long it took, and at its depth what it was."""
    for node, guides in zip(nodes, _guides([node["depth"] for node in nodes]), strict=True):
        log = node["log"]
        took = "" if node["duration"] is None else f"{node['duration']:.3f}s"
        words = [
            log["tags"].get("span.name") or log["kind"],
            log["model"],
            f"{log['total_tokens']} tokens" if log["total_tokens"] is not None else "",
            f"${log['cost']:.6g}" if log["cost"] is not None else "",
            f"FAILED: {log['error_message'] or log['error_kind']}" if log["error_kind"] else "",
            log["response_preview"] or log["request_preview"],
        ]
        told = "  ".join(output.cell(word)[:_LONGEST_WORDS] for word in words if word)
        yield f"{node['offset']:>9.3f}s {took:>9}  {guides}{told}  {log['id']}"


def _guides(depths: Sequence[int]) -> list[str]:
    """Draw the lines that lead from each node to its parent; read from below, whether a branch goes on is known."""
    drawn: list[str] = []
    goes_on: list[bool] = []
    for depth in reversed(depths):
        goes_on = [*goes_on[: depth + 1], *[False] * (depth + 1 - len(goes_on))]
        if depth:
            above = "".join("│  " if goes_on[level] else "   " for level in range(1, depth))
            drawn.append(above + ("├─ " if goes_on[depth] else "└─ "))
        else:
            drawn.append("")
        goes_on[depth] = True
    return drawn[::-1]


def _pages(api: Api, noun: str, query: str, limit: int) -> Iterator[dict[str, Any]]:
    after: str | None = None
    while limit > 0:
        page = api.get(f"/api/manage/{noun}", {"q": query, "limit": min(limit, _PAGE), "after": after})
        yield from page["data"]
        limit -= len(page["data"])
        after = page["next"]
        if after is None:
            return
