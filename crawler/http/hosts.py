"""Which addresses a harvest may ask: no counters of ours, no private networks, and one name for each host."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_DEFAULT_PORTS = {"http": 80, "https": 443}


def host_key(url: str) -> str:
    """What politeness counts as one host: the name for real hosts, name and port on loopback, where each port stands for a site."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    if is_loopback_name(name):
        return f"{name}:{parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)}"
    return name


def origin(url: str) -> str:
    """Scheme, host and port of an address, what a robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def is_loopback_name(name: str) -> bool:
    """Whether a host's name as written is this machine, without asking a name server."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    """Whether an address as written is on this machine."""
    return is_loopback_name((urlsplit(url).hostname or "").rstrip("."))


def is_public(ip: str) -> bool:
    """Whether an IP address belongs to the public Internet; mapped and embedded IPv4 addresses count as what they lead to."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast


def private_names(urls: Iterable[str]) -> frozenset[str]:
    """The hosts among a definition's own addresses that are written as private addresses: the portal itself is there.

    A host name never is among them, whatever it resolves to: a portal's name server must not lead us into the network of
    the archive (DNS rebinding).
    """
    names = set()
    for url in urls:
        name = (urlsplit(url).hostname or "").rstrip(".")
        if is_loopback_name(name):
            names.add(name)
            continue
        try:
            public = is_public(name)
        except ValueError:
            continue
        if not public:
            names.add(name)
    return frozenset(names)
