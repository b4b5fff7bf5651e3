"""Where the values of the settings come from: flags, variables, a file, the defaults.

A flag wins over a variable, a variable over the file, the file over the default; an
error says which of them the value came from.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from logwright.errors import Misconfigured
from logwright.settings.declared import Bytes, Seconds, Settings

PREFIX: Final = "LOGWRIGHT_"
CONFIG_VARIABLE: Final = "LOGWRIGHT_CONFIG"
MASKED: Final = "********"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One setting as the doors show it."""

    name: str
    kind: str
    """What to write: `text`, `integer`, `size`, `time`, `path`, `true or false`, `list`, or the choices."""
    default: str
    """The default as one would write it; empty when there is none."""
    sentence: str
    secret: bool
    flag: str
    """Such as `--max-body-bytes`; empty when the command line does not take it."""
    variable: str
    many: bool
    """True when it holds a list: the flag may be repeated, the variable takes commas."""
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings and where each came from."""

    settings: Settings
    origins: Mapping[str, str]
    """For each name: the flag, the variable, the file, or `default`."""


def declarations() -> tuple[Declaration, ...]:
    """Return all settings in the order of their declaration."""
    return tuple(
        Declaration(
            name=each.name,
            kind=_kind(_HINTS[each.name]),
            default=write(_default(each.name)),
            sentence=each.metadata["sentence"],
            secret=each.metadata["secret"],
            flag="--" + each.name.replace("_", "-") if each.metadata["flag"] else "",
            variable=PREFIX + each.name.upper(),
            many=get_origin(_HINTS[each.name]) is tuple,
            choices=_choices(_HINTS[each.name]),
        )
        for each in fields(Settings)
    )


def load(
    flags: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Loaded:
    """Read the settings from flags, variables and file; a flag that is None or an empty list was not given.

    `config` is the TOML file; without it, the one that LOGWRIGHT_CONFIG names, if any.
    Paths in the file are relative to the file's folder, all others to the current one.

    Raises:
        Misconfigured: names the setting, what it held, where that came from, and what it takes.
    """
    environ = os.environ if environ is None else environ
    if config is None and environ.get(CONFIG_VARIABLE):
        config = Path(environ[CONFIG_VARIABLE])
    from_file = _read_file(config) if config else {}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for declared in declarations():
        name = declared.name
        given = (flags or {}).get(name)
        if given is not None and given != ():
            raw, origin, base = given, declared.flag or name, Path()
        elif environ.get(declared.variable):
            raw, origin, base = environ[declared.variable], declared.variable, Path()
        elif name in from_file:
            assert config is not None  # noqa: S101 - only a file fills `from_file`
            raw, origin, base = from_file[name], str(config), config.parent
        else:
            origins[name] = "default"
            continue
        values[name] = _parse(declared, raw, origin, base)
        origins[name] = origin
    return Loaded(settings=Settings(**values), origins=origins)


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables that make a child process load these settings; only those that are not at their default.

    Paths are made absolute, so that the child may run in another folder.
    """
    return {
        PREFIX + each.name.upper(): write(value.absolute() if isinstance(value, Path) else value)
        for each in fields(Settings)
        if (value := getattr(settings, each.name)) != _default(each.name) or each.name == "data"
    }


def shown(settings: Settings, name: str) -> str:
    """Return a setting as one would write it, a secret masked."""
    value = write(getattr(settings, name))
    return MASKED if value and _FIELDS[name].metadata["secret"] else value


def write(value: object) -> str:
    """Return a value in the form that flags and variables take."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return ",".join(map(str, value))
        case float():
            return str(int(value)) if value.is_integer() else str(value)
        case _:
            return str(value)


_FIELDS: Final = {each.name: each for each in fields(Settings)}
_HINTS: Final[Mapping[str, Any]] = get_type_hints(Settings, include_extras=True)
_SIZES: Final = {"": 1, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
_SPANS: Final = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FLAGS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_EXAMPLES: Final = {
    "integer": "a whole number",
    "size": "bytes, or a size such as 10MiB",
    "time": "seconds, or a time such as 500ms, 10s or 2m",
    "true or false": "true or false",
    "list": "a list of texts",
    "path": "a path",
    "text": "text",
}


def _default(name: str) -> object:
    """Return the declared default, which every setting has."""
    default = _FIELDS[name].default
    assert default is not MISSING  # noqa: S101 - `setting` demands one
    return default


def _choices(hint: object) -> tuple[str, ...]:
    return tuple(get_args(hint)) if get_origin(hint) is Literal else ()


def _kind(hint: object) -> str:
    """Name a field's type for a reader of the reference."""
    if choices := _choices(hint):
        return " or ".join(choices)
    if hint == Seconds:
        return "time"
    if hint == Bytes:
        return "size"
    if get_origin(hint) is tuple:
        return "list"
    kinds: dict[object, str] = {str: "text", int: "integer", bool: "true or false", Path: "path"}
    return kinds.get(hint, "path")


def _parse(declared: Declaration, raw: object, origin: str, base: Path) -> object:
    """Turn what was written into the setting's type and hold it against its bounds."""
    value = _convert(declared, raw, base)
    if value is None:
        wanted = " or ".join(declared.choices) or _EXAMPLES[declared.kind]
        held = MASKED if declared.secret else repr(raw)
        raise Misconfigured(f"{origin}: {declared.name} is {held}; it takes {wanted}", param=declared.name)
    metadata = _FIELDS[declared.name].metadata
    for bound, word in ((metadata["at_least"], "least"), (metadata["at_most"], "most")):
        if bound is None or not isinstance(value, int | float):
            continue
        if (value < bound) if word == "least" else (value > bound):
            raise Misconfigured(
                f"{origin}: {declared.name} is {write(value)}; it must be at {word} {write(float(bound))}",
                param=declared.name,
            )
    return value


def _convert(declared: Declaration, raw: object, base: Path) -> object:
    """Return the value, or None when `raw` is not one."""
    if declared.many:
        parts: Sequence[object] = (
            raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, list | tuple) else ()
        )
        texts = tuple(part.strip() for part in parts if isinstance(part, str))
        return tuple(filter(None, texts)) if len(texts) == len(parts) and (parts or raw in ([], ())) else None
    if declared.choices:
        return raw if raw in declared.choices else None
    match declared.kind:
        case "true or false":
            return raw if isinstance(raw, bool) else _FLAGS.get(str(raw).lower())
        case "integer" | "size":
            units = _SIZES if declared.kind == "size" else {"": 1}
            number = None if isinstance(raw, bool) else _quantity(str(raw), units)
            return int(number) if number is not None and number == int(number) else None
        case "time":
            return None if isinstance(raw, bool) else _quantity(str(raw), _SPANS)
        case "path":
            return base / Path(raw).expanduser() if isinstance(raw, str | Path) and str(raw) else None
        case _:
            return raw if isinstance(raw, str) else None


def _quantity(text: str, units: Mapping[str, float]) -> float | None:
    """Read `10`, `1.5` or `10 MiB`."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    if found is None or found[2] not in units:
        return None
    return float(found[1]) * units[found[2]]


def _read_file(path: Path) -> dict[str, Any]:
    """Read the TOML file; a name that is no setting is an error, for a misspelt one would silently do nothing."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"The configuration file {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"The configuration file {path} is not valid TOML: {error}") from error
    for name in content:
        if name not in _FIELDS:
            near = difflib.get_close_matches(name, _FIELDS, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; `logwright settings` lists those that exist"
            raise Misconfigured(f"{path}: there is no setting {name!r}{hint}", param=name)
    return content
