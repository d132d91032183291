"""The table of addresses that are not the public internet, at its edges."""

import pytest

from research.address_ranges import why_refused


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("8.8.8.8", None),
        ("100.63.255.255", None),
        ("100.64.0.0", "carrier-grade NAT"),
        ("168.63.129.16", "cloud platform"),
        ("192.88.99.1", "6to4 relay"),
        ("239.255.255.250", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("2606:2800:220:1:248:1893:25c8:1946", None),
        ("::", "unspecified"),
        ("::127.0.0.1", "not global"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:8.8.8.8", None),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::808:808", None),
        ("64:ff9b:1::808:808", "local NAT64"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:53aa:64c::", "Teredo"),
        ("2001:20::1", "ORCHID"),
        ("2001:2::1", "benchmark"),
        ("3fff::1", "documentation"),
        ("fec0::1", "site-local"),
        ("fe80::1%eth0", "scoped"),
        ("ff0e::1", "multicast"),
        ("4000::1", "not global"),
    ],
)
def test_the_range_table(address: str, why: str | None) -> None:
    assert why_refused(address) == why


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValueError, match="localhost"):
        why_refused("localhost")
