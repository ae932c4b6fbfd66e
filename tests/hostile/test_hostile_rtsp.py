"""RTSP servers that mean harm: each gets its reason, in bounded time and memory, and a session is always torn down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from peers.hostile import (
    SDP,
    Bounded,
    Handler,
    attacking,
    endless,
    packet,
    playing,
    rtsp,
    saying,
)
from talks import QUICK, camera, device, findings, probe, said

from monitor.core.verdict import Rung

STREAM = camera(stream="/stream1")
#: For what ends by its number, not by its time: the end must not depend on how busy this machine is.
UNHURRIED = replace(QUICK, reply_s=5.0, first_packet_s=5.0)
FLOODS = ("frames and no reply", "a flood of empty frames")
OK = b"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n"

#: name: (what the device does, what is said of ``stream``, the beginning of the detail); more is in ``catalogue``
REPLIES: dict[str, tuple[Handler, str, str]] = {
    "endless body": (
        endless(b"A", OK + b"Content-Length: 999999999\r\n\r\n"), "fail too_large", "a body of 999999999 bytes",
    ),
    "an empty description": (saying(rtsp()), "fail protocol", "no session description"),
    "not found": (saying(rtsp("404 Not Found")), "fail not_found", "RTSP 404 Not Found"),
    "server error": (saying(rtsp("500 Oops")), "fail server_error", "RTSP 500 Oops"),
    "full": (saying(rtsp("453 Not Enough Bandwidth")), "unseen busy", "RTSP 453 Not Enough Bandwidth"),
    "a status of its own making": (saying(rtsp("999 What")), "fail server_error", "RTSP 999 What"),
}  # fmt: skip


@pytest.mark.parametrize("name", REPLIES)
async def test_a_reply_over_rtsp(name: str, bounded: Bounded) -> None:
    """One device's RTSP gets exactly its reason; one reply's deadline, 6 MB and no descriptor are all that it costs."""
    handler, expected, detail = REPLIES[name]
    deadlines = UNHURRIED if name in FLOODS else QUICK
    async with bounded(deadlines.reply_s + 1.5), attacking(handler) as attacker:
        result = await probe("rtsp", device(ports={"rtsp": attacker.port}), STREAM, deadlines=deadlines)
    assert said(result) == {"reachable": "ok", "stream": expected}
    assert findings(result)[Rung.STREAM].detail.startswith(detail)
    assert attacker.connections == 1
    assert attacker.logins == 0


#: name: (what the device does after a good DESCRIBE, what is said of ``media``, the beginning of the detail)
MEDIA_ATTACKS: dict[str, tuple[Handler, str, str]] = {
    "no packet": (playing(frames=None), "fail no_video", "no video packet within"),
    "empty frames": (playing(frames=lambda n: b"$\0\0\0"), "fail no_video", "no video packet within"),
    "a flood of empty frames": (
        playing(frames=lambda n: b"$\0\0\0" * 4000, every_s=0.0), "fail too_large", "over 10000 messages",
    ),
    "stray bytes": (playing(frames=lambda n: b"A" * 4096, every_s=0.0), "fail protocol", "over 65536 stray bytes"),
    "one picture for ever": (playing(frames=lambda n: packet(0)), "ok", ""),
    "SETUP is refused": (playing({"SETUP": rtsp("461 Unsupported Transport")}), "fail unsupported", "RTSP 461"),
    "SETUP is full": (playing({"SETUP": rtsp("453 Not Enough Bandwidth")}), "unseen busy", "RTSP 453"),
    "PLAY is refused": (playing({"PLAY": rtsp("500 Oops")}), "fail server_error", "RTSP 500"),
    "PLAY has no session": (playing({"PLAY": rtsp("454 Session Not Found")}), "fail server_error", "RTSP 454"),
}  # fmt: skip
TORN_DOWN = {name for name in MEDIA_ATTACKS if not name.startswith("SETUP")}


@pytest.mark.parametrize("name", MEDIA_ATTACKS)
async def test_an_attack_on_media(name: str, bounded: Bounded) -> None:
    """What a device sends after PLAY gets exactly its reason, and a session that was set up is torn down once."""
    handler, expected, detail = MEDIA_ATTACKS[name]
    deadlines = UNHURRIED if name in FLOODS else QUICK
    async with bounded(deadlines.first_packet_s + 2.0 + 1.5), attacking(handler) as attacker:
        result = await probe("rtsp", device(ports={"rtsp": attacker.port}), STREAM, deadlines=deadlines)
    assert said(result) == {"reachable": "ok", "stream": "ok", "media": expected}
    assert findings(result)[Rung.MEDIA].detail.startswith(detail)
    assert attacker.requests("TEARDOWN") == (1 if name in TORN_DOWN else 0)


@pytest.mark.parametrize("clock", ["-90000", "0", "99999999999999999999", "NaN", "90000/-1"])
async def test_an_absurd_clock_rate(clock: str) -> None:
    """A description's absurd clock rate loses neither the video nor a finite frame rate."""
    body = SDP.replace(b"90000", clock.encode())
    async with attacking(playing({"DESCRIBE": rtsp(body=body)})) as attacker:
        result = await probe("rtsp", device(ports={"rtsp": attacker.port}), STREAM)
    assert said(result)["media"] == "ok"
    rate = result.verdict.measurements.get("channel_1_video_frames_per_second", 25.0)
    assert 0.0 < float(rate) < 1e9


@pytest.mark.parametrize("parameters", ["timeout=0", "timeout=-1", "timeout=1000000000", "timeout", ";;;", "x" * 9000])
async def test_an_absurd_session(parameters: str) -> None:
    """An absurd session is used as it was given, and torn down."""
    session = rtsp(headers=f"Session: 12;{parameters}\r\nTransport: RTP/AVP/TCP;interleaved=999-1000\r\n")
    async with attacking(playing({"SETUP": session})) as attacker:
        result = await probe("rtsp", device(ports={"rtsp": attacker.port}), STREAM)
    assert said(result)["media"] == "ok"
    assert attacker.requests("TEARDOWN") == 1


@pytest.mark.parametrize("answer", [b"", rtsp("454 Session Not Found"), rtsp("302 Moved"), b"\0" * 70_000])
async def test_a_server_that_does_not_end_a_session(answer: bytes, bounded: Bounded) -> None:
    """Whatever TEARDOWN is answered, or nothing, the verdict stands and the connection is closed in time."""
    async with bounded(QUICK.reply_s + 4.0), attacking(playing({"TEARDOWN": answer})) as attacker:
        result = await probe("rtsp", device(ports={"rtsp": attacker.port}), STREAM)
    assert said(result)["media"] == "ok"
    assert attacker.requests("TEARDOWN") == 1
