"""A camera of a test's own making: its ONVIF and RTSP answers, each of which a test may put into an odd shape."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from calendar import timegm
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from talks import LOGIN, PASSWORD

Answer = Callable[[bytes], bytes]

NAMESPACES = {
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tr2": "http://www.onvif.org/ver20/media/wsdl",
    "tt": "http://www.onvif.org/ver10/schema",
    "ter": "http://www.onvif.org/ver10/error",
}
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def http(body: str | bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers))
    return head.encode() + b"\r\n" + data


def envelope(inner: str, prefix: str = "s") -> str:
    declared = "".join(f' xmlns:{name}="{uri}"' for name, uri in NAMESPACES.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{prefix}:Envelope xmlns:{prefix}="{SOAP_12}"{declared}>'
        f"<{prefix}:Body>{inner}</{prefix}:Body></{prefix}:Envelope>"
    )


def reply(operation: str, inner: str = "", prefix: str = "tds") -> str:
    """Return the envelope of an answer: ``reply("GetNTP", …)`` holds a GetNTPResponse."""
    return envelope(f"<{prefix}:{operation}Response>{inner}</{prefix}:{operation}Response>")


def fault(code: str, text: str = "", outer: str = "s:Sender") -> str:
    return envelope(
        f"<s:Fault><s:Code><s:Value>{outer}</s:Value><s:Subcode><s:Value>{code}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason></s:Fault>'
    )


NOT_AUTHORIZED = fault("ter:NotAuthorized", "Sender not Authorized")


def date_time(kind: str, seconds: float) -> str:
    moment = time.gmtime(seconds)
    return (
        f"<tt:{kind}><tt:Time><tt:Hour>{moment.tm_hour}</tt:Hour><tt:Minute>{moment.tm_min}</tt:Minute>"
        f"<tt:Second>{moment.tm_sec}</tt:Second></tt:Time><tt:Date><tt:Year>{moment.tm_year}</tt:Year>"
        f"<tt:Month>{moment.tm_mon}</tt:Month><tt:Day>{moment.tm_mday}</tt:Day></tt:Date></tt:{kind}>"
    )


def clock(inner: str = "", offset_s: float = 0.0) -> str:
    """Return GetSystemDateAndTimeResponse: this far off, or with these elements."""
    told = inner or (
        "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        "<tt:TimeZone><tt:TZ>GMT0</tt:TZ></tt:TimeZone>" + date_time("UTCDateTime", time.time() + offset_s)
    )
    return reply("GetSystemDateAndTime", f"<tds:SystemDateAndTime>{told}</tds:SystemDateAndTime>")


def information(serial: str = "A1B2C3", model: str = "Model 7", maker: str = "Maker") -> str:
    return reply(
        "GetDeviceInformation",
        f"<tds:Manufacturer>{maker}</tds:Manufacturer><tds:Model>{model}</tds:Model><tds:FirmwareVersion>1.0.0"
        f"</tds:FirmwareVersion><tds:SerialNumber>{serial}</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId>",
    )


def services(*places: tuple[str, str]) -> str:
    entries = "".join(
        f"<tds:Service><tds:Namespace>{NAMESPACES.get(name, name)}</tds:Namespace><tds:XAddr>{address}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for name, address in places
    )
    return reply("GetServices", entries)


MEDIA_1 = ("trt", "http://192.0.2.7/onvif/media")
MEDIA_2 = ("tr2", "http://192.0.2.7/onvif/media2")


@dataclass(frozen=True)
class Shot:
    """A profile: which source, and how it is encoded; no encoder where ``encoding`` is None."""

    token: str
    source: str | None = "src0"
    encoding: str | None = "H264"
    width: int = 640
    height: int = 360


def media1(*shots: Shot) -> str:
    return reply("GetProfiles", "".join(_profile1(shot) for shot in shots), "trt")


def _profile1(shot: Shot) -> str:
    source = f'<tt:VideoSourceConfiguration token="c{shot.source}"><tt:SourceToken>{shot.source}</tt:SourceToken></tt:VideoSourceConfiguration>'
    encoder = (
        f'<tt:VideoEncoderConfiguration token="e{shot.token}"><tt:Encoding>{shot.encoding}</tt:Encoding><tt:Resolution>'
        f"<tt:Width>{shot.width}</tt:Width><tt:Height>{shot.height}</tt:Height></tt:Resolution>"
        "</tt:VideoEncoderConfiguration>"
    )
    inner = (source if shot.source is not None else "") + (encoder if shot.encoding is not None else "")
    return f'<trt:Profiles fixed="true" token="{shot.token}"><tt:Name>{shot.token}</tt:Name>{inner}</trt:Profiles>'


def media2(*shots: Shot) -> str:
    return reply("GetProfiles", "".join(_profile2(shot) for shot in shots), "tr2")


def _profile2(shot: Shot) -> str:
    source = f'<tr2:VideoSource token="c{shot.source}"><tt:SourceToken>{shot.source}</tt:SourceToken></tr2:VideoSource>'
    encoder = (
        f'<tr2:VideoEncoder token="e{shot.token}" GovLength="50"><tt:Encoding>{shot.encoding}</tt:Encoding>'
        f"<tt:Resolution><tt:Width>{shot.width}</tt:Width><tt:Height>{shot.height}</tt:Height></tt:Resolution>"
        "</tr2:VideoEncoder>"
    )
    inner = (source if shot.source is not None else "") + (encoder if shot.encoding is not None else "")
    return (
        f'<tr2:Profiles fixed="true" token="{shot.token}"><tr2:Name>{shot.token}</tr2:Name><tr2:Configurations>{inner}'
        "</tr2:Configurations></tr2:Profiles>"
    )


def uri(address: str) -> str:
    return reply(
        "GetStreamUri",
        f"<trt:MediaUri><tt:Uri>{address.replace('&', '&amp;')}</tt:Uri><tt:InvalidAfterConnect>false"
        "</tt:InvalidAfterConnect></trt:MediaUri>",
        "trt",
    )


def uri_by_token(asked: bytes) -> bytes:
    """Answer GetStreamUri by a path that names the profile."""
    token = re.search(rb"ProfileToken>([^<]*)<", asked)
    assert token is not None
    return http(uri(f"rtsp://192.0.2.7:554/{token[1].decode()}?a=1&b=2"))


def operation(asked: bytes) -> str:
    """Return what is asked, with "2" behind it where media2 is asked."""
    found = re.search(rb'action="http://www.onvif.org/(ver\d0)/(\w+)/wsdl/(\w+)"', asked)
    assert found is not None, asked[:200]
    return found[3].decode() + ("2" if (found[1], found[2]) == (b"ver20", b"media") else "")


SMALL = Shot("sub")
USUAL: Mapping[str, Answer] = {
    "GetSystemDateAndTime": lambda _: http(clock()),
    "GetDeviceInformation": lambda _: http(information()),
    "GetServices": lambda _: http(services(MEDIA_1)),
    "GetProfiles": lambda _: http(media1(SMALL)),
    "GetProfiles2": lambda _: http(media2(SMALL)),
    "GetStreamUri": uri_by_token,
    "GetStreamUri2": uri_by_token,
}
UNKNOWN_ACTION = http(fault("ter:ActionNotSupported", "Optional Action Not Implemented", "s:Receiver"), "500 Error")


def onvif(changes: Mapping[str, bytes | str | Answer] | None = None) -> Answer:
    """Return the answers of a camera that does as ONVIF wants, but for these operations."""
    changed = {name: _answer(value) for name, value in (changes or {}).items()}
    answers = {**USUAL, **changed}
    return lambda asked: answers.get(operation(asked), lambda _: UNKNOWN_ACTION)(asked)


def _answer(value: bytes | str | Answer) -> Answer:
    if callable(value):
        return value
    data = http(value) if isinstance(value, str) else value
    return lambda _: data


# Logins --------------------------------------------------------------------------------------------------------

OPEN = ("GetSystemDateAndTime", "GetServices", "GetCapabilities")


def token_is_right(asked: bytes, window_s: float = 10.0, offset_s: float = 0.0) -> bool:
    """Check a WS-UsernameToken as a device does whose clock is this far off."""
    parts = [
        re.search(rb"<%s(?: [^>]*)?>([^<]*)<" % name, asked)
        for name in (b"Username", b"Password", b"Nonce", b"Created")
    ]
    if None in parts:
        return False
    username, digest, nonce, created = (part[1] for part in parts if part is not None)
    expected = hashlib.sha1(base64.b64decode(nonce) + created + PASSWORD.encode()).digest()
    moment = timegm(time.strptime(created.decode(), "%Y-%m-%dT%H:%M:%SZ"))
    timely = abs(moment - (time.time() + offset_s)) <= window_s
    return username == LOGIN.username.encode() and base64.b64decode(digest) == expected and timely


def wants_token(answer: Answer, refusal: bytes, free: Iterable[str] = OPEN, offset_s: float = 0.0) -> Answer:
    """Answer only what bears a right token; refuse everything else like this."""
    return lambda asked: answer(asked) if operation(asked) in free or token_is_right(asked, 10.0, offset_s) else refusal


def shows_login(asked: bytes) -> bool:
    return b"<Password " in asked or re.search(rb"(?im)^authorization:", asked) is not None


@dataclass
class Digest:
    """A server's digest authentication, RFC 2617 or 2069; each nonce is good for one request if ``once``."""

    challenge: str = 'Digest realm="camera", nonce="{nonce}", qop="auth"'
    realm: str = "camera"
    once: bool = True
    prefix: str = ""
    """What the challenge has before its nonce."""
    refused: int = 0
    _count: int = 0
    _nonces: set[str] = field(default_factory=set)

    def fields(self) -> tuple[str, ...]:
        self._count += 1
        nonce = f"{self._count:032x}"
        self._nonces.add(self.prefix + nonce)
        return tuple(f"WWW-Authenticate: {line}" for line in self.challenge.format(nonce=nonce).split("\n"))

    def accepts(self, asked: bytes) -> bool:
        line = re.search(rb"(?im)^authorization: digest (.*)\r$", asked)
        if line is None:
            return False
        values = dict(re.findall(r'(\w+)="?([^",]*)"?', line[1].decode()))
        method = asked.split(b" ")[0].decode()
        good = values.get("nonce") in self._nonces and values["response"] == self._expected(values, method)
        if self.once:
            self._nonces.discard(values.get("nonce", ""))
        self.refused += not good
        return good

    def _expected(self, values: Mapping[str, str], method: str) -> str:
        def digest(*parts: str) -> str:
            return hashlib.md5(":".join(parts).encode()).hexdigest()

        secret = digest(LOGIN.username, self.realm, PASSWORD)
        question = digest(method, values["uri"])
        if "qop" in values:
            return digest(secret, values["nonce"], values["nc"], values["cnonce"], values["qop"], question)
        return digest(secret, values["nonce"], question)

    def guard(self, answer: Answer, refuse: Callable[[tuple[str, ...]], bytes], free: Iterable[str] = OPEN) -> Answer:
        """Answer ONVIF questions that bear a right digest, and those that are free."""
        return lambda asked: answer(asked) if operation(asked) in free or self.accepts(asked) else refuse(self.fields())


# RTSP ----------------------------------------------------------------------------------------------------------

SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=Camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
)


def rtsp(status: str = "200 OK", *headers: str, body: str = "") -> bytes:
    lines = [f"RTSP/1.0 {status}", "CSeq: {cseq}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode() + body.encode()


def described(body: str = SDP, *headers: str) -> bytes:
    return rtsp("200 OK", "Content-Type: application/sdp", *headers, body=body)


def rtp(sequence: int, payload: bytes = b"\x65\x88", payload_type: int = 96, marker: bool = True) -> bytes:
    """Return an RTP packet, 25 pictures a second; an IDR picture unless told otherwise."""
    second = payload_type | (0x80 if marker else 0)
    stamp = (sequence * 3600) % (1 << 32)
    return (
        bytes([0x80, second]) + (sequence % 65536).to_bytes(2, "big") + stamp.to_bytes(4, "big") + b"\0\0\0\1" + payload
    )


def frame(data: bytes, channel: int = 0) -> bytes:
    return b"$" + bytes([channel]) + len(data).to_bytes(2, "big") + data


VIDEO = b"".join(frame(rtp(number)) for number in range(1, 60))
RTSP_USUAL: Mapping[str, bytes] = {
    "OPTIONS": rtsp("200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"),
    "DESCRIBE": described(),
    "SETUP": rtsp("200 OK", "Session: 4711;timeout=60", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"),
    "PLAY": rtsp("200 OK", "Session: 4711") + VIDEO,
    "TEARDOWN": rtsp("200 OK", "Session: 4711"),
}
RTSP_METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN")


def streaming(changes: Mapping[str, bytes | Answer] | None = None) -> Answer:
    """Return the answers of an RTSP server that does as RFC 2326 wants, but for these methods."""
    answers = {**RTSP_USUAL, **(changes or {})}

    def answer(asked: bytes) -> bytes:
        said = answers.get(asked.split(b" ")[0].decode(), b"")  # our reply to a request of its own is answered by none
        return said(asked) if callable(said) else said

    return answer


def methods(heard: bytes | bytearray) -> list[str]:
    """Return the RTSP methods that a server heard, in order."""
    return re.findall(rf"({'|'.join(RTSP_METHODS)}) [^\r\n]+ RTSP/1", bytes(heard).decode("latin-1"))


def urls(heard: bytes | bytearray, method: str) -> list[str]:
    """Return the paths of the requests of one method."""
    return re.findall(rf"{method} rtsp://[^/\s]+(/\S*) RTSP/1", bytes(heard).decode("latin-1"))


def operations(heard: bytes | bytearray) -> list[str]:
    """Return the ONVIF operations that a device heard, in order."""
    found = re.findall(rb'action="http://www.onvif.org/(ver\d0)/(\w+)/wsdl/(\w+)"', bytes(heard))
    return [
        name.decode() + ("2" if (version, service) == (b"ver20", b"media") else "") for version, service, name in found
    ]
