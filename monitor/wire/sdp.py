"""Session descriptions (RFC 8866) as cameras write them: odd lines must not lose the video."""

from __future__ import annotations

import re
from typing import NamedTuple

from monitor.wire.errors import ProtocolError

MOST_MEDIA = 64
_RTPMAP = re.compile(r"(\d{1,3})\s+([\w.+-]{1,40})(?:\s*/\s*(\d{1,9}))?")
_FRAME_RATE = re.compile(r"\d{1,4}(?:\.\d{1,6})?")
#: Static payload types that a video track may use without an rtpmap (RFC 3551 §6).
_STATIC_VIDEO = {26: "JPEG", 28: "NV", 31: "H261", 32: "MPV", 33: "MP2T", 34: "H263"}


class Media(NamedTuple):
    """One m= section."""

    kind: str
    payload_type: int
    codec: str
    clock_rate: int
    control: str
    frame_rate: float | None


class Description(NamedTuple):
    """What DESCRIBE answered."""

    control: str
    media: tuple[Media, ...]

    @property
    def video(self) -> Media | None:
        return next((media for media in self.media if media.kind == "video"), None)


#: The attributes that say something of a stream, by name; the values of each in their order.
READ = frozenset({"control", "rtpmap", "framerate", "x-framerate"})
Attributes = dict[str, list[str]]


def parse(body: bytes) -> Description:
    """Return a description. Raises ProtocolError where the body is none at all, or names too many tracks."""
    lines = body.decode("utf-8", "replace").replace("\r", "\n").split("\n")
    session: Attributes = {}
    sections: list[tuple[str, Attributes]] = []
    attributes, readable = session, False
    for line in map(str.strip, lines):
        kind = line[:2]
        if kind == "a=":
            name, _, value = line[2:].partition(":")
            if (name := name.strip().lower()) in READ:
                attributes.setdefault(name, []).append(value.strip())
        elif kind in ("m=", "M="):
            attributes = {}
            sections.append((line[2:], attributes))
        elif kind in ("v=", "o=", "s="):
            readable = True
    if len(sections) > MOST_MEDIA:
        raise ProtocolError(f"a description of {len(sections)} tracks")
    if not sections and not readable:
        raise ProtocolError("no session description")
    media = (_media(first, attributes) for first, attributes in sections)
    return Description(session.get("control", [""])[0], tuple([one for one in media if one]))


def _media(first: str, attributes: Attributes) -> Media | None:
    """Return a section; None where its m= line cannot be read (RFC 8866 §5.14: kind, port, protocol, formats)."""
    words = first.split()
    if len(words) < 3:
        return None
    formats = [int(word) for word in words[3:] if word.isascii() and word.isdigit() and len(word) <= 3]
    payload_type = formats[0] if formats else -1
    codec, clock_rate = _encoding(payload_type, attributes.get("rtpmap", []))
    return Media(
        words[0].lower(),
        payload_type,
        codec,
        clock_rate,
        attributes.get("control", [""])[0],
        _frame_rate(attributes.get("framerate", []) + attributes.get("x-framerate", [])),
    )


def _encoding(payload_type: int, maps: list[str]) -> tuple[str, int]:
    matches = [match for match in map(_RTPMAP.match, maps) if match]
    own = [match for match in matches if int(match[1]) == payload_type] or matches
    if own:
        return own[0][2].upper().replace("HEVC", "H265"), int(own[0][3] or 0) or 90000
    return _STATIC_VIDEO.get(payload_type, ""), 90000


def _frame_rate(values: list[str]) -> float | None:
    rates = [float(match[0]) for match in map(_FRAME_RATE.match, values) if match]
    return next((rate for rate in rates if rate > 0), None)
