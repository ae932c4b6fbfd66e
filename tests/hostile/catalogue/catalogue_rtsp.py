"""R1 to R10: RTSP, descriptions, RTP."""

from __future__ import annotations

import os
from collections.abc import Callable

from catalogue_case import MEDIA_S, ONE_REPLY_S, Case, Rows
from peers.hostile import (
    SDP,
    Handler,
    answering,
    closing,
    dripping,
    endless,
    http,
    packet,
    playing,
    rtsp,
    saying,
    saying_and_closing,
    silent,
)
from talks import QUICK

_OK = b"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n"
_OTHER = b"RTSP/1.0 200 OK\r\nCSeq: 777\r\n\r\n"
_REDIRECT = b"REDIRECT * RTSP/1.0\r\nCSeq: 9\r\nLocation: rtsp://127.0.0.9/\r\n\r\n"
_CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n{}"\r\n'


def described(peer: Handler, said: str, detail: str = "", waits: bool = False) -> Case:
    """A peer that is judged by what it answers to DESCRIBE."""
    return Case(peer, {"stream": said}, detail, probe="rtsp", within_s=ONE_REPLY_S + 0.5, waits=waits)


def played(peer: Handler, said: str, detail: str = "", waits: bool = False) -> Case:
    """A peer that is judged by the video that it sends."""
    most_s = MEDIA_S + QUICK.reply_s
    return Case(peer, {"media": said, "stream": "ok"}, detail, probe="rtsp", within_s=most_s, waits=waits)


def elsewhere(method: str, said: dict[str, str], location: str = "rtsp://127.0.0.9:{port}/s") -> Case:
    return Case(
        named=lambda port: playing({method: rtsp("302 Moved", f"Location: {location.format(port=port)}\r\n")}),
        said=said,
        detail="RTSP 302 Moved",
        probe="rtsp",
        within_s=MEDIA_S,
    )


def corrupt_on(method: str, challenge: str = _CHALLENGE) -> Handler:
    """A server that lets us in but for this one method, whose digest it refuses (some Grandstreams on SETUP)."""
    session = "Session: 1;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n"

    def answer(asked: bytes) -> bytes:
        own = asked.split(b" ")[0].decode()
        if b"Authorization:" not in asked or own == method:
            return rtsp("401 Unauthorized", (challenge if own == method else _CHALLENGE).format(own))
        return rtsp(headers=session, body=SDP if own == "DESCRIBE" else b"")

    return answering(answer)


def described_as(body: bytes) -> Handler:
    return playing({"DESCRIBE": rtsp(headers="Content-Type: application/sdp\r\n", body=body)})


def session(parameters: str) -> Case:
    headers = f"Session: 12;{parameters}\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n"
    return played(playing({"SETUP": rtsp(headers=headers)}), "ok")


def video(number: int, timestamp: int, source: int = 1, payload: bytes = b"e") -> bytes:
    """Return an RTP packet within its frame."""
    rtp = b"\x80\x60" + (number % 65536).to_bytes(2, "big") + (timestamp % 2**32).to_bytes(4, "big")
    rtp += source.to_bytes(4, "big") + payload
    return b"$\0" + len(rtp).to_bytes(2, "big") + rtp


def sending(frame: Callable[[int], bytes]) -> Handler:
    return playing(frames=frame)


RTSP: Rows = {
    "R1-silence": described(silent, "fail no_reply", "no reply", waits=True),
    "R1-hangs up": described(closing, "fail closed", "the connection ended before the reply"),
    "R1-garbage": described(saying(os.urandom(4096).replace(b"$", b"") * 32), "fail protocol", "over 65536 stray bytes"),
    "R1-endless garbage": described(endless(b"A"), "fail protocol", "over 65536 stray bytes"),
    "R1-endless empty lines": described(endless(b"\r\n"), "fail protocol", "over 65536 stray bytes"),
    "R1-endless half requests": described(endless(b"OPTIONS "), "fail protocol", "over 65536 stray bytes"),
    "R1-HTTP": described(saying(http(b"<html/>")), "fail protocol", "expected RTSP, got b'HTTP/1.1 200 OK"),
    "R1-raw TLS": described(saying_and_closing(b"\x15\x03\x01\0\2\2\x46"), "fail protocol", "expected RTSP, got b'\\x15"),
    "R1-a status of words": described(saying(b"RTSP/1.0 OK\r\n\r\n"), "fail protocol", "expected a status line"),
    "R2-endless head": described(endless(b"X-A: b\r\n", _OK), "fail too_large", "a head of over 32768 bytes"),
    "R2-endless line": described(endless(b"A", _OK + b"X: "), "fail too_large", "a head of over 32768 bytes"),
    "R2-2,000 headers": described(saying(_OK + b"a: b\r\n" * 2000 + b"\r\n"), "fail too_large", "over 256 header fields"),
    "R2-a head by drips": described(
        dripping(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n"), "fail protocol", "expected RTSP, got", waits=True,
    ),
    "R3-another number": described(endless(_OTHER), "fail no_reply", "only replies to other requests"),
    "R3-no number": played(playing({"DESCRIBE": rtsp(body=SDP).replace(b"CSeq: {cseq}\r\n", b"")}), "ok"),
    "R3-endless requests": described(
        endless(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"), "fail protocol", "over 16 requests of the server's own",
    ),
    "R4-DESCRIBE redirects": elsewhere("DESCRIBE", {"stream": "fail redirect"}),
    "R4-SETUP redirects": elsewhere("SETUP", {"media": "fail redirect", "stream": "ok"}),
    "R4-PLAY redirects": elsewhere("PLAY", {"media": "fail redirect", "stream": "ok"}),
    "R4-to another scheme": elsewhere("DESCRIBE", {"stream": "fail redirect"}, "rtsps://127.0.0.9:{port}/s"),
    "R4-REDIRECT while it plays": played(
        playing({"RTSP/1.0": b""}, lambda n: packet(n) if n else _REDIRECT), "ok",
    ),
    "R4-a base elsewhere": Case(
        named=lambda port: playing({"DESCRIBE": rtsp(headers=f"Content-Base: rtsp://u:p@127.0.0.9:{port}/e/\r\n", body=SDP)}),
        said={"media": "ok"}, probe="rtsp", within_s=MEDIA_S,
    ),
    "R4-a track elsewhere": Case(
        named=lambda port: described_as(SDP.replace(b"track1", b"rtsp://127.0.0.9:%d/t" % port)),
        said={"media": "ok"}, probe="rtsp", within_s=MEDIA_S,
    ),
    "R5-a frame that stalls": described(saying(b"$\0\xff\xff" + bytes(100)), "fail protocol", "expected RTSP, got b'$", waits=True),
    "R5-a frame that stalls after PLAY": played(
        sending(lambda n: b"" if n else b"$\0\xff\xff\x80"), "fail no_video", "no video packet within", waits=True,
    ),
    "R5-large frames and no reply": described(saying((b"$\0\xff\xff" + bytes(65535)) * 40), "fail no_reply", "no reply", waits=True),
    "R5-empty frames for ever": described(endless(b"$\0\0\0"), "fail too_large", "over 10000 messages"),
    "R5-garbage and frames by turns": described(endless(b"A" * 60 + b"$\0\0\0"), "fail protocol", "over 65536 stray"),
    "R6-1 MB": described(saying(rtsp(body=SDP + b"a=x:y\r\n" * 150_000)), "fail too_large", "a body of 1050098 bytes"),
    "R6-1 GB announced": described(
        endless(b"A", _OK + b"Content-Length: 999999999\r\n\r\n"), "fail too_large", "a body of 999999999 bytes",
    ),
    "R6-no media": described(saying(rtsp(body=b"v=0\r\ns=x\r\n")), "fail no_video_track", "no video in the description"),
    "R6-sound alone": described(
        saying(rtsp(body=b"v=0\r\nm=audio 0 RTP/AVP 0\r\n")), "fail no_video_track", "no video in the description",
    ),
    "R6-no description": described(saying(rtsp(body=b"\0" * 5000)), "fail protocol", "no session description"),
    "R6-10,000 tracks": described(
        saying(rtsp(body=b"v=0\r\n" + b"m=audio 0 RTP/AVP 0\r\n" * 10_000)), "fail protocol", "a description of 10000",
    ),
    "R6-a negative clock": played(described_as(SDP.replace(b"90000", b"-90000")), "ok"),
    "R6-a clock of 0": played(described_as(SDP.replace(b"90000", b"0")), "ok"),
    "R6-a clock over 63 bits": played(described_as(SDP.replace(b"90000", b"9" * 20)), "ok"),
    "R6-a track of control characters": described(described_as(SDP.replace(b"track1", b"t\0\x1b[2J")), "ok"),
    "R7-a digest refused on SETUP": Case(
        corrupt_on("SETUP"), {"stream": "ok"}, probe="rtsp", within_s=MEDIA_S, logins=3,
    ),
    "R7-a corrupt challenge on SETUP": Case(
        corrupt_on("SETUP", 'WWW-Authenticate: Digest realm="r, nonce=\r\n'), {"stream": "ok"}, probe="rtsp", within_s=MEDIA_S, logins=3,
    ),
    "R7-a digest refused on PLAY": Case(corrupt_on("PLAY"), {"stream": "ok"}, probe="rtsp", within_s=MEDIA_S, logins=5),
    "R8-another version": played(sending(lambda n: b"$\0\0\x0c\x40" + bytes(11)), "fail no_video", "no video packet"),
    "R8-the source changes": played(sending(lambda n: video(n, 3600 * n, 1 + n // 3)), "ok"),
    "R8-numbers wrap": played(sending(lambda n: video(65_530 + n, 3600 * n)), "ok"),
    "R8-time wraps": played(sending(lambda n: video(n, 2**32 - 9000 + 3600 * n)), "ok"),
    "R8-time stands still": played(sending(lambda n: video(n, 0)), "ok"),
    "R8-time runs backwards": played(sending(lambda n: video(n, -3600 * n)), "ok"),
    "R8-no key picture": played(sending(lambda n: video(n, 3600 * n, payload=b"a")), "ok"),
    "R8-reports alone": played(sending(lambda n: b"$\1\0\x08\x80\xc8\0\1\0\0\0\1"), "fail no_video", "no video packet"),
    "R8-a flood": played(playing(frames=lambda n: packet(0) * 500, every_s=0.001), "ok"),
    "R9-silence at the end": played(playing({"TEARDOWN": b""}), "ok", waits=True),
    "R9-garbage at the end": played(playing({"TEARDOWN": b"\0" * 70_000}), "ok"),
    "R9-a redirect at the end": played(playing({"TEARDOWN": rtsp("302 Moved", "Location: rtsp://127.0.0.9/\r\n")}), "ok"),
    "R10-a timeout of 0": session("timeout=0"),
    "R10-a timeout of -1": session("timeout=-1"),
    "R10-a timeout of 1e9": session("timeout=1000000000"),
    "R10-an id of 9 KB": session("x" * 9000),
    "R10-an id of a bare CR": played(playing({"SETUP": rtsp(headers="Session: 1\rX: y\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n")}), "ok"),
}  # fmt: skip
