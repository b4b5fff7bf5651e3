r"""What a piece of text looks like inside a body, and how patterns with `*` are taken apart.

Bodies are kept as the JSON text that crossed the wire. There the phrase `say "hi"`
stands as `say \"hi\"`, and `café` as `caf\u00e9` when the sender escapes whatever is
not ASCII (Python's `json` does by default). A search for the words means all of these.
"""

from __future__ import annotations

import json
from collections.abc import Sequence


def lower_ascii(text: str) -> str:
    """Lower the letters A to Z and no others, as the store's `lower` does (its text index is built on that)."""
    if text.isascii():
        return text.lower()
    # bytes know no letters but those of ASCII; no byte of a longer character is among them
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def forms(text: str, *, wildcard: bool, exact_case: bool, in_json: bool) -> Sequence[tuple[str, ...]]:
    """Give the sequences of pieces of which one must occur, in order, where a field contains `text`.

    Without `exact_case` they are meant for text that went through `lower_ascii`. `in_json`: the field is JSON text.
    """
    parts = tuple(pieces(text)) if wildcard else (text,)
    if in_json:
        return spellings(parts, exact_case=exact_case)
    return (parts if exact_case else tuple(map(lower_ascii, parts)),)


def spellings(parts: Sequence[str], *, exact_case: bool = True) -> Sequence[tuple[str, ...]]:
    """Give the forms in which the parts can stand in JSON text.

    With `exact_case` the parts are JSON text themselves; only letters beyond ASCII can be spelled in two ways.
    Without it they are words: as they are, escaped, and escaped to ASCII; A to Z come back in lower case, to be looked
    for in lowered text, and other alphabets, which the store does not lower, in the four ways that people write: as
    given, small, CAPITAL and Capitalised.
    """
    if exact_case:
        return tuple(dict.fromkeys((tuple(parts), tuple(map(_beyond_ascii_escaped, parts)))))
    cases = [tuple(parts)]
    if not all(map(str.isascii, parts)):
        cases += [tuple(map(change, parts)) for change in (str.lower, str.upper, str.capitalize)]
    found = [tuple(map(spell, case)) for case in cases for spell in (str, _escaped, _escaped_to_ascii)]
    return tuple(dict.fromkeys(tuple(map(lower_ascii, form)) for form in found))


def pieces(pattern: str) -> Sequence[str]:
    r"""Split a pattern at its `*`; `\*` is a star, `\\` a backslash, any other `\x` stays as it is."""
    found = [""]
    letters = iter(pattern)
    for letter in letters:
        if letter == "*":
            found.append("")
        elif letter == "\\":
            following = next(letters, "")
            found[-1] += following if following in {"*", "\\"} else "\\" + following
        else:
            found[-1] += letter
    return found


def pattern_of(text: str) -> str:
    r"""Write text so that `pieces` gives it back as one piece: stars and backslashes get a backslash."""
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _escaped_to_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _beyond_ascii_escaped(text: str) -> str:
    return "".join(letter if letter.isascii() else _escaped_to_ascii(letter) for letter in text)
