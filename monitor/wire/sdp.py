"""Session descriptions (RFC 8866) as cameras write them: odd lines must not lose the video."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from monitor.wire.errors import ProtocolError

MOST_MEDIA = 64
#: Where a section begins.
_TRACK = re.compile(r"\n[^\S\n]*[mM]=")
#: The attributes that say something of a stream.
_ATTRIBUTE = re.compile(
    r"\n[^\S\n]*a=[^\S\n]*((?i:control|rtpmap|framerate|x-framerate))[^\S\n]*(?::|(?=\n|\Z))([^\n]*)"
)
#: What makes a description of a text without tracks.
_SESSION = re.compile(r"\n[^\S\n]*[vos]=")
_RTPMAP = re.compile(r"(\d{1,3})\s+([\w.+-]{1,40})(?:\s*/\s*(\d{1,9}))?")
_FRAME_RATE = re.compile(r"\d{1,4}(?:\.\d{1,6})?")
#: Static payload types that a video track may use without an rtpmap (RFC 3551 §6).
_STATIC_VIDEO = {26: "JPEG", 28: "NV", 31: "H261", 32: "MPV", 33: "MP2T", 34: "H263"}


class Media(NamedTuple):
    """One m= section: what its first line says, and the lines behind it, which are read when they are asked for."""

    kind: str
    payload_type: int
    lines: str

    @property
    def codec(self) -> str:
        """The codec's name; "" where none is told."""
        match = self._map
        return match[2].upper().replace("HEVC", "H265") if match else _STATIC_VIDEO.get(self.payload_type, "")

    @property
    def clock_rate(self) -> int:
        match = self._map
        return int(match[3] or 0) or 90000 if match else 90000

    @property
    def control(self) -> str:
        return _control(self.lines)

    @property
    def frame_rate(self) -> float | None:
        """Frames a second as the device announces them; None where it does not."""
        values = _values(self.lines, "framerate") + _values(self.lines, "x-framerate")
        rates = [float(match[0]) for match in map(_FRAME_RATE.match, values) if match]
        return next((rate for rate in rates if rate > 0), None)

    @property
    def _map(self) -> re.Match[str] | None:
        """The rtpmap of its payload type; another one where it has none of its own."""
        other = None
        for match in map(_RTPMAP.match, _values(self.lines, "rtpmap")):
            if match is not None and int(match[1]) == self.payload_type:
                return match
            other = other or match
        return other


class Description(NamedTuple):
    """What DESCRIBE answered: the lines on the session, and the sections as they came, behind their m=."""

    session: str
    sections: tuple[str, ...]

    @property
    def control(self) -> str:
        return _control(self.session)

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(self._media())

    @property
    def video(self) -> Media | None:
        return next((media for media in self._media() if media.kind == "video"), None)

    def _media(self) -> Iterator[Media]:
        """Read the sections one by one; those that cannot be read are left out."""
        return filter(None, map(_media, self.sections))


def parse(body: bytes) -> Description:
    """Return a description. Raises ProtocolError where the body is none at all, or names too many tracks."""
    text = "\n" + body.decode("utf-8", "replace").replace("\r", "\n")
    session, *sections = _TRACK.split(text)
    if len(sections) > MOST_MEDIA:
        raise ProtocolError(f"a description of {len(sections)} tracks")
    if not sections and _SESSION.search(text) is None:
        raise ProtocolError("no session description")
    return Description(session, tuple(sections))


def _media(section: str) -> Media | None:
    """Return a section; None where its m= line cannot be read (RFC 8866 §5.14: kind, port, protocol, formats)."""
    first = section.partition("\n")[0]
    words = first.split()
    if len(words) < 3:
        return None
    formats = [int(word) for word in words[3:] if word.isascii() and word.isdigit() and len(word) <= 3]
    return Media(words[0].lower(), formats[0] if formats else -1, section[len(first) :])


def _control(lines: str) -> str:
    return next(iter(_values(lines, "control")), "")


def _values(lines: str, name: str) -> list[str]:
    """Return the values of an attribute, in their order."""
    return [value.strip() for found, value in _ATTRIBUTE.findall(lines) if found.lower() == name]
