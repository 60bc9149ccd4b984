"""Which numbers on the network lead out to the public web, and which to somebody's own machines."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IP = IPv4Address | IPv6Address

# Python's own `is_global` changed its mind between patch releases, so the registries of IANA
# stand here: special purpose IPv4, and in IPv6 the one block from which sites get theirs.
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
            *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
            # The machine on which a virtual machine of Azure runs: public only by its number.
            "168.63.129.16/32",
            # Teredo and its neighbours, examples, and 6to4, which hides an IPv4 address.
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
_SITES = ip_network("2000::/3")

# What a desk may reach inside a network of its own, once somebody allowed the host by name.
_OWN = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
            *("::1/128", "fc00::/7"),
        ),
    )
)
# Where clouds hand out the keys of the machine to whoever asks from it.
_KEYS = tuple(map(ip_address, ("100.100.100.200", "fd00:ec2::254", "fd20:ce::254")))

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def is_public(ip: IP) -> bool:
    """Whether a site that anybody can read may stand at this number."""
    if ip.version == 6 and ip not in _SITES:
        # Also every way to write an IPv4 address as one of IPv6.
        return False
    return not any(ip in network for network in _NOT_PUBLIC)


def is_own(ip: IP) -> bool:
    """Whether the number is one of a network of one's own, and not where a cloud keeps its keys."""
    return ip not in _KEYS and any(ip in network for network in _OWN)


def number(host: str) -> IP | None:
    """The number as which a host is written, or None when it is a name.

    ValueError for what is neither, among it numbers in other spellings than
    the usual one, which programs read differently: 2130706433, 0x7f.1, 0177.0.0.1.
    """
    if ":" in host:
        if "%" in host:
            raise ValueError(host)
        return IPv6Address(host)
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return IPv4Address(host)
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise ValueError(host)
    return None
