"""The URL of a ClickHouse server that holds the logs, read once and checked.

    clickhouse://user:password@host:8123/database?cluster=main&replicated=true

`clickhouses://` or `secure=true` asks for TLS. An unknown parameter is refused rather
than ignored: one that was mistyped would lay the tables out otherwise than was meant,
and that is found out when they are full.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from logwright.errors import Misconfigured

_SCHEMES: Final = {"clickhouse": False, "clickhouses": True}
_PLAIN_PORT: Final = 8123
_TLS_PORT: Final = 8443
_TIMEOUT_SECONDS: Final = 30.0
_SHARDING: Final = "cityHash64(id)"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_WORDS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """Where the logs are and how their tables are laid out."""

    host: str
    port: int = _PLAIN_PORT
    database: str = "logwright"
    user: str = "default"
    password: str = field(default="", repr=False)
    secure: bool = False
    verify: bool = True
    """Whether the server's certificate is checked."""
    ca: Path | None = None
    """The certificates of the authorities to believe, in place of the usual ones."""
    cluster: str = ""
    """The cluster whose shards hold the logs; empty for one server."""
    replicated: bool = False
    """Whether each shard's table is a ReplicatedMergeTree."""
    sharding: str = _SHARDING
    """The expression that chooses a log's shard."""
    timeout: float = _TIMEOUT_SECONDS
    """Seconds that the server may take for an answer or an insert."""

    @property
    def shown(self) -> str:
        """The address without its password, for messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "clickhouses" if self.secure else "clickhouse"
        return f"{scheme}://{host}:{self.port}/{self.database}"

    @property
    def key(self) -> str:
        """A name for a file, the same for the same database whoever signs in."""
        return "clickhouse-" + hashlib.sha256(f"{self.host}:{self.port}/{self.database}".encode()).hexdigest()[:16]


def parse_address(url: str) -> ServerAddress:
    """Read a URL that begins with `clickhouse://` or `clickhouses://`.

    Raises:
        Misconfigured: when it is none, naming the part that is wrong; the message never holds the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _wrong("its host or port cannot be read") from error
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise _wrong("it is not of the form clickhouse://user:password@host:8123/database")
    options = _options(parts.query)
    secure = _flag(options, "secure", default=_SCHEMES[parts.scheme])
    database = unquote(parts.path.strip("/")) or "logwright"
    cluster = options.pop("cluster", "")
    for name, value in (("database", database), ("cluster", cluster)):
        if value and not _NAME.fullmatch(value):
            raise _wrong(f"`{name}` is {value!r}; use letters, digits, _ and -")
    address = ServerAddress(
        host=parts.hostname,
        port=port if port is not None else _TLS_PORT if secure else _PLAIN_PORT,
        database=database,
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        secure=secure,
        verify=_flag(options, "verify", default=True),
        ca=Path(options.pop("ca")) if options.get("ca") else None,
        cluster=cluster,
        replicated=_flag(options, "replicated", default=False),
        sharding=options.pop("sharding", "") or _SHARDING,
        timeout=_seconds(options),
    )
    if options:
        known = "secure, verify, ca, cluster, replicated, sharding and timeout"
        raise _wrong(f"it has no parameter `{next(iter(options))}`; there are {known}")
    return address


def _options(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in found:
            raise _wrong(f"`{name}` stands in it twice")
        found[name] = value
    return found


def _flag(options: dict[str, str], name: str, *, default: bool) -> bool:
    value = options.pop(name, None)
    if value is None:
        return default
    if value.lower() not in _WORDS:
        raise _wrong(f"`{name}` is {value!r}; use true or false")
    return _WORDS[value.lower()]


def _seconds(options: dict[str, str]) -> float:
    value = options.pop("timeout", None)
    try:
        seconds = _TIMEOUT_SECONDS if value is None else float(value)
    except ValueError:
        seconds = 0.0
    if not 1.0 <= seconds <= 3600.0:
        raise _wrong(f"`timeout` is {value!r}; use a number of seconds from 1 to 3600")
    return seconds


def _wrong(what: str) -> Misconfigured:
    return Misconfigured(f"The address of the log store cannot be used: {what}")
