"""Faults of our own: no descriptor, a bug, an end in the middle. None of them is ever a camera's."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from effort import prompt
from peers.hostile import Handler, agent, answering, attacking, onvif, playing, rtsp, vitals
from talks import CLOCKS, QUICK, camera, device, probe, said

from monitor.core.fleet import start, step
from monitor.core.model import Camera, Device, Inventory
from monitor.core.schedule import Deadlines, Rates
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Ask, Talk, run_probe
from monitor.probes.errors import reason_of
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES
from monitor.scheduler import Scheduler
from monitor.scheduler.assignment import Answer, assignments

STARVED = Path(__file__).with_name("starved.py")
TESTS = STARVED.parents[1]
SOON = Rates(light_s=0.4, media_s=0.4, spread_s=0.0, http_per_minute=6000, rtsp_per_minute=6000, deadlines=QUICK)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
async def test_no_descriptor_is_left(loop: str, host: str) -> None:
    """Without a descriptor nothing is found out about a device, by address or by name, and nothing fails."""
    async with (
        attacking(answering(onvif()), "127.0.0.1") as web,
        attacking(playing()) as video,
        agent(vitals()) as vital,
    ):
        ports = json.dumps({"onvif": web.port, "rtsp": video.port, "snmp": vital.port})
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(STARVED), loop, host, ports,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(TESTS)},
        )  # fmt: skip
        out, err = await child.communicate()
    assert child.returncode == 0, err.decode()
    found = json.loads(out)
    assert found["onvif"] == {"reachable": "unseen aborted", "control": "unseen aborted"}
    assert found["rtsp"] == {"reachable": "unseen aborted", "stream": "unseen aborted"}
    assert found["snmp"] == {"device": "unseen aborted"}
    assert found["afterwards"]["control"] == ("ok" if host != "::1" else "fail refused")


@pytest.mark.parametrize("code", [socket.EAI_AGAIN, socket.EAI_SYSTEM, socket.EAI_MEMORY])
def test_a_resolver_that_fails(code: int) -> None:
    """A name that cannot be looked up now is not a name that does not exist: a fleet known by names is not down."""
    assert reason_of(socket.gaierror(code, "x")) is Reason.ABORTED


def inventory(host: str, ports: dict[str, int], probes: tuple[str, ...] = ("onvif",)) -> Inventory:
    device_ = Device("device", host, ports, probes, ("camera",))
    one = Camera("camera", "Camera", "device", 1, "zone", stream="/s")
    return Inventory({"device": device_}, {"camera": one}, {}, {"zone": "Zone"})


async def until(condition: Callable[[], object], patience_s: float = 60.0) -> None:
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


class Panic(BaseException):
    """What a library of another language may throw."""


async def buggy(talk: Talk) -> None:
    talk.ok(Rung.REACHABLE)
    talk.asking(Rung.CONTROL)
    raise KeyError("a bug of ours")


async def panicking(talk: Talk) -> None:
    raise Panic


async def test_a_bug_in_a_probe(caplog: pytest.LogCaptureFixture) -> None:
    """A bug is aborted, said loudly with its device, and what was found before it stands."""
    with caplog.at_level(logging.WARNING):
        result = await run_probe(
            "onvif", buggy, device(), Ask(frozenset({Rung.CONTROL})), Memory(), CLOCKS, Deadlines()
        )
    assert said(result) == {"reachable": "ok", "control": "unseen aborted"}
    [record] = caplog.records
    assert (record.getMessage(), record.device) == ("probe aborted", "device")  # type: ignore[attr-defined]


async def test_aborted_probes_never_confirm_a_failure() -> None:
    """However often a probe is aborted, the camera's rungs stay unseen: it is not down."""
    fleet = start(inventory("127.0.0.1", {}), Rates())
    for minute in range(20):
        result = await run_probe(
            "onvif", buggy, device(), Ask(frozenset({Rung.CONTROL})), Memory(), CLOCKS, Deadlines()
        )
        verdict = result.verdict
        fleet, _ = step(fleet, [verdict], verdict.at + 60.0 * minute)
    control = fleet.cameras["camera"][Rung.CONTROL]
    assert (control.outcome, control.reason) == (Outcome.UNSEEN, Reason.ABORTED)


async def test_a_panic_in_a_probe_does_not_stop_the_device(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever escapes from a probe is logged, and the device is asked again at its next turn."""
    asked: list[float] = []

    async def first_panicking(talk: Talk) -> None:
        asked.append(time.monotonic())
        if len(asked) == 1:
            raise Panic
        talk.ok(Rung.CONTROL)

    monkeypatch.setitem(PROBES, "onvif", first_panicking)  # type: ignore[arg-type]  # the registry is a dict
    results: list[Answer] = []
    scheduler = Scheduler(SOON, CLOCKS, results.append, lambda *_: None)
    fleet = inventory("127.0.0.1", {})
    scheduler.add(assignments(fleet, fleet.devices.values()))
    await until(lambda: results)
    await scheduler.close()
    assert len(asked) >= 2
    assert "a conversation failed in the scheduler" in caplog.text


TEARDOWNS: dict[str, bytes] = {"answered": rtsp(), "never answered": b""}


@pytest.mark.parametrize("answer", TEARDOWNS.values(), ids=TEARDOWNS.keys())
@pytest.mark.parametrize("leave", ["close", "remove"])
async def test_an_end_during_play(answer: bytes, leave: str) -> None:
    """A session is torn down when the monitor ends or its device goes, within two seconds even if nobody answers."""
    handler: Handler = playing({"TEARDOWN": answer}, every_s=0.5)
    async with attacking(handler, "127.0.0.1") as video:
        fleet = inventory("127.0.0.1", {"rtsp": video.port}, ("rtsp",))
        results: list[Answer] = []
        rates = Rates(spread_s=0.0)
        scheduler = Scheduler(rates, CLOCKS, results.append, lambda *_: None)
        scheduler.add(assignments(fleet, fleet.devices.values()))
        await until(lambda: video.requests("PLAY"))
        began = time.monotonic()
        await (scheduler.close() if leave == "close" else scheduler.remove(["device"]))
        took = time.monotonic() - began
        await until(lambda: video.requests("TEARDOWN"))
        assert video.requests("TEARDOWN") == 1
        assert prompt(took, 2.0)
        assert results == []
        await scheduler.close()


async def test_a_probe_that_is_out_of_time_tears_down() -> None:
    """The deadline of a whole probe ends it during PLAY; the session is torn down all the same."""
    short = Deadlines(connect_s=0.5, reply_s=0.5, first_packet_s=5.0, probe_s=0.5, first_contact_s=0.5)
    async with attacking(playing(frames=None)) as video:
        result = await probe("rtsp", device(ports={"rtsp": video.port}), camera(stream="/s"), deadlines=short)
    assert said(result)["media"] == "fail no_reply"
    assert video.requests("TEARDOWN") == 1
