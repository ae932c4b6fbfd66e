"""What the fuzzers begin with: small messages of each protocol, well formed and not, written here."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

from peers.hostile import INFORMATION, SDP, TIME, ber, envelope, http, integer, object_id, octets, packet, soap, ticks

_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n"
_FAULT = (
    b"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
    b"<s:Reason><s:Text>No</s:Text></s:Reason></s:Fault>"
)
_PROFILE = (
    b'<Profiles token="p"><VideoSourceConfiguration><SourceToken>s</SourceToken></VideoSourceConfiguration>'
    b"<VideoEncoderConfiguration><Encoding>H264</Encoding><Resolution><Width>640</Width><Height>360</Height></Resolution>"
    b"<RateControl><FrameRateLimit>25</FrameRateLimit></RateControl></VideoEncoderConfiguration></Profiles>"
)
_PROFILE2 = (
    b'<Profiles token="p"><Configurations><VideoSource><SourceToken>s</SourceToken></VideoSource><VideoEncoder>'
    b"<Encoding>H265</Encoding></VideoEncoder></Configurations></Profiles>"
)
_SERVICE = (
    b"<Service><Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace>"
    b"<XAddr>http://192.0.2.1:8080/onvif/media</XAddr></Service>"
)
_CAPABILITIES = b"<Capabilities><Media><XAddr>http://192.0.2.1/onvif/media</XAddr></Media></Capabilities>"
_INTERFACES = b"<NetworkInterfaces><Info><HwAddress>00:11:22:aa:bb:cc</HwAddress></Info></NetworkInterfaces>"
_STREAM = b"<MediaUri><Uri>rtsp://192.0.2.1:554/live?channel=1&amp;subtype=1</Uri></MediaUri>"
_LOCAL = (
    b"<SystemDateAndTime><DateTimeType>NTP</DateTimeType><TimeZone><TZ>CST-8</TZ></TimeZone><LocalDateTime><Time>"
    b"<Hour>24</Hour><Minute>0</Minute><Second>60</Second></Time><Date><Year>2026</Year><Month>2</Month><Day>29</Day>"
    b"</Date></LocalDateTime></SystemDateAndTime>"
)
_REPLIES = {
    "GetSystemDateAndTime": _LOCAL,
    "GetServices": _SERVICE,
    "GetCapabilities": _CAPABILITIES,
    "GetProfiles": _PROFILE,
    "GetStreamUri": _STREAM,
    "GetNetworkInterfaces": _INTERFACES,
}
_ENVELOPES = [TIME, INFORMATION, *(soap(name, inner) for name, inner in _REPLIES.items())]


def _message(*values: bytes, version: int = 1, kind: int = 0xA2) -> bytes:
    rows = b"".join(ber(0x30, object_id("1.3.6.1.2.1.1.1.0") + value) for value in values)
    pdu = ber(kind, integer(7) + integer(0) + integer(0) + ber(0x30, rows))
    return ber(0x30, integer(version) + octets(b"public") + pdu)


def _message3(scoped: bytes) -> bytes:
    """A message of SNMP v3 with security parameters by user (RFC 3412 §6, RFC 3414 §2.4)."""
    header = ber(0x30, integer(7) + integer(65507) + octets(b"\4") + integer(3))
    user = [octets(b"\x80\0\x1f\x88\4test"), integer(1), integer(99), octets(b"u"), octets(b""), octets(b"")]
    return ber(0x30, integer(3) + header + octets(ber(0x30, b"".join(user))) + scoped)


def _scoped(kind: int) -> bytes:
    rows = ber(0x30, ber(0x30, object_id("1.3.6.1.6.3.15.1.1.4.0") + integer(1, 0x41)))
    return ber(0x30, octets(b"e") + octets(b"") + ber(kind, integer(7) + integer(0) + integer(0) + rows))


def _certificate(name: bytes, *moments: bytes, version: bytes = b"") -> bytes:
    """An X.509 certificate as far as it is read (RFC 5280 §4.1); its key and its signature are none."""
    named = ber(0x30, ber(0x31, ber(0x30, object_id("2.5.4.10") + octets(b"o"))) + name)
    algorithm = ber(0x30, object_id("1.3.101.112"))
    parts = version + integer(7) + algorithm + named + ber(0x30, b"".join(moments)) + named + ber(0x30, algorithm)
    return ber(0x30, ber(0x30, parts) + algorithm + ber(0x03, bytes(9)))


_NAMED = ber(0x31, ber(0x30, object_id("2.5.4.3") + ber(0x0C, "Gate 3, Süd".encode())))

SEEDS: Mapping[str, list[bytes]] = {
    "http": [
        http(TIME),
        http(b"", "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'),
        _HEAD + b"\r\n" + INFORMATION,
        _HEAD + b"Content-Length: 3, 3\r\nX : a\r\n b\r\n\r\nabc",
        _CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        _CHUNKED + b"  3 \nabc4\r\ndefg\n0\r\nX: y\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204\r\nConnection: keep-alive\r\n\r\n",
        http(gzip.compress(b"plain", mtime=0), headers="Content-Encoding: gzip\r\n"),
        b"\r\n\0HTTP/1.1 503 Busy\n\nmore",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort",
    ],
    "head": [_HEAD + b"a: b\r\nc\r\n d\r\n: e\r\nf:g\n\nrest", _OK + b"Session: 1;timeout=60\r\n\r\n", b"x\n\n"],
    "soap": [
        *_ENVELOPES,
        envelope(_FAULT),
        b'<?xml version="1.0" encoding="GB2312"?>' + TIME,
        b"\xff\xfe" + TIME.decode().encode("utf-16-le"),
        b"\0 \r\n" + TIME.replace(b"<Hour>", b"<tt:Hour ter:a='1'>").replace(b"</Hour>", b"</tt:Hour>\x0b\xff"),
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + envelope(b"<a>&b;</a>"),
        envelope(b"<s:Fault><faultcode>ter:x</faultcode><faultstring>y</faultstring></s:Fault>"),
    ],
    "onvif": [
        *_ENVELOPES,
        *_REPLIES.values(),
        _PROFILE2,
        b"".join(_PROFILE.replace(b">s<", b">source_%d<" % number) for number in (0, 1, 4)),
    ],
    "survey": [
        *_REPLIES.values(),
        INFORMATION,
        _PROFILE2,
        b"<NTPInformation><FromDHCP>false</FromDHCP><NTPManual><IPv4Address>192.0.2.9</IPv4Address></NTPManual></NTPInformation>",
        b"<NetworkProtocols><Name>HTTP</Name><Enabled>true</Enabled><Port>80</Port></NetworkProtocols>",
        b"<HostnameInformation><FromDHCP>true</FromDHCP><Name>cam</Name></HostnameInformation>",
        b"<RecordingItem><RecordingToken>r</RecordingToken><Tracks><Track><TrackToken>t</TrackToken></Track></Tracks></RecordingItem>",
    ],
    "template": [
        *_ENVELOPES,
        *_REPLIES.values(),
        b"<Hour>1</Hour><TZ>a</TZ><Model>b<x/>1</Model><!-- <Uri>1</Uri> --><Uri><![CDATA[1]]></Uri>",
        b'<Hour a="1>1</Hour"> 1</Hour><Hour>&#49;</Hour><a>1</a><a/><Model xml:space="preserve"> </Model>',
    ],
    "digest": [
        b'Digest realm="r", nonce="n", qop="auth", algorithm=MD5',
        b'Digest realm="a \\"b\\"", nonce="n", qop="auth-int,auth", algorithm="SHA-256-sess", opaque="", stale=TRUE',
        b'Basic realm="r", Digest realm="r", nonce="n"\nDigest realm=r,nonce=n,algorithm=SHA-512-256',
        b"Bearer\nNegotiate, NTLM, Digest",
    ],
    "rtsp": [
        _OK + b"Content-Length: %d\r\nContent-Base: rtsp://192.0.2.1:554/live/\r\n\r\n" % len(SDP) + SDP,
        _OK + b"Session: 12;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n\r\n",
        packet(1) + _OK + b"\r\n" + packet(2) + b"\0\0junk" + packet(3),
        b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n" + packet(4) + b"GET_PARAMETER rtsp://192.0.2.1/ RTSP/1.0\n\n",
        b"$\1\0\4abcd\r\nRTSP/1.0 404\r\nSession\n\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    ],
    "sdp": [
        SDP,
        b"v=0\r\ns=x\r\na=control:*\r\nm=video 0 RTP/AVP 26\r\na=framerate:12.5\r\nm=audio 0 RTP/AVP 0 8\r\na=control:t2\r\n",
        b"o=-\nm=video 0 RTP/AVP 97 96\na=rtpmap:96 HEVC/90000\na=control:rtsp://192.0.2.1/t?a=b\nm=x",
    ],
    "rtp": [
        bytes([kind]) + b"".join(bytes([len(packet(n)) - 4]) + packet(n)[4:] for n in (1, 2, 65535, 9))
        for kind in range(4)
    ]
    + [b"\1\x18\xb1\xe0\0\1\0\0\0\1\0\0\0\2\xbe\xde\0\1\1\2\3\4\x26\1\2\3"],
    "snmp": [
        _message(octets(b"A camera"), ticks(360_000), integer(-1), ber(0x80, b"")),
        _message(ber(0x40, b"\xc0\0\2\1"), ber(0x44, b"\x9f\x78\x04\x42\x28\0\0"), ber(0x46, b"\xff" * 8)),
        _message(object_id("1.3.6.1.4.1.39165.1.6"), ber(0x05, b""), version=0),
        _message(kind=0xA8),
        _message3(_scoped(0xA8)),
        _message3(_scoped(0xA2)),
        _message3(octets(bytes(32))),
        b"\x30\x84\0\0\0\5\2\1\1\4\0",
    ],
    "usm": [
        _scoped(0xA2),
        _scoped(0xA8),
        _scoped(0xA2)[:-1],
        _message3(_scoped(0xA2)),
        _message3(octets(bytes(32))),
        ber(0x30, octets(b"e") + octets(b"") + ber(0xA2, integer(7) + integer(16) + integer(0) + ber(0x30, b""))),
    ],
    "certificate": [
        _certificate(_NAMED, ber(0x17, b"200101000000Z"), ber(0x17, b"491231235959Z"), version=ber(0xA0, integer(2))),
        _certificate(_NAMED, ber(0x17, b"700101000000Z"), ber(0x18, b"99991231235959Z")),
        _certificate(b"", ber(0x18, b"00010101000000Z"), ber(0x17, b"200101000000+0100")),
    ],
}
