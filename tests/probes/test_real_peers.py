"""The probes against real servers: GStreamer's RTSP server and Debian's snmpd."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from peers import snmpd
from peers.gst import running_gst
from talks import LOGIN, PASSWORD, after, camera, device, probe, said

from monitor.core.model import Secret, SnmpAccess
from monitor.core.schedule import Deadlines
from monitor.probes.memory import Memory

PATIENT = Deadlines()


async def test_rtsp_with_digest_against_gstreamer() -> None:
    """DESCRIBE, SETUP, PLAY and TEARDOWN with digest work, and packets are counted."""
    async with running_gst("camfleet", PASSWORD) as port:
        result = await probe("rtsp", device(ports={"rtsp": port}), camera("/live"), deadlines=PATIENT)
    assert said(result) == {"reachable": "ok", "credentials": "ok", "stream": "ok", "media": "ok"}
    assert result.verdict.measurements["channel_1_video_frames_per_second"] == pytest.approx(10, abs=1)
    assert result.conversation.messages[-2].raw.startswith(b"TEARDOWN")
    assert b"200 OK" in result.conversation.messages[-1].raw


async def test_a_wrong_password_is_refused_once_and_not_tried_again() -> None:
    """One refused login judges the credentials; the next probe withholds it."""
    wrong = replace(LOGIN, password=Secret("env:TEST", "wrong"))
    async with running_gst("camfleet", PASSWORD) as port:
        target = device(ports={"rtsp": port}, credential=wrong)
        first = await probe("rtsp", target, camera("/live"), deadlines=PATIENT)
        memory = after(Memory(), first)
        second = await probe("rtsp", target, camera("/live"), memory, deadlines=PATIENT)
    assert said(first)["credentials"] == "fail credentials"
    assert said(first)["stream"] == "unseen credentials"
    assert said(second) == {"reachable": "ok", "stream": "unseen locked"}


async def test_a_path_that_is_not_there_against_gstreamer() -> None:
    """404 is the stream's failure, not the login's."""
    async with running_gst("camfleet", PASSWORD) as port:
        result = await probe("rtsp", device(ports={"rtsp": port}), camera("/nothing"), deadlines=PATIENT)
    assert said(result)["stream"] == "fail not_found"


SNMP = {
    "v2c": SnmpAccess("read", "v2c", Secret("env:C", snmpd.COMMUNITY)),
    "v1": SnmpAccess("read", "v1", Secret("env:C", snmpd.COMMUNITY)),
    "v3": SnmpAccess(
        "read",
        "v3",
        None,
        snmpd.USERNAME,
        "sha256",
        Secret("env:A", snmpd.AUTH),
        "aes128",
        Secret("env:P", snmpd.PRIVACY),
    ),
}


@pytest.mark.parametrize("version", SNMP)
async def test_snmp_against_snmpd(version: str, tmp_path: Path) -> None:
    """System, uptime and interface are read over every version of SNMP."""
    async with snmpd.running_snmpd(tmp_path) as port:
        result = await probe("snmp", device(ports={"snmp": port}, snmp=SNMP[version]), deadlines=PATIENT)
    assert said(result) == {"reachable": "ok", "device": "ok", "recording": "n/a"}
    assert result.verdict.measurements["description"] == "A real agent"
    assert 0 <= float(result.verdict.measurements["uptime_s"]) < 60


async def test_a_wrong_community_is_silence(tmp_path: Path) -> None:
    """An agent does not answer a wrong community; that fails the device rung and says nothing about reachable."""
    wrong = SnmpAccess("read", "v2c", Secret("env:C", "wrong"))
    async with snmpd.running_snmpd(tmp_path) as port:
        result = await probe("snmp", device(ports={"snmp": port}, snmp=wrong))
    assert said(result) == {"device": "fail timeout"}
