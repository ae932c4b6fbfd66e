"""Which addresses a device can have, and how they are spelt."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.inventory.address import WrongAddress, host


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("192.0.2.17", "192.0.2.17"),
        ("127.0.0.1", "127.0.0.1"),
        ("169.254.1.1", "169.254.1.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("Cam-17.Example.", "cam-17.example"),
        ("cam_17", "cam_17"),
        ("xn--kamera-4ya.example", "xn--kamera-4ya.example"),
        ("4711cam.example", "4711cam.example"),
    ],
)
def test_an_address_has_one_spelling(written: str, expected: str) -> None:
    """Lower case, IPv6 compressed, no dot at the end: the same device is the same text."""
    assert host(written) == expected


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_ipv4_address_is_taken_exactly_if_one_device_can_have_it(address: IPv4Address) -> None:
    """Classes A to C, loopback and link-local; not 0/8, multicast, reserved or broadcast."""
    try:
        assert host(str(address)) == str(address)
    except WrongAddress:
        assert address.packed[0] == 0 or address.packed[0] >= 224
    else:
        assert 0 < address.packed[0] < 224


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_an_ipv6_address_is_taken_in_every_spelling(address: IPv6Address) -> None:
    """Exploded and in capitals it is the same address."""
    if not (address.is_multicast or address.is_unspecified or address.ipv4_mapped):
        assert host(address.exploded.upper()) == str(address)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    """What is taken is a host and nothing else; taken again it is the same."""
    with suppress(WrongAddress):
        taken = host(text)
        assert host(taken) == taken
        assert not set(taken) & set("/@[]?# \n\\")
