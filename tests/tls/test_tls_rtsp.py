"""RTSP over TLS: against GStreamer's own server, on both event loops, and against one that shows another certificate."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop
from peers.certificates import Identity, identity
from peers.gst import running_gst
from peers.hostile import answering, attacking, rtsp
from talks import PASSWORD, after, camera, device, findings, probe, said

from monitor.core.model import Tls
from monitor.core.schedule import Deadlines
from monitor.core.verdict import Rung
from monitor.probes.memory import Memory

LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
FIRST_USE = Tls(trust="first-use")
STREAM = camera("/live")


async def watch(folder: Path, shown: Identity, tls: Tls) -> None:
    """Hold a whole media check with GStreamer over TLS."""
    shown.context(folder)
    async with running_gst("camfleet", PASSWORD, folder / f"{shown.fingerprint[:16]}.pem") as port:
        result = await probe("rtsp", replace(device(ports={"rtsp": port}), tls=tls), STREAM, deadlines=Deadlines())
    assert said(result) == {"reachable": "ok", "credentials": "ok", "stream": "ok", "media": "ok"}
    assert str(result.verdict.measurements["rtsps_version"]) in ("TLS 1.2", "TLS 1.3")
    assert result.conversation.messages[1].raw.startswith(b"DESCRIBE rtsps://127.0.0.1:")


@pytest.mark.parametrize("loop", LOOPS)
def test_rtsps_against_gstreamer(loop: str, tmp_path: Path) -> None:
    """DESCRIBE, SETUP, PLAY and TEARDOWN work over TLS on either loop, and packets are counted."""
    shown = identity()
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(watch(tmp_path, shown, Tls(trust="pinned", fingerprint=shown.fingerprint)))


async def test_t1_rtsps_of_another_certificate(tmp_path: Path) -> None:
    """A certificate that changed: reason tls, nothing asked, and https's own certificate has nothing to do with it."""
    memory = Memory(certificates={"rtsp": "0" * 64, "onvif": "1" * 64})
    async with attacking(answering(lambda asked: rtsp()), tls=identity().context(tmp_path)) as peer:
        target = replace(device(ports={"rtsp": peer.port}), tls=FIRST_USE)
        result = await probe("rtsp", target, STREAM, memory)
    assert said(result) == {"reachable": "ok", "stream": "fail tls"}
    assert "not the one seen first" in findings(result)[Rung.STREAM].detail
    assert peer.heard == b""
    assert after(memory, result).certificates == memory.certificates


async def test_rtsps_is_never_spoken_in_the_clear(tmp_path: Path) -> None:
    """R4: a port that the device named, a plain one, is not used where TLS is wanted."""
    async with attacking(answering(lambda asked: rtsp())) as plain:
        target = replace(device(ports={}), tls=FIRST_USE, host="127.0.0.2")
        result = await probe("rtsp", target, STREAM, Memory(rtsp_port=plain.port))
    assert (said(result)["stream"], plain.connections) == ("fail refused", 0)
    assert findings(result)[Rung.STREAM].detail == "port 322 refuses connections"
