"""What the devices read, HTTP, SOAP, RTSP and SNMP: complete messages are taken, anything else breaks nothing."""

from __future__ import annotations

import contextlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.city import build_city
from simulator.device import RunningDevice
from simulator.httpd import BODY_BYTES, HEAD_BYTES, MalformedRequest, take_request
from simulator.inventory import Secrets
from simulator.rtsp import Refused, parse_transport, take_rtsp
from simulator.snmp import Agent
from simulator.soap import TR2, TRT, NotSoap, parse_call

REQUEST = b"POST /onvif/device_service HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
ENVELOPE = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'


@given(st.integers(0, len(REQUEST)))
def test_an_http_request_is_taken_when_it_is_complete(cut: int) -> None:
    """However the bytes arrive, the request is the same, and what follows stays."""
    buffer = bytearray(REQUEST[:cut])
    early = take_request(buffer)
    assert (early is None) == (cut < len(REQUEST))
    buffer += REQUEST[cut:] + b"POST"
    request = early or take_request(buffer)
    assert request is not None
    assert (request.method, request.path, request.body) == ("POST", "/onvif/device_service", b"hello")
    assert bytes(buffer) == b"POST"


@pytest.mark.parametrize(
    "head",
    [
        b"POST /x\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: much\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES + 1),
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"x" * HEAD_BYTES,
    ],
)
def test_what_is_no_http_request_is_refused(head: bytes) -> None:
    """A broken or an oversized request gets a reply that closes the connection."""
    with pytest.raises(MalformedRequest) as refused:
        take_request(bytearray(head))
    assert refused.value.reply.close


@given(st.binary(max_size=400))
def test_no_bytes_break_the_http_reader(data: bytes) -> None:
    """Any bytes are a request, incomplete, or refused."""
    with contextlib.suppress(MalformedRequest):
        take_request(bytearray(data))


def test_a_call_is_read_by_its_names() -> None:
    """Namespace, operation and argument are found whatever the prefixes."""
    call = parse_call(
        ENVELOPE.format(
            f'<p:GetStreamUri xmlns:p="{TRT}"><p:ProfileToken> a </p:ProfileToken></p:GetStreamUri>'
        ).encode()
    )
    assert (call.namespace, call.operation, call.profile, call.token) == (TRT, "GetStreamUri", "a", None)
    call = parse_call(ENVELOPE.format(f'<GetProfiles xmlns="{TR2}"><Type>All</Type></GetProfiles>').encode())
    assert (call.namespace, call.operation, call.types) == (TR2, "GetProfiles", frozenset({"All"}))


BOMB = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("body", ["", "hello", "<a/>", ENVELOPE.format(""), ENVELOPE.format("<!-- x -->"), "<a>" * 500])
def test_what_is_no_soap_is_refused(body: str) -> None:
    """No envelope, no operation, or no XML at all."""
    with pytest.raises(NotSoap):
        parse_call(body.encode())


def test_entities_are_not_expanded() -> None:
    """A document that defines entities gets none of them filled in."""
    bomb = BOMB + ENVELOPE.format(f'<GetStreamUri xmlns="{TRT}"><ProfileToken>&c;</ProfileToken></GetStreamUri>')
    assert parse_call(bomb.encode()).profile == ""


RTSP = b"DESCRIBE rtsp://127.10.0.1/stream1 RTSP/1.0\r\nCSeq : 2\r\nAccept: application/sdp\r\n\r\n"


@given(st.binary(max_size=300), st.booleans())
def test_packets_and_replies_before_an_rtsp_request_are_skipped(packet: bytes, answered: bool) -> None:
    """A client may send receiver reports, and answers to our own requests, on the same connection."""
    before = (
        b"$\1" + len(packet).to_bytes(2, "big") + packet + (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n" if answered else b"")
    )
    buffer = bytearray(before + RTSP + b"$")
    request = take_rtsp(buffer)
    assert request is not None
    assert (request.method, request.headers["cseq"]) == ("DESCRIBE", "2")
    assert bytes(buffer) == b"$"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_rtsp_reader(data: bytes) -> None:
    """Any bytes are a request, incomplete, or refused."""
    with contextlib.suppress(Refused):
        take_rtsp(bytearray(data))


@pytest.mark.parametrize(
    ("header", "channels"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1", (0, 1)),
        ("RTP/AVP/TCP; unicast; interleaved=4", (4, 5)),
        ("RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;interleaved=2-3", (2, 3)),
        ("RTP/AVP/TCP;unicast", (0, 1)),
        ("RTP/AVP;unicast;client_port=5000-5001", None),
        ("", None),
    ],
)
def test_the_channels_that_a_client_asks_for(header: str, channels: tuple[int, int] | None) -> None:
    """The first interleaved transport counts; without one there is none (RFC 2326 §12.39)."""
    assert parse_transport(header) == channels


@cache
def listening() -> tuple[Agent, RunningDevice]:
    secrets = Secrets("user", "password", "community")
    device = next(iter(build_city(seed=1, cameras=30).devices.values()))
    return Agent("community"), RunningDevice(device, secrets, seed=1)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_datagram_breaks_an_agent(data: bytes) -> None:
    """Bytes that are no message get no answer."""
    agent, running = listening()
    assert agent.respond(running, data) is None
    assert agent.respond(running, b"\x30\x82" + data) is None
