"""What makes a version: the fields that count, their canonical form, and the id that follows from it."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from logwright.prompts.types import PREFIXES, FileType

_PROMPT: Final = frozenset(
    {
        "model",
        "endpoint",
        "template",
        "template_language",
        "provider",
        "max_tokens",
        "temperature",
        "top_p",
        "stop",
        "presence_penalty",
        "frequency_penalty",
        "other",
        "seed",
        "response_format",
        "reasoning_effort",
        "tools",
        "linked_tools",
        "attributes",
    }
)
FIELDS: Final[Mapping[FileType, frozenset[str]]] = {
    "prompt": _PROMPT,
    "agent": _PROMPT - {"linked_tools"} | {"max_iterations"},
    "tool": frozenset({"function", "source_code", "setup_values", "attributes", "tool_type"}),
    "flow": frozenset({"attributes"}),
    "evaluator": frozenset({"spec"}),
}
"""The fields of each type's kernel; whatever else a caller sends describes nothing."""

_ID_LETTERS: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 21  # as long as Humanloop's, which columns and regular expressions of its users may count on
_encode: Final = msgspec.json.Encoder(order="sorted").encode
_VARIABLE: Final = re.compile(r"\{\{-?\s*([A-Za-z_][\w.\[\]]*)")


def canonical(type_: FileType, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kernel of what was given: the fields that count, and null means absent."""
    return {name: given[name] for name in sorted(FIELDS[type_] & given.keys()) if given[name] is not None}


def new_file_id(type_: FileType) -> str:
    """Make the id of a new file, such as `pr_` and 21 letters and digits."""
    return f"{PREFIXES[type_]}_{''.join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))}"


def version_id(type_: FileType, file_id: str, kernel: Mapping[str, Any]) -> str:
    """Return the id that a kernel has as a version of a file: equal kernels, in any order of keys, have the same."""
    digest = hashlib.sha256(file_id.encode() + b"\0" + _encode(_plain(kernel))).hexdigest()
    return f"{PREFIXES[type_]}v_{digest[:_ID_LENGTH]}"


def environment_id(project_id: str, name: str) -> str:
    """Return the id of a project's environment."""
    return f"env_{hashlib.sha256(f'{project_id}/{name}'.encode()).hexdigest()[:_ID_LENGTH]}"


def variables(kernel: Mapping[str, Any]) -> list[str]:
    """Return the names in double braces in a template, in order of their first use."""
    names: dict[str, None] = {}
    for text in _texts(kernel.get("template")):
        for found in _VARIABLE.findall(text):
            names.setdefault(found, None)
    return list(names)


def _texts(template: Any) -> Iterator[str]:
    """Yield every text of a template, be it one text or a list of messages."""
    if isinstance(template, str):
        yield template
    elif isinstance(template, list):
        for each in template:
            yield from _texts(each)
    elif isinstance(template, dict):
        yield from _texts(template.get("content"))
        yield from _texts(template.get("text"))


def _plain(value: Any) -> Any:
    """Write 1.0 as 1 throughout: JSON's writers differ in which they send for the same number."""
    match value:
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
