"""When a device is said to have been well: when the question that it answered was put, not when the answer was read.

On a busy machine these are seconds apart, and a device may die in between: what it is said to have answered then would
speak against the cut that silenced it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import pytest
from peers.hostile import SDP, Handler, agent, answering, attacking, closing, http, onvif, rtsp, silent, vitals
from talks import camera, device, findings, probe

from monitor.core.model import Secret, SnmpAccess
from monitor.core.schedule import Deadlines
from monitor.core.verdict import Outcome, Rung
from monitor.probes.base import Clocks, Result

#: One clock for both sides, so that their moments compare.
CLOCKS = Clocks(time.monotonic, time.monotonic)
PATIENT = Deadlines(connect_s=20.0, reply_s=20.0, first_packet_s=20.0, probe_s=60.0, first_contact_s=60.0)


def good_at(result: Result) -> float:
    return result.verdict.at - result.verdict.silent_s


def heard_by(answer: Callable[[bytes], bytes]) -> tuple[list[float], Callable[[bytes], bytes]]:
    """Return when this was asked something, and it itself."""
    heard: list[float] = []

    def answers(asked: bytes) -> bytes:
        heard.append(time.monotonic())
        return answer(asked)

    return heard, answers


async def test_over_onvif() -> None:
    """What says what the time is was there when it was asked."""
    heard, answers = heard_by(onvif({"GetDeviceInformation": http(b"", "500 Internal Server Error")}))
    async with attacking(answering(answers)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}), deadlines=PATIENT, clocks=CLOCKS)
    assert findings(result)[Rung.CONTROL].outcome is Outcome.OK
    assert good_at(result) < heard[0]


async def test_over_snmp() -> None:
    """An agent that tells its uptime was there when it was asked for it."""
    heard: list[float] = []
    known = vitals()

    def answers(asked: bytes) -> Iterable[bytes]:
        heard.append(time.monotonic())
        return known(asked)

    access = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
    async with agent(answers) as peer:
        target = device(ports={"snmp": peer.port}, snmp=access)
        result = await probe("snmp", target, deadlines=PATIENT, clocks=CLOCKS)
    assert findings(result)[Rung.DEVICE].outcome is Outcome.OK
    assert good_at(result) < heard[-1]


async def test_over_rtsp() -> None:
    """A stream that is described, and that does not play, was there when its description was asked for."""
    head = rtsp(headers="Content-Type: application/sdp\r\n", body=SDP)
    heard, answers = heard_by(lambda asked: head if asked.startswith(b"DESCRIBE") else rtsp("454 Session Not Found"))
    async with attacking(answering(answers)) as peer:
        target = device(ports={"rtsp": peer.port})
        result = await probe("rtsp", target, camera("/stream"), deadlines=PATIENT, clocks=CLOCKS)
    found = findings(result)
    assert (found[Rung.STREAM].outcome, found[Rung.MEDIA].outcome) == (Outcome.OK, Outcome.FAIL)
    assert good_at(result) < heard[0]


@pytest.mark.parametrize("handler", [silent, closing])
async def test_connecting(handler: Handler) -> None:
    """Who takes a connection and says nothing was there when it was asked for it, however late that is noticed."""
    noticed: list[float] = []

    def busy() -> None:
        noticed.append(time.monotonic())
        time.sleep(0.05)  # the loop is at something else while the connection comes

    async with attacking(handler) as peer:
        asyncio.get_running_loop().call_soon(busy)
        result = await probe("onvif", device(ports={"onvif": peer.port}), clocks=CLOCKS)
    assert findings(result)[Rung.REACHABLE].outcome is Outcome.OK
    assert good_at(result) < noticed[0]
