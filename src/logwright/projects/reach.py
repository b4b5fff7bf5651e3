"""Judge a base URL when it is saved: its form, and every address that its host has at present.

The judgement that protects us is the one at dialling, for a name may come to mean
another address; this one tells the person who types it in. A name that does not
resolve now is saved: the machine may be offline, the model server not yet up.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from logwright.addresses import AddressRefused, AllowList, check_addresses, check_url

EVERYTHING: Final = AllowList(everything=True)
_LOOKUP_SECONDS: Final = 2.0


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """Return the host's addresses; none when it has none or the answer takes too long."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_LOOKUP_SECONDS):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]


async def check_base_url(
    url: str,
    allow: AllowList,
    *,
    is_local: bool,
    look_up: Callable[[str, int], Awaitable[Sequence[str]]] = addresses_of,
) -> str | None:
    """Return None when the server will call this URL, or, for a local command, the sentence that says why it will not.

    `is_local` marks the operator's own command on the data directory: the
    operator is who may allow an address, so it may be saved before the server is
    started with the flag that allows it.

    Raises:
        AddressRefused: when it is no base URL, or over HTTP when it leads to where the server must not call.
    """
    checked = check_url(url, EVERYTHING)
    try:
        check_url(url, allow)
        if checked.address is None:
            check_addresses(checked, await look_up(checked.host, checked.port), allow)
    except AddressRefused as error:
        if not is_local:
            raise
        return error.message
    return None
