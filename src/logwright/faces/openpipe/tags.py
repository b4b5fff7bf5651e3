"""Tags as OpenPipe's clients write them: text, numbers, booleans and null."""

from __future__ import annotations

from collections.abc import Mapping

from logwright.wire.strict import JSON
from logwright.wire.tags import tag_text


def new_tags(*sources: JSON) -> dict[str, str]:
    """Return the tags of a new log; of a name given in several sources the last one counts.

    A source that is no object gives none, for a request may have anything as its
    `metadata`. Null and the empty text mean that there is no such tag. Arrays and
    objects are no tags; they stay in the request.
    """
    tags: dict[str, str] = {}
    for source in sources:
        if type(source) is dict:
            for name, value in source.items():
                text = tag_text(value)
                if text and name:
                    tags[name] = text
    return tags


def changed_tags(given: Mapping[str, JSON]) -> dict[str, str | None]:
    """Return what an update sets (text) and deletes (None)."""
    return {name: tag_text(value) for name, value in given.items() if name}
