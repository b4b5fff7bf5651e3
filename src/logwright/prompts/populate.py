"""Fill a template's names in double braces."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

JSON = Any

_VARIABLE: Final = re.compile(r"\{\{-?\s*([A-Za-z_][\w.\[\]]*)\s*-?\}\}")
_STATEMENT: Final = re.compile(r"\{%|\{\{-?\s*[A-Za-z_][\w.\[\]]*\s*\|")


def populate(template: JSON, inputs: Mapping[str, JSON]) -> JSON:
    """Return a template, a text or a list of messages, with its names filled.

    What is no text is written as JSON. What an input brings is not looked at for
    names in turn.

    Raises:
        ValueError: when an input is missing, or the template needs a language that is more than names.
    """
    missing: dict[str, None] = {}
    filled = _filled(template, inputs, missing)
    if missing:
        raise ValueError(f"the template needs inputs for {', '.join(missing)}")
    return filled


def _filled(template: JSON, inputs: Mapping[str, JSON], missing: dict[str, None]) -> JSON:
    match template:
        case str():
            if _STATEMENT.search(template):
                raise ValueError("the template has statements or filters of Jinja, which are not carried out here")
            return _VARIABLE.sub(lambda found: _text(found[1], inputs, missing), template)
        case list():
            return [_filled(each, inputs, missing) for each in template]
        case dict():
            filled = {
                name: _filled(template[name], inputs, missing) for name in ("content", "text") if name in template
            }
            return {**template, **filled}
        case _:
            return template


def _text(name: str, inputs: Mapping[str, JSON], missing: dict[str, None]) -> str:
    value = inputs.get(name)
    if value is None:
        missing[name] = None
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
