"""Which addresses the server may call: public ones over https, and what the operator has allowed besides.

The same two functions are asked when a provider is saved and when a connection
is dialled. `check_url` reads the URL (the only URL parser on that way);
`check_address` judges one resolved address. Whoever dials resolves the name
once, checks every address found, and connects to one of exactly those.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from logwright.errors import InvalidRequest, Misconfigured

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# Not public, from IANA's registries of special-purpose addresses (read November 2026). Written out because
# `ipaddress.is_global` lets several pass: measured on 3.11.7, among them 192.0.0.192, where a cloud keeps credentials.
_DENIED_V4: Final = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
# Only 2000::/3 is given out as public at all; these parts of it lead back to IPv4 addresses or nowhere. What lies
# outside (64:ff9b::/96, 64:ff9b:1::/48, fc00::/7, fe80::/10, ff00::/8, ::1 ...) needs no entry.
_PUBLIC_V6: Final = ipaddress.IPv6Network("2000::/3")
_DENIED_V6: Final = [
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # 2001::/32 (Teredo) lies in the first
]

_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:-]*)*)",
    re.ASCII,
)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBERLIKE: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_PORTS: Final = {"http": 80, "https": 443}


class AddressRefused(InvalidRequest):
    """The server must not call this; the words are the same whether anything listens there or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedUrl:
    """A base URL in its one normal form: lower case host, no trailing slash, the port left out where it is usual."""

    scheme: str
    host: str
    """A name in lower case, or an address without brackets."""
    port: int
    path: str
    """Without a trailing slash; empty for the root."""
    address: IPAddress | None
    """The host when it is an address."""
    must_be_allowed: bool
    """True for plain http: its addresses must be on the operator's list, public or not."""

    @property
    def authority(self) -> str:
        """Return host and port as a Host header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Return scheme, host and port: what a stored key belongs to."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowList:
    """What the operator allows beyond the public internet; empty by default. Never set through the API."""

    hosts: frozenset[tuple[str, int]] = frozenset()
    """Host and port, the host a name or the normal form of an address."""
    networks: tuple[IPNetwork, ...] = ()
    everything: bool = False
    """True only for a command that the operator runs on the data directory: it may save what a server would refuse."""
    own: frozenset[tuple[IPAddress | None, int]] = frozenset()
    """Where we listen ourselves, which is refused even when allowed otherwise; None stands for every address."""

    @classmethod
    def parse(cls, entries: Iterable[str], *, listening: tuple[str, int] | None = None) -> AllowList:
        """Read the operator's entries, each `HOST:PORT`, an address, or a network such as `10.0.0.0/8`.

        Raises:
            Misconfigured: naming the entry that is neither.
        """
        hosts: set[tuple[str, int]] = set()
        networks: list[IPNetwork] = []
        for entry in entries:
            text = entry.strip()
            network = _network(text)
            if network is not None:
                networks.append(network)
                continue
            match = _URL.fullmatch(f"http://{text}")
            host = match and _host(match["host"])
            port = int(match["port"] or 0) if match else 0
            if not match or not host or match["path"] or not 1 <= port <= 65535:
                raise Misconfigured(
                    f"{entry!r} is no address to allow; write HOST:PORT, such as 127.0.0.1:8000, or a network, "
                    "such as 10.0.0.0/8"
                )
            hosts.add((host[0], port))
        own: set[tuple[IPAddress | None, int]] = set()
        if listening is not None:
            address = _literal(listening[0])
            own.add((None if address is None or address.is_unspecified else address, listening[1]))
        return cls(hosts=frozenset(hosts), networks=tuple(networks), own=frozenset(own))

    def names(self, host: str, port: int) -> bool:
        """Say whether this host and port are allowed by name."""
        return self.everything or (host, port) in self.hosts

    def covers(self, address: IPAddress, port: int) -> bool:
        """Say whether this address is allowed, by itself or by its network."""
        return (
            self.everything
            or (str(address), port) in self.hosts
            or any(address in network for network in self.networks if network.version == address.version)
        )

    def is_own(self, address: IPAddress, port: int) -> bool:
        """Say whether we would be calling ourselves, in a circle."""
        here = address.is_loopback or address.is_unspecified
        return any(port == own_port and (here or own == address) for own, own_port in self.own)


NOTHING: Final = AllowList()
_LOOPBACK: Final = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))


def check_url(url: str, allow: AllowList = NOTHING) -> CheckedUrl:
    """Read a base URL and judge all of it that needs no look-up; a host that is an address is judged whole.

    Raises:
        AddressRefused: saying what to change.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise AddressRefused(
            "The base URL must be http(s)://HOST[:PORT][/PATH]: ASCII, without user name, query, fragment, backslash, "
            "percent signs or spaces",
            param="base_url",
        )
    scheme, path = match["scheme"], match["path"].rstrip("/")
    port = int(match["port"] or _PORTS[scheme])
    host = _host(match["host"])
    if host is None or port > 65535:
        raise AddressRefused("The base URL's host or port is not valid", param="base_url")
    if any(part in {".", "..", ""} for part in path.split("/")[1:]):
        raise AddressRefused("The base URL's path must not hold empty or dot segments", param="base_url")
    name, address = host
    checked = CheckedUrl(
        scheme=scheme, host=name, port=port, path=path, address=address, must_be_allowed=scheme == "http"
    )
    if address is not None:
        check_address(address, port, allow, host=name, must_be_allowed=checked.must_be_allowed)
    elif not allow.names(name, port):
        # It means this machine without a look-up (RFC 6761, 6.3).
        here = name == "localhost" or name.endswith(".localhost")
        if here and not any(allow.covers(address, port) for address in _LOOPBACK):
            raise _refused(name, port)
        if checked.must_be_allowed and not allow.networks and not allow.hosts:
            raise _refused(name, port, plain=True)
    return checked


def check_address(
    address: IPAddress | str, port: int, allow: AllowList = NOTHING, *, host: str = "", must_be_allowed: bool = False
) -> IPAddress:
    """Judge one address that a host has resolved to; return the address to dial, which is this one.

    `host` is the name that was resolved, for an allow-list that names it;
    `must_be_allowed` is the URL's.

    Raises:
        AddressRefused: when the server must not call it.
    """
    found = _unwrap(ipaddress.ip_address(address) if isinstance(address, str) else address)
    name = host or str(found)
    if allow.is_own(found, port):
        raise _refused(name, port)
    if allow.names(name, port) or allow.covers(found, port):
        return found
    if must_be_allowed or not is_public(found):
        raise _refused(name, port, plain=must_be_allowed)
    return found


def check_addresses(checked: CheckedUrl, addresses: Sequence[str], allow: AllowList = NOTHING) -> Sequence[IPAddress]:
    """Judge all addresses that a URL's host has resolved to: one bad one refuses them all.

    Raises:
        AddressRefused: when the server must not call one of them.
    """
    return [
        check_address(address, checked.port, allow, host=checked.host, must_be_allowed=checked.must_be_allowed)
        for address in addresses
    ]


def is_public(address: IPAddress) -> bool:
    """Say whether an address is one of the public internet's, by our own list and Python's both."""
    address = _unwrap(address)
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _DENIED_V4)
    return (
        address.is_global
        and address.scope_id is None
        and address in _PUBLIC_V6
        and not any(address in network for network in _DENIED_V6)
    )


def _unwrap(address: IPAddress) -> IPAddress:
    """Return the IPv4 address inside ::ffff:0:0/96, which is what the kernel would call."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def _refused(host: str, port: int, *, plain: bool = False) -> AddressRefused:
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    why = "plain http is for addresses that the operator allows" if plain else "it is not a public address"
    return AddressRefused(
        f"Calls to {shown} are refused: {why}; the operator can start the server with --allow-upstream {shown}",
        param="base_url",
    )


def _host(text: str) -> tuple[str, IPAddress | None] | None:
    """Return a host in normal form, with its address when it is one; None when it is neither name nor address."""
    if text.startswith("["):
        address = _literal(text[1:-1])
        return None if not isinstance(address, ipaddress.IPv6Address) else (str(address), address)
    name = text.lower()
    labels = name.split(".")
    if _NUMBERLIKE.fullmatch(labels[-1]):
        # Resolvers read 127.1, 0x7f000001 and 2130706433 as addresses too; we know the one plain form.
        address = _literal(name)
        return None if address is None else (str(address), address)
    return (name, None) if all(_LABEL.fullmatch(label) for label in labels) else None


def _literal(text: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> IPNetwork | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
