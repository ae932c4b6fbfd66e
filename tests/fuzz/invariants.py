"""What holds for any bytes at all, one check a parser: shared by ``make fuzz`` and by the property tests.

A check raises where it is broken. It takes the bytes as a peer would send them and holds the parser to three things: only a
WireError escapes (and soap.Fault, which is an answer), what comes out is bounded and puts no line of its own into a
request of ours, and how the network cuts the bytes makes no difference.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from monitor.wire import (
    auth,
    certificate,
    channels,
    head,
    http,
    onvif,
    onvif_survey,
    rtp,
    rtsp,
    sdp,
    snmp,
    soap,
    template,
    usm,
    usm_keys,
)
from monitor.wire.errors import MOST_BODY_BYTES, MOST_HEAD_BYTES, MOST_HEADERS, WireError

Check = Callable[[bytes], None]

#: Byte by byte is checked up to this size; longer input is cut into two other sizes.
MOST_SINGLE_BYTES = 600
HOST = "192.0.2.1"


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """Yield the data in one piece, and cut in ways that the data itself chooses."""
    yield [data]
    chance = zlib.crc32(data)
    sizes = {1 + chance % 7, 8 + chance % 250}
    if len(data) <= MOST_SINGLE_BYTES:
        sizes.add(1)
    for size in sorted(sizes):
        yield [data[at : at + size] for at in range(0, len(data), size)]


def the_same(results: Sequence[Any]) -> None:
    assert all(one == results[0] for one in results), f"the cut makes a difference: {results!r}"[:2000]


def one_line(text: str) -> None:
    """Hold a text that goes into a request to the line that it stands in."""
    assert not any(ord(character) < 32 or ord(character) == 127 for character in text), repr(text)[:200]


# HTTP ---------------------------------------------------------------------------------------------------------


def _first_response(pieces: list[bytes]) -> http.Response | type[WireError] | None:
    """Return what one question is answered: later bytes belong to nobody's question."""
    reader = http.ResponseReader()
    try:
        for piece in pieces:
            reader.feed(piece)
            if (response := reader.next()) is not None:
                return response
        return reader.end()
    except WireError as error:
        return type(error)


def check_http(data: bytes) -> None:
    results = [_first_response(pieces) for pieces in cuts(data)]
    the_same(results)
    response = results[0]
    if isinstance(response, http.Response):
        assert 0 <= response.status <= 999
        assert len(response.body) <= 2 * MOST_BODY_BYTES  # behind a length that cuts an envelope short
        _check_headers(response.headers)


def _check_headers(headers: head.Headers) -> None:
    assert sum(map(len, headers.values())) <= MOST_HEADERS
    assert sum(len(name) + len(value) for name in headers for value in headers.all(name)) <= MOST_HEAD_BYTES
    length = head.content_length(headers)
    assert length is None or 0 <= length < 10**20


def check_head(data: bytes) -> None:
    try:
        found = head.parse_head(data)
    except WireError:
        return
    if found is not None:
        assert 0 < found.size <= len(data)
        assert head.parse_head(data[: found.size]) == found
        assert head.parse_head(data[: found.size - 1]) is None
        assert head.careful(data) == found._replace(plain=False)
        _check_headers(found.headers)


# RTSP ---------------------------------------------------------------------------------------------------------


def _items(pieces: list[bytes]) -> list[Any]:
    """Return all that a connection brought, and the kind of the error that ended it."""
    reader, items = rtsp.RtspReader(), []
    try:
        for piece in pieces:
            reader.feed(piece)
            while (item := reader.next()) is not None:
                items.append(item)
        items.append(reader.end())
    except WireError as error:
        items.append(type(error))
    return items


def check_rtsp(data: bytes) -> None:
    results = [_items(pieces) for pieces in cuts(data)]
    the_same(results)
    size = 0
    for item in results[0]:
        match item:
            case rtsp.Frame():
                size += 4 + len(item.data)
            case rtsp.Response():
                size += len(item.body)
                _check_headers(item.headers)
                _check_answerable(item)
            case rtsp.Request():
                assert rtsp.answer(item).count(b"\n") == 3
    assert size <= len(data)


def _check_answerable(response: rtsp.Response) -> None:
    """Hold what goes from a response into our next request to its place."""
    session, timeout_s = rtsp.session_of(response)
    assert len(session) <= 256
    assert 1 <= timeout_s <= 86400
    one_line(session)
    one_line(rtsp.base_path(response, "/s"))
    assert 0 <= rtsp.channel_of(response, 0) <= 255
    assert response.sequence is None or 0 <= response.sequence < 10**12


def check_sdp(data: bytes) -> None:
    try:
        description = sdp.parse(data)
    except WireError:
        return
    assert len(description.media) <= sdp.MOST_MEDIA
    for media in description.media:
        assert media.clock_rate > 0
        assert media.frame_rate is None or 0 < media.frame_rate < 10**5
        assert len(media.codec) <= 40
        path = rtsp.control_path("/s", media.control)
        assert path.startswith("/")
        one_line(path)


def check_rtp(data: bytes) -> None:
    """The first byte chooses the codec, then each packet has its length before it."""
    packets, at = [], 1
    while at < len(data):
        packets.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    reception = rtp.Reception(("H264", "H265", "JPEG", "")[data[0] % 4] if data else "", 90000)
    taken = [reception.take(packet) for packet in packets]
    assert reception.packets == sum(taken)
    assert 0 <= reception.frames <= reception.packets
    assert 0 <= reception.octets <= len(data)
    assert 0 <= reception.lost <= 1000 * len(packets)
    assert all(math.isfinite(value) and value >= 0 for value in reception.measurements(1.0).values())


# SOAP, ONVIF --------------------------------------------------------------------------------------------------


def _channels(body: bytes, key: str = "profiles") -> Any:
    """Read profiles, and which channel each of them shows."""
    found = onvif.profiles(body, key)
    numbered = channels.by_channel(found)
    assert all(1 <= number <= max(channels.MOST_CHANNELS, len(found)) for number in numbered)
    assert all(group for group in numbered.values())
    return found


READERS: Mapping[str, Callable[[bytes], Any]] = {
    "time": onvif.device_time,
    "information": onvif.device_information,
    "services": onvif.services,
    "capabilities": lambda body: onvif.services(body, "capabilities"),
    "profiles": _channels,
    "profiles2": lambda body: _channels(body, "profiles2"),
    "stream": onvif.stream_path,
    "stream2": lambda body: onvif.stream_path(body, "stream2"),
    "interfaces": onvif.hardware_addresses,
}
_ENVELOPE = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><%(name)bResponse>',
    b"</%(name)bResponse></s:Body></s:Envelope>",
)


def check_soap(data: bytes) -> None:
    try:
        content = soap.parse(data)
    except soap.Fault as fault:
        _check_fault(fault)
        return
    except WireError:
        return
    assert len(soap.text_of(content)) <= 2 * len(data)  # a byte of no encoding becomes a character of its own


def _check_fault(fault: soap.Fault) -> None:
    assert len(str(fault)) <= 300
    assert all(len(code) <= 80 for code in fault.codes)


def check_onvif(data: bytes) -> None:
    """Read the bytes as a reply to some question, and as what such a reply holds."""
    key = list(READERS)[zlib.crc32(data) % len(READERS)]
    name = {b"name": soap.OPERATIONS[key].name.encode()}
    wrapped = _ENVELOPE[0] % name + data + _ENVELOPE[1] % name
    for body in (data, wrapped):
        try:
            _check_values(READERS[key](body))
        except (WireError, soap.Fault):
            continue


def check_survey(data: bytes) -> None:
    """What a survey keeps of a reply can be written down, and has a bounded size."""
    key = list(onvif_survey.READERS)[zlib.crc32(data) % len(onvif_survey.READERS)]
    name = {b"name": soap.OPERATIONS[key].name.encode()}
    for body in (data, _ENVELOPE[0] % name + data + _ENVELOPE[1] % name):
        told = _outcome(onvif_survey.READERS[key], body, key)
        if not isinstance(told, type):
            assert len(json.dumps(told, allow_nan=False)) < 1 << 20
            assert not isinstance(told, list) or len(told) <= onvif_survey.MOST_ENTRIES


_NAMES = ("Hour", "TZ", "Model", "Uri", "a")


def _texts(reply: soap.Element) -> template.Texts:
    return tuple(soap.text_of(soap.find_anywhere(reply, name)) for name in _NAMES)


def check_template(data: bytes) -> None:
    """A reply that is read by a remembered plan says the same as one that is parsed, also when its texts change."""
    key = list(READERS)[zlib.crc32(data) % len(READERS)]
    name = {b"name": soap.OPERATIONS[key].name.encode()}
    wrapped = _ENVELOPE[0] % name + data + _ENVELOPE[1] % name
    for body in (data, wrapped, wrapped.replace(b"1", b"7 ").replace(b"a", b"b")):
        the_same([_outcome(template.texts, body, key, _texts), _outcome(_parsed_texts, body, key)])


def _parsed_texts(body: bytes, key: str) -> template.Texts:
    return _texts(soap.expect(body, key))


def _outcome(read: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except (WireError, soap.Fault) as error:
        return type(error)


def _check_values(value: Any) -> None:
    """Hold every value, however deep, to what a reader promises."""
    match value:
        case str():
            assert len(value) <= 4096
            one_line(value.replace("\t", "").replace("\n", "").replace("\r", ""))
        case float():
            assert math.isfinite(value)
        case onvif.Service():
            one_line(value.path)
            assert len(value.path) <= 512
            assert value.port is None or 0 < value.port < 65536
        case dict():
            for one in value.items():
                _check_values(one)
        case tuple() | list():
            for one in value:
                _check_values(one)


def check_digest(data: bytes) -> None:
    """Each line is a WWW-Authenticate field."""
    fields = data.decode("latin-1").split("\n")[:16]
    challenges = auth.parse_challenges(fields)
    assert len(challenges) <= len(data) + 1
    for field in fields:
        assert auth.parse_challenges([field]) == auth.any_challenges(field)[: auth.MOST_CHALLENGES]
    best = auth.strongest(challenges)
    assert (best is not None) == any(challenge.usable for challenge in challenges)
    for challenge in filter(lambda one: one.usable, challenges):
        proof = auth.authorization(challenge, "camfleet", "secret-2026", "POST", "/x", "0123456789abcdef")
        one_line(proof)
        assert len(proof) <= 4 * auth.MOST_PARAMETER_CHARACTERS + 512
        assert "secret-2026" not in proof or b"secret-2026" in data
        assert len(auth.proof_of(proof)) in (32, 64) or b"response=" in data

    _check_dialogue(data)


def _check_dialogue(data: bytes) -> None:
    """Each line but the first is a reply's challenge, the first an Authentication-Info field; ours never tells the password."""
    info, *lines = data.decode("latin-1").split("\n")[:8]
    dialogue = auth.Dialogue(once=bool(len(data) % 2))
    proven = ""
    for number, line in enumerate(lines):
        way = dialogue.hear(number % 2 == 0, [line], [info], auth.Rules(proven=proven))
        assert not auth.weaker(way, proven) or not way
        proven = way or proven
        if dialogue.ready:
            proof = dialogue.answer("camfleet", "secret-2026", "POST", "/x", "0123456789abcdef")
            one_line(proof)
            assert proof.startswith("Digest ")


# SNMP ---------------------------------------------------------------------------------------------------------


_KEYS = tuple(usm_keys.keys("sha256", b"a", privacy, b"b", b"engine") for privacy in usm_keys.KEY_BYTES)
_ASKED = [
    usm.message(usm.request(7, usm.Engine(b"engine", 1, 1), b"u", keys, snmp.GET, (), bytes(8))) for keys in _KEYS
]


def check_usm(data: bytes) -> None:
    """What a device hides from everybody but us is read as carefully as what it shows; nothing is proven by chance."""
    for keys, asked in zip(_KEYS, _ASKED, strict=True):
        _check_hidden(asked._replace(hidden=keys.hide(data, 1, 1, bytes(8))), keys, len(data))
    try:
        read = usm.message(data)
    except WireError:
        return
    assert 0 <= read.proof[0] <= read.proof[1] <= len(data)
    for keys in _KEYS:
        assert not usm.proven(data, read, keys)
        _check_hidden(read, keys, len(data))


def _check_hidden(read: usm.Message, keys: usm_keys.Keys, size: int) -> None:
    try:
        pdu = usm.said(read, keys)
    except WireError:
        return
    _check_pdu(pdu, size)


_VERSIONS = {number: name for name, number in snmp.VERSIONS.items()}


def check_snmp(data: bytes) -> None:
    for read in (snmp.reply, usm.message):
        try:
            found = read(data)
        except WireError:
            continue
        if found.pdu is not None:
            _check_pdu(found.pdu, len(data))
        if isinstance(found, snmp.Reply) and found.version in _VERSIONS:
            assert snmp.answer(data, _VERSIONS[found.version], found.community, found.pdu.id) == found.pdu


def _check_pdu(pdu: snmp.Pdu, size: int) -> None:
    assert len(pdu.bindings) <= snmp.MOST_BINDINGS
    for name, value in pdu.bindings:
        _check_binding(name, value, size)


def _check_binding(name: str, value: snmp.Scalar, size: int) -> None:
    assert all(part.isdigit() for part in name.split("."))
    assert len(name) <= 11 * 130
    match value:
        case bytes() | str():
            assert len(value) <= 11 * size
        case float():
            assert math.isfinite(value)
        case int():
            assert -(2**63) <= value < 2**64


# TLS ----------------------------------------------------------------------------------------------------------


def check_certificate(data: bytes) -> None:
    try:
        found = certificate.parse(data)
    except WireError:
        return
    assert found.fingerprint == hashlib.sha256(data).hexdigest()
    assert all(-1e11 < moment < 1e12 and moment == int(moment) for moment in (found.begins, found.ends))
    assert all(len(name) <= certificate.NAME_CHARACTERS for name in (found.subject, found.issuer))


CHECKS: Mapping[str, Check] = {
    "http": check_http,
    "head": check_head,
    "soap": check_soap,
    "onvif": check_onvif,
    "survey": check_survey,
    "template": check_template,
    "digest": check_digest,
    "rtsp": check_rtsp,
    "sdp": check_sdp,
    "rtp": check_rtp,
    "snmp": check_snmp,
    "usm": check_usm,
    "certificate": check_certificate,
}
