"""The one door through which connections leave us (RELIABILITY.md, S-5).

A name is resolved once, every address it gives is checked, and exactly a checked
address is dialled, so no second look-up can lead elsewhere. Nothing follows
redirects, and no proxy settings of the environment are read.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING

from logwright.addresses import AddressRefused, AllowList, CheckedUrl, check_addresses
from logwright.errors import UpstreamTimeout, UpstreamUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logwright.addresses import IPAddress


async def dial(
    url: CheckedUrl,
    protocol: Callable[[], asyncio.Protocol],
    *,
    allow: AllowList,
    seconds: float,
    tls: ssl.SSLContext,
) -> None:
    """Open one connection; `protocol` receives it.

    Raises:
        UpstreamUnreachable: the name does not resolve, an address is not allowed (the message says so, and is the
            same whether anything listens there or not), or nobody answers.
        UpstreamTimeout: nobody answered within `seconds`.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
            addresses = check_addresses(url, [str(address[0]) for *_, address in found], allow)
            await _connect(url, addresses, protocol, tls)
    except AddressRefused as error:
        raise UpstreamUnreachable(error.message) from error
    except TimeoutError as error:
        raise UpstreamTimeout(f"{url.authority} did not accept a connection within {seconds:g} seconds") from error
    except ssl.SSLError as error:
        raise UpstreamUnreachable(f"no secure connection to {url.authority} could be made: {error.reason}") from error
    except OSError as error:
        raise UpstreamUnreachable(f"no connection to {url.authority} could be made") from error


async def _connect(
    url: CheckedUrl, addresses: Sequence[IPAddress], protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext
) -> None:
    """Try the checked addresses in turn; the last one's failure is the caller's."""
    loop = asyncio.get_running_loop()
    secure = url.scheme == "https"
    failure = OSError(f"{url.host} has no address")
    for address in addresses:
        try:
            await loop.create_connection(
                protocol,
                str(address),
                url.port,
                ssl=tls if secure else None,
                server_hostname=url.host if secure else None,
            )
        except OSError as error:
            failure = error
        else:
            return
    raise failure
