"""Every setting once: name, type, default and a sentence.

The command line's flags, the `LOGWRIGHT_*` variables, the TOML file and the
reference page all come from the fields of `Settings`, so a setting cannot exist
in one of them only. A flag wins over a variable, a variable over the file, the
file over the default; an error says which of them the value came from.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from logwright.errors import Misconfigured

T = TypeVar("T")

Seconds = Annotated[float, "seconds"]
"""A span of time. Written as a number of seconds, or with a unit: `500ms`, `10s`, `2m`, `1h`, `30d`."""

Bytes = Annotated[int, "bytes"]
"""A size. Written as a number of bytes, or with a unit: `32KiB`, `10MiB`, `1GiB`."""

Durability = Literal["fsync", "os"]
LogLevel = Literal["debug", "info", "warning", "error"]

PREFIX: Final = "LOGWRIGHT_"
CONFIG_VARIABLE: Final = "LOGWRIGHT_CONFIG"
MASKED: Final = "********"


def setting(
    default: T,
    sentence: str,
    *,
    secret: bool = False,
    flag: bool = True,
    at_least: float | None = None,
    at_most: float | None = None,
) -> T:
    """Declare one setting.

    A `secret` is masked wherever settings are shown; `flag=False` keeps it off the command line.
    """
    metadata = {"sentence": sentence, "flag": flag, "secret": secret, "at_least": at_least, "at_most": at_most}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs; read once at start and passed to whoever needs it."""

    # ---- where
    data: Path = setting(
        Path("logwright-data"),
        "The folder that holds everything: database, journals and store; made with mode 0700 at first start.",
    )
    host: str = setting(
        "127.0.0.1", "The address to listen on. Another than loopback asks for a master key of your own."
    )
    port: int = setting(8700, "The port to listen on; 0 takes any free one and prints it.", at_least=0, at_most=65535)
    workers: int = setting(
        1, "How many gateway processes share the port; one for each core you want to give.", at_least=1, at_most=256
    )
    allowed_hosts: tuple[str, ...] = setting(
        (), "The names that a Host header may hold, beside the listening address and localhost; `*` allows all."
    )
    database: str = setting(
        "",
        "URL of a PostgreSQL database for projects, keys and providers; empty means SQLite in the data folder.",
        secret=True,
    )
    store: str = setting(
        "",
        "URL of a ClickHouse server that holds the logs (clickhouse://user:password@host:8123/database); "
        "empty means the embedded store in the data folder.",
        secret=True,
    )
    machine: str = setting(
        "",
        "The name under which this machine writes to a ClickHouse server, unlike that of every other; "
        "empty means one made at random and kept in the data folder.",
    )
    blobs: str = setting(
        "",
        "Where sound, pictures and files of calls are kept, as s3://BUCKET/PREFIX?region=REGION&endpoint=URL; "
        "empty means the data folder.",
    )
    master_key: str = setting(
        "",
        "Master keys, one a line, newest last; only as a variable, and in place of the master key file.",
        secret=True,
        flag=False,
    )
    master_key_file: Path | None = setting(
        None,
        "The file with the master keys, one a line, newest last; "
        "unset means logwright/master.key in your configuration folder ($XDG_CONFIG_HOME or ~/.config).",
    )
    log_level: LogLevel = setting("info", "How much the server says about itself; never the content of calls.")

    # ---- what a success means
    durability: Durability = setting(
        "fsync",
        "When a call counts as recorded: fsync, once the disk has it (survives a power cut), "
        "or os, once the operating system has it (survives a killed process).",
    )

    # ---- what a caller may send
    max_head_bytes: Bytes = setting(
        32 * 1024, "The most that a request line and its headers may measure.", at_least=1024
    )
    max_headers: int = setting(100, "The most headers that a request may carry.", at_least=8)
    max_body_bytes: Bytes = setting(10 * 1024 * 1024, "The most that a request's body may measure.", at_least=1024)
    head_timeout: Seconds = setting(10.0, "The time in which a request's headers must have come.", at_least=0.05)
    body_timeout: Seconds = setting(30.0, "The time in which a request's body must have come.", at_least=0.05)
    max_upload_bytes: Bytes = setting(
        64 * 1024 * 1024, "The same for calls that carry sound or pictures (`/v1/audio`, `/v1/images`).", at_least=1024
    )
    body_min_rate: Bytes = setting(
        1024, "The bytes a second below which a body that is being sent is refused; 0 means no lower bound.", at_least=0
    )
    keepalive_timeout: Seconds = setting(
        75.0, "How long a caller's connection may rest between two requests.", at_least=0.05
    )
    max_in_flight: int = setting(
        20_000,
        "How many calls of one project may be under way at once in one worker; more are answered 429. "
        "An idle stream counts, and takes two of the descriptors that the system allows the worker.",
        at_least=1,
    )

    # ---- what a provider may do
    allow_upstream: tuple[str, ...] = setting(
        (),
        "A private address that providers may have, as HOST:PORT or CIDR, for local model servers; may be given often.",
    )
    upstream_connect_timeout: Seconds = setting(
        5.0, "The time in which a provider must accept a connection.", at_least=0.05
    )
    upstream_first_byte_timeout: Seconds = setting(
        60.0, "The time in which a provider must begin its answer.", at_least=0.05
    )
    upstream_idle_timeout: Seconds = setting(
        60.0,
        "How long a provider's answer may bring nothing new; a comment or a blank line is nothing new.",
        at_least=0.05,
    )
    upstream_total_timeout: Seconds = setting(
        600.0, "The time in which a provider's answer must be whole.", at_least=0.05
    )
    max_answer_bytes: Bytes = setting(32 * 1024 * 1024, "The most that a provider's answer may measure.", at_least=1024)
    max_event_bytes: Bytes = setting(
        1024 * 1024, "The most that one server-sent event of a provider's stream may measure.", at_least=1024
    )
    max_captured_bytes: Bytes = setting(
        32 * 1024 * 1024,
        "How much of a stream's events the log keeps; a longer one is passed on whole, and cut and marked in the log.",
        at_least=0,
    )

    # ---- upkeep
    drain_timeout: Seconds = setting(
        30.0, "How long a stopping server waits for calls under way before it ends them.", at_least=0.0
    )
    query_seconds: Seconds = setting(
        5.0, "The time that one question about logs may take; one that needs more is answered for less.", at_least=0.01
    )
    query_memory: Bytes = setting(
        400 * 1024 * 1024, "The memory that one question about logs may take, in the store's process.", at_least=1 << 20
    )
    retention_interval: Seconds = setting(
        3600.0, "How often the rules of retention are applied; what they delete is set per project.", at_least=1.0
    )
    otlp_endpoint: str = setting(
        "",
        "Where a span of each call through the gateway is sent, such as https://collector.example.com/v1/traces; "
        "empty means nowhere.",
    )
    otlp_headers: tuple[str, ...] = setting(
        (), "A header for that address, as NAME=VALUE, such as a key; may be given often.", secret=True
    )
    testing_routes: bool = setting(
        False, "Answers OpenPipe's testing routes, which its client's own tests call; for tests only."
    )


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
