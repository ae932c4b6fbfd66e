"""Private data taken out of a text on request: addresses, hardware addresses, serial numbers, names and places.

One thing has one name throughout (``address-1``), so that the text can still be followed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

#: Shorter names of ours are part of too many other words.
LEAST_CHARACTERS = 4
#: Hosts in the names of standards (XML namespaces); they tell nothing about anybody.
STANDARDS = ("w3.org", "onvif.org", "xmlsoap.org", "oasis-open.org", "ietf.org", "isecurity.org", "psia.org")
_MAC = re.compile(
    r"(?i)(?<![0-9a-f:.-])(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})(?![0-9a-f:-])"
)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)")
_IPV6 = re.compile(r"(?i)(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4})(?:%\w+)?(?![\w:])")
_UUID = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])")
_HOST = re.compile(
    r"""(?i)(xmlns(?::[\w.-]+)?=["']\s*)?\b[a-z][a-z0-9+.-]*://(?:[^\s/@"'<>]*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"""
)
#: What stands in an element or behind a name, and is private: what it is, and the text before and behind it.
_NAMED = (
    ("serial", re.compile(r"(?i)(<(?:[\w.-]+:)?SerialNumber\b[^<>`\n]*>)([^<`\n]+)")),
    ("mac", re.compile(r"(?i)(<(?:[\w.-]+:)?HwAddress\b[^<>`\n]*>)([^<`\n]+)")),
    ("user", re.compile(r"(?i)(<(?:[\w.-]+:)?User[Nn]ame\b[^<>`\n]*>)([^<`\n]+)")),
    ("user", re.compile(r"""(?i)(\busername=["'])([^"']+)""")),
    ("host", re.compile(r"(?i)(<(?:[\w.-]+:)?(?:HostName|DNSname|SearchDomain)\b[^<>`\n]*>)([^<`\n]+)")),
    ("place", re.compile(r"(?i)(onvif://[\w.]+/(?:location|name)/)([^\s\"'<,]+)")),
    ("place", re.compile(r"""(?i)(\b(?:lat|lon|latitude|longitude|elevation)["']?\s*[=:]\s*["']?)(-?\d+(?:\.\d+)?)""")),
    ("place", re.compile(r"(?i)(<(?:[\w.-]+:)?(?:latitude|longitude|Location)\b[^<>`\n]*>)([^<`\n]+)")),
)


class Pseudonyms:
    """The names given so far. ``known`` are private texts by what they are, told beforehand."""

    def __init__(self, known: Iterable[tuple[str, str]] = (), kept: Iterable[str] = ()) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._kept = frozenset(kept)
        self._known: dict[str, str] = {}
        for kind, text in known:
            self._know(kind, text)

    def text(self, text: str) -> str:
        """Return a text with a name for each private thing in it."""
        for kind, pattern in _NAMED:
            for found in pattern.finditer(text):
                self._know(kind, found[2].strip())
        for found in _MAC.finditer(text):
            self._know("mac", found[0])
        lower = text.lower()
        for known, kind in sorted(self._known.items(), key=lambda pair: lower.find(pair[0].lower())):
            if known.lower() in lower:
                self._name(kind, known)  # numbers rise from the text's beginning to its end
        for known, kind in sorted(self._known.items(), key=lambda pair: -len(pair[0])):
            text = re.sub(rf"(?i)(?<![0-9a-z]){re.escape(known)}(?![0-9a-z])", self._name(kind, known), text)
        text = _UUID.sub(lambda found: self._name("uuid", found[0]), text)
        text = _IPV6.sub(self._address, _IPV4.sub(self._address, text))
        text = _HOST.sub(self._host, text)
        for kind, pattern in _NAMED:
            text = pattern.sub(partial(self._named, kind), text)
        return text

    def _named(self, kind: str, found: re.Match[str]) -> str:
        return found[1] + self._name(kind, found[2].strip())

    def value(self, value: Any) -> Any:
        """Return a JSON value with every text in it, names of fields apart, made anonymous."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {name: self.value(one) for name, one in value.items()}
            case list() | tuple():
                return [self.value(one) for one in value]
        return value

    def _know(self, kind: str, text: str) -> None:
        """Look for this text everywhere; a hardware address also without its separators."""
        spellings = {text, re.sub(r"[:.-]", "", text)} if kind == "mac" else {text}
        if text in self._kept or self._is_given(text):
            return
        for one in spellings:
            if len(one) >= LEAST_CHARACTERS:
                self._known.setdefault(one, kind)

    def _name(self, kind: str, text: str) -> str:
        if text in self._kept or self._is_given(text):
            return text
        same = re.sub(r"[:.-]", "", text).lower() if kind == "mac" else text.lower()
        if same not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[same] = f"{kind}-{self._counts[kind]}"
        return self._names[same]

    def _is_given(self, text: str) -> bool:
        return re.fullmatch(r"(?:serial|mac|user|host|place|uuid|address|name|camera|device)-\d+", text) is not None

    def _address(self, found: re.Match[str]) -> str:
        try:
            address = ipaddress.ip_address(found[0].partition("%")[0])
        except ValueError:
            return found[0]
        if address.is_unspecified or found[0] in self._kept:
            return found[0]
        return self._name("address", str(address))

    def _host(self, found: re.Match[str]) -> str:
        host = found[2]
        if found[1] or self._is_given(host) or host.lower().endswith(STANDARDS):
            return found[0]
        return found[0][: -len(host)] + self._name("host", host)
