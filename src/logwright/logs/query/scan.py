"""Cut the text of a query into conditions: sign, field, operator, values, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from logwright.errors import InvalidRequest
from logwright.logs.query.needles import pattern_of


class Written(NamedTuple):
    """A value as it stands in the query."""

    text: str
    """What it says, without quotes and escapes."""
    pattern: str
    """The same as a pattern, in which a bare `*` is wild."""
    wild: bool
    quoted: bool
    at: int
    """Where it begins, counted from 1."""


class Condition(NamedTuple):
    """One condition as it stands in the query."""

    negated: bool
    field: str
    """As written; empty for words that stand alone."""
    tag: str
    """The tag's name, where the field is a tag."""
    operator: str
    """`:` or a comparison; empty for words that stand alone."""
    values: tuple[Written, ...]
    at: int


_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_TAG: Final = re.compile(r"(?:tags?|metadata)\.")
_TAG_NAME: Final = re.compile(r"[^\s:=!<>~\"(),]+")
_OPERATOR: Final = re.compile(r"([:=])?(>=|<=|>|<|!~~|!~|~~|~|!=|=)?")
_SPACES: Final = re.compile(r"\s*")


def scan(text: str) -> Iterator[Condition]:
    """Yield the conditions of a query in their order.

    Raises:
        InvalidRequest: naming the place where the text stops making sense.
    """
    at = _skip(text, 0)
    while at < len(text):
        condition, at = _condition(text, at)
        yield condition
        at = _skip(text, at)


def wrong(message: str, at: int) -> InvalidRequest:
    """Make the error for something in a query, `at` counted from 1."""
    return InvalidRequest(f"{message} (at character {at} of the query)", param="q")


def _skip(text: str, at: int) -> int:
    found = _SPACES.match(text, at)
    return found.end() if found else at


def _condition(text: str, start: int) -> tuple[Condition, int]:
    at = start
    negated = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
    if negated:
        at += 1
    named = _named(text, at)
    if named is None:
        value, at = _value(text, at, stops="")
        return Condition(negated, "", "", "", (value,), start + 1), at
    field, tag, operator, at = named
    values, at = _values(text, at, of=f"tag.{tag}" if tag else field)
    return Condition(negated, field, tag, operator, values, start + 1), at


def _named(text: str, start: int) -> tuple[str, str, str, int] | None:
    """Read `field:`, `field>=` or `tag.name=`; None when words stand alone here."""
    tag = ""
    if prefix := _TAG.match(text, start):
        field = "tag"
        if text[prefix.end() : prefix.end() + 1] == '"':
            value, at = _value(text, prefix.end(), stops="")
            tag = value.text
        else:
            name = _TAG_NAME.match(text, prefix.end())
            if name is None:
                raise wrong("A tag needs its name, such as tag.prompt_id:triage", prefix.end() + 1)
            tag, at = name.group(), name.end()
    else:
        name = _NAME.match(text, start)
        if name is None:
            return None
        field, at = name.group(), name.end()
    found = _OPERATOR.match(text, at)
    if found is None or not found.group():
        if tag:
            raise wrong(f"tag.{tag} needs a value; has:tag.{tag} asks whether the tag is there", start + 1)
        return None
    return field, tag, found.group(2) or ":", found.end()


def _values(text: str, start: int, *, of: str) -> tuple[tuple[Written, ...], int]:
    """Read one value, or a list of them in parentheses."""
    if start >= len(text) or text[start].isspace():
        raise wrong(f'{of} needs a value; write {of}:"" for an empty one', start + 1)
    if text[start] != "(":
        value, at = _value(text, start, stops="")
        return (value,), at
    found: list[Written] = []
    at = start
    while True:
        at = _skip(text, at + 1)
        if at >= len(text):
            raise wrong(f"The list of {of} has no closing parenthesis", start + 1)
        value, at = _value(text, at, stops=",)")
        if not value.text and not value.quoted:
            raise wrong(f"The list of {of} has an empty place", at + 1)
        found.append(value)
        at = _skip(text, at)
        match text[at : at + 1]:
            case ",":
                continue
            case ")":
                return tuple(found), at + 1
            case "":
                raise wrong(f"The list of {of} has no closing parenthesis", start + 1)
            case other:
                raise wrong(f"The list of {of} needs a comma before {other}", at + 1)


def _value(text: str, start: int, *, stops: str) -> tuple[Written, int]:
    """Read a phrase in quotes, or a word that ends at a space or at one of `stops`."""
    if text[start] == '"':
        return _phrase(text, start)
    plain, pattern = [], []
    wild = False
    at = start
    while at < len(text) and not text[at].isspace() and text[at] not in stops:
        letter = text[at]
        if letter == "\\" and at + 1 < len(text):
            at += 1
            letter = text[at]
            pattern.append(pattern_of(letter))
        elif letter == "*":
            wild = True
            pattern.append("*")
        else:
            pattern.append(pattern_of(letter))
        plain.append(letter)
        at += 1
    return Written("".join(plain), "".join(pattern), wild, False, start + 1), at


def _phrase(text: str, start: int) -> tuple[Written, int]:
    letters: list[str] = []
    at = start + 1
    while at < len(text):
        letter = text[at]
        if letter == '"':
            phrase = "".join(letters)
            return Written(phrase, pattern_of(phrase), False, True, start + 1), at + 1
        if letter == "\\" and at + 1 < len(text):
            at += 1
            letter = text[at]
        letters.append(letter)
        at += 1
    raise wrong("The quotation that begins here does not end", start + 1)
