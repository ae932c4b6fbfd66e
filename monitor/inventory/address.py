"""Addresses of devices: IPv4, IPv6 or a DNS name; nothing else, and none that cannot be one device's."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

#: RFC 1123 §2.1 and RFC 1035 §2.3.4; underscores are not allowed there and in use all the same.
NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"
)
#: An IPv4 address in its usual spelling that one device can have: nearly all are this, and need no closer look.
UNICAST = re.compile(
    r"(?:[1-9]|[1-9][0-9]|1[0-9][0-9]|2[01][0-9]|22[0-3])(?:\.(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])){3}"
)
LAST_IS_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)")
SCOPE = re.compile(r"[A-Za-z0-9_.-]{1,15}")
#: What is no address at all: (what gives it away, message, hint). Never the text itself, which may hold a password.
FOREIGN = (
    (
        re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://"),
        "a URL is no address",
        "write the host alone; a port goes under ports:, a path under stream:",
    ),
    (
        re.compile(r".*@"),
        "a user name does not belong into an address",
        "write the host alone; logins go under credentials:",
    ),
    (re.compile(r"\[.*\]\Z"), "brackets do not belong here", "write the IPv6 address without them"),
    (
        re.compile(r"(?:[^:]*|\[.*\]):[0-9]{1,5}\Z"),
        "a port does not belong into an address",
        "the port goes under ports:",
    ),
    (re.compile(r".*/"), "a path or a network is no address", "write the host alone; a path goes under stream:"),
)
NO_ADDRESS = "neither an IPv4 or IPv6 address nor a DNS name"


class WrongAddress(ValueError):
    """Why a text is no device's address; the text itself is not in it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def host(text: str) -> str:
    """The address in its one usual spelling (lower case, IPv6 compressed); raises ``WrongAddress``."""
    if UNICAST.fullmatch(text):
        return text
    for pattern, message, hint in FOREIGN:
        if pattern.match(text):
            raise WrongAddress(message, hint)
    if ":" in text or LAST_IS_NUMBER.fullmatch(text):
        return _number(text)
    name = text.removesuffix(".")
    if not NAME.fullmatch(name):
        hint = "" if name.isascii() else "write an international name in its xn-- form"
        raise WrongAddress(NO_ADDRESS, hint)
    return name.lower()


def _number(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        hint = "" if ":" in text else "an IPv4 address is four numbers from 0 to 255 without leading zeros"
        raise WrongAddress(NO_ADDRESS, hint) from None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            raise WrongAddress("an IPv4 address in IPv6's clothes", f"write {address.ipv4_mapped}")
        if address.scope_id is not None and not SCOPE.fullmatch(address.scope_id):
            raise WrongAddress(NO_ADDRESS)
    _one_device(address)
    return str(address)


def _one_device(address: IPv4Address | IPv6Address) -> None:
    if address.is_multicast:
        raise WrongAddress("a multicast address is not one device's", "write the device's own address")
    if address.is_unspecified or (address.version == 4 and address.packed[0] == 0):
        raise WrongAddress("this address means no device", "write the device's own address")
    if address.version == 4 and address.packed[0] >= 240:
        raise WrongAddress("a broadcast or reserved address is not one device's", "write the device's own address")
