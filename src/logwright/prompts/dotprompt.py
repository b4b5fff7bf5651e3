"""Prompts as text, the form that Humanloop calls .prompt: parameters between lines of dashes, then messages as tags.

The parameters are the part of YAML that such files use: `name: value` on a line,
where the value is a plain word, a number, a quoted text, or JSON over as many
lines as it takes. What goes beyond that is refused with its line rather than
guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

JSON = Any

_HEAD: Final = re.compile(r"\s*---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_ENTRY: Final = re.compile(r"([A-Za-z_][\w-]*):[ \t]*(.*)")
_MESSAGE: Final = re.compile(r"<(system|user|assistant|developer|tool)((?:\s+\w+=\"[^\"]*\")*)>(.*?)</\1>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"(\w+)=\"([^\"]*)\"")
_WORDS: Final[Mapping[str, JSON]] = {"": None, "null": None, "~": None, "true": True, "false": False}
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")


def parse(text: str) -> dict[str, JSON]:
    """Return the kernel of a prompt.

    Raises:
        ValueError: saying what cannot be read.
    """
    head = _HEAD.match(text)
    if head is None:
        raise ValueError("it does not begin with parameters between two lines of ---")
    kernel = {name: value for name, value in _entries(head[1]).items() if value is not None}
    template = text[head.end() :].strip()
    if not template:
        return kernel
    messages = [_message(found) for found in _MESSAGE.finditer(template)]
    if _MESSAGE.sub("", template).strip():
        if messages:
            raise ValueError("there is text outside of its messages")
        kernel["template"] = template
    else:
        kernel["template"] = messages
    return kernel


def write(kernel: Mapping[str, JSON]) -> str:
    """Return the text of a prompt.

    Raises:
        ValueError: when a message of it is more than text, which this form has no place for.
    """
    lines = [f"{name}: {_written(value)}" for name, value in kernel.items() if name != "template"]
    template = kernel.get("template")
    said = "\n\n".join(map(_tag, template)) if isinstance(template, list) else str(template or "")
    return "\n".join(["---", *lines, "---", "", said, ""])


def _entries(text: str) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry = _ENTRY.fullmatch(line.rstrip())
        if entry is None:
            raise ValueError(f"line {at} of the parameters is no `name: value`")
        name, value = entry[1], entry[2].strip()
        begun = at
        while value[:1] in {"[", "{"} and not _is_json(value):
            if at == len(lines):
                raise ValueError(f"the JSON that begins in line {begun} of the parameters has no end")
            value = f"{value}\n{lines[at]}"
            at += 1
        found[name] = _value(value, begun)
    return found


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _value(text: str, line: int) -> JSON:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in '[{"' or _NUMBER.fullmatch(text):
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError(f"line {line} of the parameters holds what is no JSON") from None
    if text[0] == "'" and text[-1] == "'" and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if text[0] in "|>&*!%@`":
        raise ValueError(f"line {line} of the parameters uses a form of YAML that is not read here; write JSON")
    return text


def _message(found: re.Match[str]) -> dict[str, JSON]:
    attributes = dict(_ATTRIBUTE.findall(found[2]))
    return {"role": found[1], "content": found[3].strip("\n").strip(), **attributes}


def _tag(message: Mapping[str, JSON]) -> str:
    content = message.get("content")
    if not isinstance(content, str) or message.get("tool_calls"):
        raise ValueError("a message that holds more than text cannot be written in this form")
    named = "".join(f' {name}="{message[name]}"' for name in ("name", "tool_call_id") if message.get(name))
    return f"<{message['role']}{named}>\n{content}\n</{message['role']}>"


def _written(value: JSON) -> str:
    if isinstance(value, str) and re.fullmatch(r"[\w./:-]+", value) and not _NUMBER.fullmatch(value):
        return value if value not in _WORDS else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)
