"""Which channel a video source is: by the number in its token where there is one, else by its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire.channels import MOST_CHANNELS, by_channel, contradicts
from monitor.wire.onvif import Profile


def shot(token: str, source: str, encoding: str = "H264", width: int = 640, encoded: bool = True) -> Profile:
    return Profile(token, source, encoding, width, 360, 25.0, encoded)


#: Source tokens in the device's order, and their channels.
SOURCES = {
    "one, whatever it is called": (["VideoSource_7"], [1]),
    "counted from 1": (["VideoSource_1", "VideoSource_2", "VideoSource_3"], [1, 2, 3]),
    "counted from 0": (["00000", "00001", "00002"], [1, 2, 3]),
    "a gap": (["VideoSourceToken001", "VideoSourceToken002", "VideoSourceToken006"], [1, 2, 6]),
    "the first is missing": (["VideoSource_2", "VideoSource_4"], [2, 4]),
    "in the order of words": (["V_1", "V_10", "V_2"], [1, 10, 2]),
    "backwards": (["3", "2", "1", "0"], [4, 3, 2, 1]),
    "hundreds": (["VideoSource_101", "VideoSource_201", "VideoSource_401"], [1, 2, 4]),
    "a number that stays": (["Cam2_vs0", "Cam2_vs1"], [1, 2]),
    "two numbers that change": (["a1b1", "a2b2"], [1, 2]),
    "words": (["left", "right", "below"], [1, 2, 3]),
    "words and a number": (["thermal", "vs1"], [1, 2]),
    "large numbers": (["100012", "100010", "100011"], [3, 1, 2]),
    "the same number twice": (["v1", "v01"], [1, 2]),
    "identities": (["uuid-1f2e-77", "uuid-9a2e-13"], [1, 2]),
}  # fmt: skip


@pytest.mark.parametrize("shape", SOURCES)
def test_the_channel_of_a_source(shape: str) -> None:
    """A recorder that leaves a channel out does not move the others."""
    sources, channels = SOURCES[shape]
    found = by_channel([shot(f"p{number}", source) for number, source in enumerate(sources)])
    assert {channel: profiles[0].source for channel, profiles in found.items()} == dict(
        zip(channels, sources, strict=True)
    )


def test_the_order_of_one_channels_profiles() -> None:
    """The smallest video first; what media has no word for, JPEG and what is not encoded behind it."""
    found = by_channel(
        [
            shot("none", "s", "", 0, encoded=False),
            shot("jpeg", "s", "JPEG", 100),
            shot("unknown", "s", "", 50),
            shot("main", "s", "H265", 2560),
            shot("sub", "s", "H264", 640),
            shot("sizeless", "s", "H264", 0),
        ]
    )
    assert [profile.token for profile in found[1]] == ["sub", "main", "sizeless", "unknown", "jpeg", "none"]


@pytest.mark.parametrize(
    ("path", "channels"),
    [
        ("/cam/realmonitor?channel=4&subtype=1", {4, 5}),
        ("/user=a_password=b&channel=2_stream=1.sdp", {2, 3}),
        ("/Streaming/Channels/602?transportmode=unicast", {6, 7}),
        ("/Streaming/tracks/1201", {12, 13}),
        ("/Streaming/Channels/2", {1, 2, 3, 4, 5, 6, 7, 12, 13}),
        ("/rtsp/streaming?channel=0&subtype=0", {1}),
        ("/live", {1, 2, 3, 4, 5, 6, 7, 12, 13}),
        ("/a?channel=99999", {1, 2, 3, 4, 5, 6, 7, 12, 13}),
    ],
)
def test_a_path_that_names_another_channel(path: str, channels: set[int]) -> None:
    """A channel in a path counts from 1, or from 0; a path without one contradicts nothing."""
    assert {channel for channel in (1, 2, 3, 4, 5, 6, 7, 12, 13) if not contradicts(path, channel)} == channels


def test_profiles_without_a_source() -> None:
    """They are no channel beside those that have one, and one channel where none has."""
    assert list(by_channel([shot("a", ""), shot("b", "s")])) == [1]
    assert by_channel([shot("a", ""), shot("b", "s")])[1][0].token == "b"
    assert list(by_channel([shot("a", ""), shot("b", "")])) == [1]
    assert by_channel([]) == {}


@given(st.lists(st.text("ab_019", max_size=6), unique=True, max_size=12))
def test_every_source_has_one_channel(sources: list[str]) -> None:
    """Whatever tokens a device makes up: as many channels as sources, each at least 1 and bounded."""
    found = by_channel([shot("p", source) for source in sources])
    named = [source for source in sources if source] or sources
    assert len(found) == len(named)
    assert all(1 <= channel <= MOST_CHANNELS for channel in found)
