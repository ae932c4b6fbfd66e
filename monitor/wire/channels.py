"""Which profiles show which channel of a device: by their video source, whose token is all that ONVIF gives to tell.

Rules:
1. A device with one video source has one channel, whatever the source is called.
2. Sources whose tokens differ in one number only ("VideoSource_1", "VideoSource_4"; "00000", "00003") are numbered by
   it: a recorder leaves out a channel without a camera, and the next ones must not be taken for it. They count from 0
   if one of them is 0, else from 1; numbers like 101, 201 count in hundreds.
3. Other sources are numbered in the order in which the device first names them.
4. A stream whose path names another channel is not this one's: a recorder with one camera left lists one source, and
   one that counts from 0 may have lost its first.
5. Of one channel's profiles the smallest comes first that RTP carries as video.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from monitor.wire.onvif import Profile

#: Larger numbers are no channels.
MOST_CHANNELS = 512
#: A camera that media (ver10) has no word for encodes something newer than it knows; JPEG is a last resort.
_RANKS = {"": 1, "JPEG": 2, "MJPEG": 2}
_NOT_ENCODED = 3


def by_channel(found: Iterable[Profile]) -> Mapping[int, Sequence[Profile]]:
    """Return each channel's profiles, the one to check first."""
    sources: dict[str, list[Profile]] = {}
    for profile in found:
        sources.setdefault(profile.source, []).append(profile)
    if len(sources) > 1:
        sources.pop("", None)  # profiles without a source belong to no channel in particular
    numbers = _numbers(list(sources))
    return {number: sorted(group, key=_weight) for number, group in zip(numbers, sources.values(), strict=True)}


#: How Dahua and its likes, and Hikvision with the stream behind it, name a channel in a path.
_CHANNEL_IN_PATH = re.compile(r"[?&/]channel=(\d{1,4})(?!\d)|/(?:channels|tracks)/(\d{1,3})0[1-9](?!\d)", re.IGNORECASE)


def contradicts(path: str, channel: int) -> bool:
    """Whether a stream's path names another channel than this one, counted from 1 or from 0."""
    match = _CHANNEL_IN_PATH.search(path)
    return match is not None and int(match[1] or match[2]) not in (channel, channel - 1)


def shows_video(profile: Profile) -> bool:
    """Whether the profile surely is video that RTP carries as such."""
    return _rank(profile) == 0


def _rank(profile: Profile) -> int:
    return _RANKS.get(profile.encoding, 0) if profile.encoded else _NOT_ENCODED


def _weight(profile: Profile) -> tuple[int, int]:
    return _rank(profile), profile.width * profile.height or 1 << 60


def _numbers(tokens: Sequence[str]) -> Sequence[int]:
    """Return the channel of each video source."""
    told = _told_numbers(tokens) if len(tokens) > 1 else []
    if not told:
        return range(1, len(tokens) + 1)
    first = 0 if min(told) == 0 else 1
    channels = [number + 1 - first for number in told]
    if max(channels) <= MOST_CHANNELS:
        return channels
    return [sorted(told).index(number) + 1 for number in told]


def _told_numbers(tokens: Sequence[str]) -> list[int]:
    """Return the one number in which the tokens differ; nothing where they differ in anything else."""
    parts = [re.split(r"(\d{1,9})", token) for token in tokens]
    places = [
        place for place in range(max(map(len, parts))) if len({tuple(part[place : place + 1]) for part in parts}) > 1
    ]
    if len(places) != 1 or places[0] % 2 == 0:
        return []
    numbers = [int(part[places[0]]) for part in parts]
    if min(numbers) >= 100 and len({number % 100 for number in numbers}) == 1:
        numbers = [number // 100 for number in numbers]
    return numbers if len(set(numbers)) == len(numbers) else []
