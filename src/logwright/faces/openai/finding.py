"""Find the logs that stand behind the ids and filters of OpenAI's API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from logwright.errors import NotFound
from logwright.ids import id_millis
from logwright.logs.record import Kind
from logwright.logs.seam import LogStore
from logwright.logs.store import cursors
from logwright.logs.types import Clause, Direction, Field, Log, LogQuery, Order

_PAGE_BYTES: Final = 64 << 20
"""How much of bodies one page reads; a page of larger ones has fewer."""


class Found(NamedTuple):
    """One page of logs, whole."""

    logs: Sequence[Log]
    has_more: bool


def answered(kind: Kind, *more: Clause) -> LogQuery:
    """Mean the calls of a kind that succeeded."""
    return LogQuery(
        clauses=(
            Clause(field="kind", operator="=", values=(kind,)),
            Clause(field="error", operator="missing"),
            *more,
        )
    )


def named(kind: Kind, name: str) -> LogQuery:
    """Mean the logs that an id names: by our own id, or all that recorded the completion with this id."""
    field: Field = "id" if name.startswith("log_") and id_millis(name) is not None else "completion_id"
    return answered(kind, Clause(field=field, operator="=", values=(name,)))


async def find(store: LogStore, project_id: str, kind: Kind, name: str) -> Log:
    """Return the log that an id names, the newest where several recorded the same completion.

    Raises:
        NotFound: there is none in this project.
    """
    page = await store.search(project_id, named(kind, name), order=Order(), after=None, limit=1)
    log = await store.get(project_id, page.items[0].id) if page.items else None
    if log is None:
        raise missing(kind, name)
    return log


def missing(kind: Kind, name: str) -> NotFound:
    """Say that an id names nothing here."""
    thing = "response" if kind == "responses" else "chat completion"
    return NotFound(f"No {thing} with the id '{name}' was found", param="id")


async def page(
    store: LogStore,
    project_id: str,
    *,
    model: str | None,
    metadata: Mapping[str, str],
    order: Direction,
    after: str | None,
    limit: int,
) -> Found:
    """Return one page of stored chat completions.

    Raises:
        NotFound: `after` names none.
    """
    clauses = [Clause(field="tag", name=name, operator="=", values=(value,)) for name, value in metadata.items()]
    if model is not None:
        clauses.append(Clause(field="model", operator="=", values=(model,)))
    sorting = Order(key="time", direction=order)
    place = None if after is None else await _place(store, project_id, after, sorting)
    found = await store.search(
        project_id, answered("chat_completion", *clauses), order=sorting, after=place, limit=limit
    )
    items, has_more = list(found.items), found.next is not None
    while True:
        whole = {log.id: log for log in await store.whole(project_id, items, most_bytes=_PAGE_BYTES)}
        if len(whole) == len(items) or len(items) <= 1:
            break
        # Too large together, or one was deleted meanwhile: the first half, and the rest on the next page.
        items, has_more = items[: len(items) // 2], True
    return Found([whole[item.id] for item in items if item.id in whole], has_more)


async def _place(store: LogStore, project_id: str, after: str, order: Order) -> str:
    """Name the place behind the completion `after`.

    Of several logs of one completion it is the last in this order: a client walks on by the id of the last it was
    shown, and would otherwise be shown the others for ever.
    """
    other: Direction = "asc" if order.direction == "desc" else "desc"
    found = await store.search(
        project_id,
        named("chat_completion", after),
        order=Order(key="time", direction=other),
        after=None,
        limit=1,
    )
    if not found.items:
        raise missing("chat_completion", after)
    return cursors.after(order, found.items[0])
