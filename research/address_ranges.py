"""Which IP addresses the outbound client may connect to: our own table of everything that is not the public internet.

Sources: the IANA special-purpose registries for IPv4 and IPv6, RFC 6890, and the cloud providers' metadata addresses.
Python's `ipaddress.is_private` / `is_global` are not used: they call several of these public (multicast, 6to4, AS112).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IPV4_REFUSED = [
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud platform"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT relay"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmark"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
]

# Of IPv6 only 2000::/3 has ever been allocated for global use: all else is refused without being listed, and these within it.
IPV6_GLOBAL = IPv6Network("2000::/3")
IPV6_REFUSED = [
    (IPv6Network(network), why)
    for network, why in (
        ("2001::/32", "Teredo"),
        ("2001:2::/48", "benchmark"),
        ("2001:10::/28", "ORCHID"),
        ("2001:20::/28", "ORCHID"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112"),
        ("3ffe::/16", "returned 6bone"),
        ("3fff::/20", "documentation"),
    )
]
IPV6_NAMES = [
    (IPv6Network(network), why)
    for network, why in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discard"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
]
# These carry an IPv4 address in their last 32 bits, and a connection to them ends there.
IPV6_MAPPED = IPv6Network("::ffff:0:0/96")
IPV6_NAT64 = IPv6Network("64:ff9b::/96")


def why_refused(address: str) -> str | None:
    """The reason a literal IPv4 or IPv6 address must not be connected to, or None when it is on the public internet.

    Raises ValueError when `address` is not a literal address.
    """
    ip = ip_address(address)
    return _why_ipv4(ip) if isinstance(ip, IPv4Address) else _why_ipv6(ip)


def _why_ipv4(ip: IPv4Address) -> str | None:
    return next((why for network, why in IPV4_REFUSED if ip in network), None)


def _why_ipv6(ip: IPv6Address) -> str | None:
    if ip.scope_id is not None:
        return "scoped"
    if ip in IPV6_MAPPED or ip in IPV6_NAT64:
        return _why_ipv4(IPv4Address(int(ip) & 0xFFFFFFFF))
    if ip not in IPV6_GLOBAL:
        return next((why for network, why in IPV6_NAMES if ip in network), "not global")
    return next((why for network, why in IPV6_REFUSED if ip in network), None)
