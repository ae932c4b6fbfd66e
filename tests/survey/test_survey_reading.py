"""What a survey's replies say, and what differs from one to the next, without a network."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import survey
from monitor.core.survey import MOST_STREAMS, NO_ANSWER, Change, Draft, Part, Survey, changes, following
from monitor.core.survey_words import lines
from monitor.ledger import surveys
from monitor.wire import soap
from monitor.wire.errors import WireError
from monitor.wire.onvif_survey import MOST_CHARACTERS, READERS


def reply(key: str, content: str) -> bytes:
    name = soap.OPERATIONS[key].name + "Response"
    return f"<E:Envelope xmlns:E='e'><E:Body><{name}>{content}</{name}></E:Body></E:Envelope>".encode()


@pytest.mark.parametrize(
    ("key", "content", "value"),
    [
        ("information", "<Model> M1 </Model><FirmwareVersion/>", {"model": "M1"}),
        (
            "interfaces",
            "<NetworkInterfaces token='eth0'><Info><HwAddress>AA:BB:CC:00:11:22</HwAddress></Info><IPv4><Config>"
            "<FromDHCP><Address>192.0.2.7</Address><PrefixLength>24</PrefixLength></FromDHCP><DHCP>true</DHCP>"
            "</Config></IPv4></NetworkInterfaces>",
            [{"name": "eth0", "mac": "aa:bb:cc:00:11:22", "address": "192.0.2.7", "prefix": 24, "dhcp": True}],
        ),
        (
            "protocols",
            "<NetworkProtocols><Name>HTTP</Name><Enabled>1</Enabled><Port>80</Port><Port>x</Port></NetworkProtocols>",
            [{"name": "HTTP", "enabled": True, "ports": [80]}],
        ),
        (
            "ntp",
            "<NTPInformation><FromDHCP>false</FromDHCP><NTPManual><DNSname>ntp.example</DNSname></NTPManual>"
            "</NTPInformation>",
            {"servers": ["ntp.example"], "dhcp": False},
        ),
        ("ntp", "", {}),
        (
            "dns",
            "<DNSInformation><DNSFromDHCP><IPv4Address>192.0.2.53</IPv4Address></DNSFromDHCP></DNSInformation>",
            {"servers": ["192.0.2.53"]},
        ),
        ("hostname", "<HostnameInformation><Name>cam</Name></HostnameInformation>", {"name": "cam"}),
        (
            "profiles",
            "<Profiles token='p'><Name>main</Name><VideoEncoderConfiguration><Encoding>H264</Encoding><Resolution>"
            "<Width>1920</Width><Height>1080</Height></Resolution><RateControl><FrameRateLimit>12.5</FrameRateLimit>"
            "<BitrateLimit>4096</BitrateLimit></RateControl><H264><GovLength>50</GovLength></H264>"
            "</VideoEncoderConfiguration></Profiles>",
            [
                {"token": "p", "name": "main", "codec": "H264", "width": 1920, "height": 1080}
                | {"frames_per_second": 12.5, "kilobits_per_second": 4096, "frames_between_keyframes": 50}
            ],
        ),
        (
            "profiles2",
            "<Profiles token='p'><Configurations><VideoSource><SourceToken>s</SourceToken></VideoSource>"
            "<VideoEncoder GovLength='30'><Encoding>H265</Encoding></VideoEncoder></Configurations></Profiles>",
            [{"token": "p", "source": "s", "codec": "H265", "frames_between_keyframes": 30}],
        ),
        (
            "storage",
            "<StorageConfigurations token='sd'><Data type='LocalStorage'><LocalPath>/mnt</LocalPath><User><UserName>u"
            "</UserName><Password>secret</Password></User></Data></StorageConfigurations>",
            [{"token": "sd", "type": "LocalStorage", "path": "/mnt"}],
        ),
        (
            "recordings",
            "<RecordingItem><RecordingToken>r</RecordingToken><Tracks><Track/><Track/></Tracks></RecordingItem>",
            [{"token": "r", "tracks": 2}],
        ),
    ],
)
def test_what_a_reply_says(key: str, content: str, value: object) -> None:
    """Only what is there is told; a storage's login is not kept."""
    assert READERS[key](reply(key, content), key) == value


def test_texts_are_bounded() -> None:
    """A device cannot fill the ledger with one name."""
    value = READERS["hostname"](
        reply("hostname", f"<HostnameInformation><Name>{'x' * 999}</Name></HostnameInformation>"), "hostname"
    )
    assert value == {"name": "x" * MOST_CHARACTERS}


@given(st.sampled_from(sorted(READERS)), st.text("<>/abNameTokenProfiles \"'=1.", max_size=200))
def test_no_reply_raises_anything_but_what_is_promised(key: str, content: str) -> None:
    """Hostile replies are values, a fault or a WireError."""
    with contextlib.suppress(WireError, soap.Fault):
        READERS[key](reply(key, content), key)


OLD = {
    "information": Part({"firmware": "1.0", "serial": "S1"}),
    "interfaces": Part([{"name": "eth0", "mac": "aa", "address": "192.0.2.1"}]),
    "profiles": Part([{"token": "p", "codec": "H264", "width": 640}]),
    "ntp": Part({"servers": ["a.example"]}),
}


@pytest.mark.parametrize(
    ("part", "value", "told"),
    [
        ("information", {"firmware": "1.1", "serial": "S1"}, [("firmware changed", "firmware 1.0 became 1.1")]),
        ("information", {"firmware": "1.0", "serial": "S2"}, [("serial number changed", "serial S1 became S2")]),
        (
            "interfaces",
            [{"name": "eth0", "mac": "bb", "address": "192.0.2.1"}],
            [("hardware address changed", "eth0: mac aa became bb")],
        ),
        (
            "interfaces",
            [{"name": "eth0", "mac": "aa"}],
            [("network changed", "eth0: address 192.0.2.1 became nothing")],
        ),
        (
            "profiles",
            [{"token": "p", "codec": "H265", "width": 640}],
            [("encoder changed", "p: codec H264 became H265")],
        ),
        ("profiles", [], [("encoder changed", "p is gone")]),
        (
            "ntp",
            {"servers": ["a.example", "b.example"]},
            [("NTP changed", "servers a.example became a.example, b.example")],
        ),
    ],
)
def test_what_changed_is_told(part: str, value: object, told: list[tuple[str, str]]) -> None:
    """Each change by a name of its own, with what it was."""
    assert changes(OLD, OLD) == []
    assert changes(OLD, {**OLD, part: Part(value)}) == [Change(*one) for one in told]


def test_what_was_not_answered_is_no_change() -> None:
    """Nobody knows that it changed; what was known before is kept."""
    draft = Draft({name: part for name, part in OLD.items() if name != "ntp"})
    now = following(Survey(1.0, OLD), draft, 2.0)
    assert changes(OLD, now.parts) == []
    assert now.parts["ntp"] == OLD["ntp"]
    assert now.parts["dns"] == Part(missing=NO_ANSWER)


def test_a_draft_knows_what_is_open() -> None:
    """Stream paths are asked profile by profile, and not of more than a bounded number."""
    profiles = Part([{"token": f"p{n}"} for n in range(100)])
    draft = Draft({**{name: Part({}) for name in survey.PARTS}, "profiles": profiles, "streams": Part([])})
    assert len(draft.tokens) == MOST_STREAMS
    assert (draft.open, draft.is_over) == (["streams"], False)
    whole = draft.with_part("streams", Part([{"token": token} for token in draft.tokens]))
    assert (whole.open, whole.is_over) == ([], True)


def test_a_survey_is_kept_as_it_is() -> None:
    """JSON and back; what is none is nothing."""
    one = Survey(12.5, {**OLD, "dns": Part(missing="not offered")})
    assert surveys.from_json(surveys.to_json(one)) == one
    assert surveys.restored({"survey/d": surveys.to_json(one), "survey/e": 7, "device/d": {}}) == {"d": one}


def test_a_survey_in_words() -> None:
    """A line for each thing; what is missing stands behind its heading."""
    told = list(lines({"information": OLD["information"], "dns": Part(missing="not offered")}, lambda text: text))
    assert told == ["Device", "  firmware 1.0, serial S1", "DNS: not offered"]
