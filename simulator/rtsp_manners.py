"""How each make speaks RTSP where the standard leaves it a choice, or where it goes its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"


def as_is(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True)
class RtspManners:
    """One make's manners. Templates know ``host``, ``port``, ``url`` (as requested), ``bare`` (it without its query),
    ``query`` (with its question mark), ``session`` (a number), ``first`` and ``last`` (channels), ``ssrc``, ``seq``,
    ``time`` (RTP), ``level``, ``sets`` (parameter sets), ``width``, ``height``, ``rate``, and their own ``control``,
    ``track`` and ``metadata``.
    """

    sdp: str
    track: str
    """The control attribute of the video."""
    metadata: str = ""
    """The control attribute of a second track that carries ONVIF metadata; empty: there is none."""
    control: str = "*"
    """The control attribute of the whole presentation."""
    base: str = "{url}/"
    """Content-Base; empty: there is none."""
    realm: str = "{serial}"
    algorithms: tuple[str, ...] = ("MD5",)
    server: str = ""
    public: str = METHODS
    session: str = "{session};timeout=60"
    transport: str = "RTP/AVP/TCP;unicast;interleaved={first}-{last};ssrc={ssrc:08X}"
    rtp_info: str = "url={track};seq={seq};rtptime={time}"
    dated: bool = False
    full: int = 453
    """The status when all sessions are taken."""
    header_name: Callable[[str], str] = as_is
    early_data: bool = False
    """Packets come before the reply to PLAY."""
    channel_shift: int = 0
    """By how much the channels differ from those that the client asked for."""
    server_request: bool = False
    """It asks the client for its OPTIONS before it answers PLAY."""


AXIS_SDP = """\
v=0
o=- {session} 1 IN IP4 {host}
s=Session streamed with GStreamer
i=rtsp-server
t=0 0
a=tool:GStreamer
a=type:broadcast
a=range:npt=now-
a=control:{control}
m=video 0 RTP/AVP 96
c=IN IP4 0.0.0.0
b=AS:512
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1;profile-level-id={level};sprop-parameter-sets={sets}
a=ts-refclk:local
a=mediaclk:sender
a=recvonly
a=control:{track}
a=framerate:{rate}.000000
a=transform:1.000000,0.000000,0.000000;0.000000,1.000000,0.000000;0.000000,0.000000,1.000000
"""

HIKVISION_SDP = """\
v=0
o=- {session} {session} IN IP4 {host}
s=Media Presentation
e=NONE
b=AS:5050
t=0 0
a=control:{control}
m=video 0 RTP/AVP 96
c=IN IP4 0.0.0.0
b=AS:5000
a=recvonly
a=x-dimensions:{width},{height}
a=control:{track}
a=rtpmap:96 H264/90000
a=fmtp:96 profile-level-id={level}; packetization-mode=1; sprop-parameter-sets={sets}
m=application 0 RTP/AVP 107
c=IN IP4 0.0.0.0
b=AS:50
a=recvonly
a=control:{metadata}
a=rtpmap:107 vnd.onvif.metadata/90000
a=appversion:1.0
"""

DAHUA_SDP = """\
v=0
o=- {session} {session} IN IP4 0.0.0.0
s=Media Server
c=IN IP4 0.0.0.0
t=0 0
a=control:{control}
a=packetization-supported:DH
a=rtppayload-supported:DH
a=range:npt=now-
m=video 0 RTP/AVP 96
a=control:{track}
a=framerate:{rate}.000000
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1;profile-level-id={level};sprop-parameter-sets={sets}
a=recvonly
m=application 0 RTP/AVP 107
a=control:{metadata}
a=rtpmap:107 vnd.onvif.metadata/90000
a=recvonly
"""

BOSCH_SDP = """\
v=0
o=- 0 0 IN IP4 {host}
s=LIVE VIEW
c=IN IP4 0.0.0.0
t=0 0
a=control:{control}
m=video 0 RTP/AVP 35
a=rtpmap:35 H264/90000
a=fmtp:35 packetization-mode=1;profile-level-id={level};sprop-parameter-sets={sets}
a=recvonly
a=control:{track}
"""

REOLINK_SDP = """\
v=0
o=- {session} 1 IN IP4 {host}
s=Session streamed by "preview"
t=0 0
a=tool:BC Streaming Media v202210012022.10.01
a=type:broadcast
a=control:{control}
a=range:npt=now-
m=video 0 RTP/AVP 96
c=IN IP4 0.0.0.0
b=AS:512
a=rtpmap:96 H264/90000
a=range:npt=now-
a=fmtp:96 packetization-mode=1;profile-level-id={level};sprop-parameter-sets={sets}
a=control:{track}
"""

NONAME_SDP = """\
v=0
o=- {session} 31787219 1 IN IP4 {host}
s=RTSP Session
t=0 0
m=video 0 RTP/AVP 96
a=range:npt=0-
a=control:{track}
a=rtpmap:96 H264/90000\x20
a=fmtp:96 profile-level-id={level}; packetization-mode=1; sprop-parameter-sets={sets}
a=framerate:0S
m=application/IPCAM 0 RTP/AVP smart/1/90000
a=rtpmap:95 IPCAM/90000
a=control:track3
"""

MANNERS: Mapping[str, RtspManners] = {
    "axis": RtspManners(
        AXIS_SDP,
        track="{bare}/stream=0{query}",
        control="{bare}{query}",
        base="{bare}/",
        realm="AXIS_{mac}",
        server="GStreamer RTSP server",
        public=METHODS + ", SET_PARAMETER, PAUSE",
        transport='RTP/AVP/TCP;unicast;interleaved={first}-{last};ssrc={ssrc:08X};mode="PLAY"',
        rtp_info="url={bare}/stream=0{query};seq={seq};rtptime={time}",
        dated=True,
        full=503,
    ),
    "hikvision": RtspManners(
        HIKVISION_SDP,
        track="{bare}/trackID=1{query}",
        metadata="{bare}/trackID=3{query}",
        control="{bare}/{query}",
        base="{bare}/",
        realm="IP Camera({serial})",
        session="       {session};timeout=60",
        transport='RTP/AVP/TCP;unicast;interleaved={first}-{last};ssrc= {ssrc:x};mode="play"',
        rtp_info="url={bare}/trackID=1{query};seq={seq};rtptime={time}",
        dated=True,
    ),
    "dahua": RtspManners(
        DAHUA_SDP,
        track="trackID=0",
        metadata="trackID=4",
        realm="Login to {serial}",
        server="Rtsp Server/3.0",
        public="OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, PAUSE, TEARDOWN, SET_PARAMETER, GET_PARAMETER",
        full=403,
    ),
    "bosch": RtspManners(
        BOSCH_SDP,
        track="video",
        base="{url}/",
        realm="Please log on with a valid username",
        algorithms=("SHA-256", "MD5"),
        rtp_info="url={url}/video;seq={seq};rtptime={time}",
    ),
    "reolink": RtspManners(
        REOLINK_SDP,
        track="track1",
        base="rtsp://{host}{path}/",
        realm="BC Streaming Media",
        server="Rtsp Server/2.0",
        session="{session:08X}",
        transport="RTP/AVP/TCP;unicast;destination=127.0.0.1;source={host};interleaved={first}-{last}",
        rtp_info="url=track1;seq={seq};rtptime={time};ssrc={ssrc:08x}",
        dated=True,
    ),
    "noname": RtspManners(
        NONAME_SDP,
        track="track1",
        base="",
        realm="Surveillance Server",
        server="Rtsp Server 640*360*10*512",
        session="{session}",
        transport="RTP/AVP/TCP;ssrc={ssrc:08x};interleaved={first}-{last}",
        rtp_info="url={url}/track1;seq=0;rtptime=0",
    ),
}


def odd_case(name: str) -> str:
    odd = {"CSeq": "Cseq", "Content-Type": "content-type", "WWW-Authenticate": "Www-authenticate"}
    return odd.get(name, name.upper())


def spaced(name: str) -> str:
    return f"{name} "


#: What a malformed device changes of its make's manners.
ODDITIES: Mapping[str, Mapping[str, Any]] = {
    "header_case": {"header_name": odd_case},
    "spaced_headers": {"header_name": spaced},
    "double_scheme": {"base": "rtsp://{url}/", "track": "trackID=1"},
    "control_elsewhere": {"track": "rtsp://192.168.1.64:554{path}/trackID=1"},
    "spaced_session": {"session": "   {session} ; timeout=60"},
    "early_data": {"early_data": True},
    "other_channels": {"channel_shift": 4},
    "server_request": {"server_request": True},
    "plain_transport": {"transport": "RTP/AVP"},
}


@cache
def manners_of(make: str, oddity: str = "") -> RtspManners:
    """The manners of a make, with what is odd about one device of it."""
    return replace(MANNERS[make], **ODDITIES.get(oddity, {}))
