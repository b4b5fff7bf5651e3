"""What the keys of callers are called, and the values to offer in the menus of a log page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

from logwright.clock import to_micros
from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, LogQuery, Order
from logwright.projects.manage import Managing, list_keys, list_providers
from logwright.wire.strict import JSON

DELETED: Final = " (deleted)"
"""What follows the name of a key or a provider that is no longer there."""

RECENT: Final = timedelta(days=30)
"""How far back from the newest log the menu of tags looks: there may be as many values as logs."""

_MOST_VALUES: Final = 1000
_MOST_PAIRS: Final = 5000

_pair: Final = msgspec.json.Decoder(tuple[str, str]).decode


def key_names(to: Managing, project_id: str) -> Mapping[str, str]:
    """Return the names of all keys that a project's logs may have come with, by their ids; it asks the database."""
    keys = [*list_keys(to, None), *list_keys(to, project_id)]
    return {key.id: _named(key.name or key.hint, deleted=key.revoked_at is not None) for key in keys}


def provider_names(to: Managing, project_id: str) -> frozenset[str]:
    """Return the names of a project's providers; it asks the database."""
    return frozenset(provider.slug for provider in list_providers(to, project_id))


async def filter_data(
    store: LogStore, project_id: str, keys: Mapping[str, str], providers: frozenset[str]
) -> Mapping[str, JSON]:
    """Return the values that occur, the most frequent 1,000 of each sort at most; of tags the recent ones."""
    fields = ("model", "provider", "object", "key")
    models, used, objects, callers = await store.facets(project_id, LogQuery(), fields, limit=_MOST_VALUES)
    newest = await store.search(project_id, LogQuery(), order=Order(), after=None, limit=1)
    query = LogQuery()
    if newest.items:
        since = max(to_micros(newest.items[0].requested_at - RECENT), 0)
        query = LogQuery(clauses=(Clause(field="time", operator=">=", values=(since,)),))
    (pairs,) = await store.facets(project_id, query, ["tag="], limit=_MOST_PAIRS)
    metadata: dict[str, list[str]] = {}
    for text, _ in pairs.values:
        name, value = _pair(text)
        metadata.setdefault(name, []).append(value)
    return {
        "models": [value for value, _ in models.values],
        "providers": [value for value, _ in used.values],
        "objects": [value for value, _ in objects.values],
        "statuses": ["success", "error", "cancelled"],
        "selected_keys": [
            {"id": value, "name": _named(value, deleted=value not in providers)} for value, _ in used.values
        ],
        "virtual_keys": [
            {"id": value, "name": keys.get(value) or _named(value, deleted=True)} for value, _ in callers.values
        ],
        "routing_rules": [],
        "routing_engines": [],
        "metadata_keys": metadata,
    }


def _named(name: str, *, deleted: bool) -> str:
    return f"{name}{DELETED}" if deleted else name
