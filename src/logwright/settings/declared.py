"""Every setting once: name, type, default and a sentence.

The command line's flags, the `LOGWRIGHT_*` variables, the TOML file and the
reference page all come from the fields of `Settings`, so a setting cannot exist
in one of them only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeVar

T = TypeVar("T")

Seconds = Annotated[float, "seconds"]
"""A span of time. Written as a number of seconds, or with a unit: `500ms`, `10s`, `2m`, `1h`, `30d`."""

Bytes = Annotated[int, "bytes"]
"""A size. Written as a number of bytes, or with a unit: `32KiB`, `10MiB`, `1GiB`."""

Durability = Literal["fsync", "os"]
LogLevel = Literal["debug", "info", "warning", "error"]


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
