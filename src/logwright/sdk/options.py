"""Where reports go and what one call asks for: constructor options, environment, and the options of a call.

Both the spelling `logwright=` and OpenPipe's `openpipe=` are read, so that code
moves over by changing one import.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypedDict

from logwright.errors import InvalidRequest

DEFAULT_BASE_URL: Final = "http://127.0.0.1:8700"
_API_SUFFIX: Final = "/api/v1"

GATEWAY_PREFIXES: Final = ("openpipe:", "openai:", "anthropic:", "gemini:")
"""Models spelled so are served through Logwright; all others are called directly."""


class ClientOptions(TypedDict, total=False):
    """What `OpenAI(logwright={...})` takes; whatever is left out comes from the environment."""

    api_key: str | None
    base_url: str | None
    fallback_client: Any
    """An OpenAI client that answers when a call through the gateway fails; by default this client, directly."""
    spool: str | os.PathLike[str] | None
    """The folder that holds reports while Logwright cannot be reached; None keeps them in memory only."""
    flush_seconds: float
    """The longest that the exit of the program may be held up by sending what is left; 3 by default."""


class Fallback(TypedDict, total=False):
    """Whom to ask when a call through the gateway fails."""

    model: str
    timeout: float


class CallOptions(TypedDict, total=False):
    """What `create(..., logwright={...})` takes."""

    tags: Mapping[str, str | int | float | bool | None]
    log_request: bool
    cache: str | bool
    """`readWrite`, `readOnly` or `writeOnly`; its presence sends the call through the gateway."""
    criteria: list[str]
    fallback: Fallback


_CLIENT_KEYS: Final = frozenset(ClientOptions.__annotations__)
_CALL_KEYS: Final = frozenset(CallOptions.__annotations__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A Logwright project as a client sees it: an address and a key."""

    base_url: str
    """Without a trailing slash and without `/api/v1`."""
    api_key: str = field(repr=False)
    """Empty when none is known: nothing is reported then."""
    spool: Path | None = None
    flush_seconds: float = 3.0

    @property
    def api_url(self) -> str:
        """The root of OpenPipe's API and of the gateway."""
        return self.base_url + _API_SUFFIX


def destination(options: ClientOptions | None, environ: Mapping[str, str] | None = None) -> Destination:
    """Read the constructor's options, then `LOGWRIGHT_*`, then `OPENPIPE_*`.

    Raises:
        InvalidRequest: when an option is not one of ours.
    """
    given: ClientOptions = options or {}
    _refuse_unknown(given, _CLIENT_KEYS)
    env = os.environ if environ is None else environ
    key = given.get("api_key")
    if key is None:
        key = env.get("LOGWRIGHT_API_KEY") or env.get("OPENPIPE_API_KEY") or ""
    url = given.get("base_url") or env.get("LOGWRIGHT_BASE_URL") or env.get("OPENPIPE_BASE_URL") or DEFAULT_BASE_URL
    return Destination(
        base_url=url.rstrip("/").removesuffix(_API_SUFFIX),
        api_key=key,
        spool=_spool_folder(given, env),
        flush_seconds=given.get("flush_seconds", 3.0),
    )


def call_options(logwright: CallOptions | None, openpipe: CallOptions | None) -> CallOptions:
    """Merge the two spellings into a dict of our own; the caller's are never touched.

    Raises:
        InvalidRequest: when an option is not one of ours.
    """
    merged: CallOptions = {**(openpipe or {}), **(logwright or {})}
    _refuse_unknown(merged, _CALL_KEYS)
    return merged


def goes_through_gateway(model: object, options: CallOptions) -> bool:
    """Tell whether Logwright serves the call, rather than being told of it."""
    return "cache" in options or (isinstance(model, str) and model.startswith(GATEWAY_PREFIXES))


def gateway_headers(options: CallOptions, tags: Mapping[str, str]) -> dict[str, str]:
    """Give the `op-*` headers by which a call through the gateway carries its options."""
    headers = {
        "op-log-request": "true" if options.get("log_request", True) else "false",
        # JSON escapes everything outside ASCII, which header values cannot hold.
        "op-tags": json.dumps({**(options.get("tags") or {}), **tags}),
    }
    if "cache" in options:
        cache = options["cache"]
        headers["op-cache"] = cache if isinstance(cache, str) else ("readWrite" if cache is True else "false")
    if options.get("criteria"):
        headers["op-criteria"] = json.dumps(options["criteria"])
    return headers


def _spool_folder(given: ClientOptions, env: Mapping[str, str]) -> Path | None:
    if "spool" in given:
        return None if given["spool"] is None else Path(given["spool"])
    named = env.get("LOGWRIGHT_SPOOL")
    if named is not None:
        return Path(named) if named else None
    state = env.get("XDG_STATE_HOME")
    home = env.get("HOME")
    if state:
        return Path(state, "logwright", "spool")
    return Path(home, ".local", "state", "logwright", "spool") if home else None


def _refuse_unknown(given: Mapping[str, object], known: frozenset[str]) -> None:
    for name in given:
        if name not in known:
            raise InvalidRequest(f"The option `{name}` is unknown; there are {', '.join(sorted(known))}", param=name)
