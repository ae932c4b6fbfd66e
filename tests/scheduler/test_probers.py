"""Devices asked by processes of their own: what one finds the monitor knows, whatever becomes of the process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from peers.hostile import answering, attacking, onvif, playing
from street import DEVICES, NEW, OLD, Street, running, until

from monitor.app import Monitor, parts
from monitor.app.parts import PROBER
from monitor.core.model import Device
from monitor.core.schedule import Rates
from monitor.core.verdict import Outcome, Rung
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.probes.memory import Memory
from monitor.scheduler import prober
from monitor.scheduler.assignment import Answer, Assignment
from monitor.scheduler.line import Line
from monitor.scheduler.look import failed
from monitor.scheduler.probers import Probers
from monitor.scheduler.words import Begin

SECRET = "CAMFLEET_TEST_SECRET"
#: A prober that tells of a device that is not its own, twice of one that is, and then something that is no value.
TALKS = """
import socket, struct, sys
from monitor.core.verdict import Verdict
from monitor.probes.base import Result
from monitor.probes.transcript import Conversation
import pickle

def told(device):
    verdict = Verdict(device, "central", "onvif", 0.0, 0.0, ())
    return Result(verdict, {{}}, Conversation(verdict, ()))

with socket.socket(fileno=sys.stdin.fileno()) as line:
    for data in (pickle.dumps([told("{gone}"), told("{known}"), told("{known}")]), b"nonsense"):
        line.sendall(struct.pack(">I", len(data)) + data)
"""


def children() -> set[int]:
    """The probers that this process has started."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"monitor.prober" in folder.joinpath("cmdline").read_bytes():
                found.add(int(folder.name))
        except (OSError, ValueError, IndexError):
            continue
    return found


def open_sockets() -> int:
    links = (os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink())
    return sum(one.startswith("socket:") for one in links)


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def accepted(street: Street) -> set[str]:
    return {device for device, _, taken in street.logins if taken}


async def test_all_that_happens_to_a_street_is_known(tmp_path: Path) -> None:
    """Three processes ask four devices: the monitor knows all of them well, keeps what was learnt, recalls what was said,
    has a person look at one; in the end no process is left, and the ledger has every budget."""
    street = Street({OLD})
    async with running(street, tmp_path, probers=3) as run:
        await until(lambda: accepted(street) == {"d0", "d1", "d2", "d3"})
        await until(
            lambda: all(one[Rung.CREDENTIALS].outcome is Outcome.OK for one in run.monitor.fleet.cameras.values())
        )
        assert len(children()) == 2
        assert all(run.monitor._memories[id_].scheme == "digest" for id_ in ("d0", "d1", "d2", "d3"))
        talks = await run.monitor.journal.recall("d1")
        assert {talk.verdict.device for talk in talks} == {"d1"}
        assert any("GetSystemDateAndTime" in message.text() for talk in talks for message in talk.messages)
        assert "GetSystemDateAndTime" in await run.get("/cameras/d2")
        looked = [event["event"] async for event in run.monitor.look("d3", False)]
        assert (looked[0], looked[-1]) == ("camera", "end")
        assert "answer" in looked
        assert run.monitor.trouble() is None
    assert children() == set()
    with Reader.open(tmp_path / "ledger.sqlite") as ledger:
        kept = ledger.restore().memory
    assert {key for key in kept if key.startswith("budget/")} == {f"budget/d{n}" for n in range(DEVICES)}


async def test_another_password_goes_to_one_device_first(tmp_path: Path) -> None:
    """A changed secret is tried at one device, whichever process asks it; where that refuses it no other one is shown it."""
    street = Street({OLD})
    async with running(street, tmp_path, probers=3) as run:
        await until(lambda: accepted(street) == {"d0", "d1", "d2", "d3"})
        await run.change(NEW)
        await until(lambda: bool(street.shown(NEW)))
        before = len(street.logins)
        await until(lambda: len(street.logins) > before + 3 * DEVICES)
    assert len(street.shown(NEW)) == 1


async def test_a_prober_that_is_killed_is_started_again(tmp_path: Path) -> None:
    """Its devices are asked again after a second; until then it is said that they are not, and no login is shown anew
    that was refused before."""
    street = Street(set())
    async with running(street, tmp_path, probers=3) as run:
        await until(lambda: len(street.logins) == DEVICES)
        await until(lambda: all(run.monitor._memories.get(f"d{n}", Memory()).login.doubted for n in range(DEVICES)))
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        await until(lambda: run.monitor.trouble() is not None)
        assert run.monitor.trouble() in [
            f"Not running: {count}; the devices of that share are not asked. The log says why."
            for count in ("1 prober", "2 probers")
        ]
        assert run.monitor._scheduler.load().lag_s > 0.0  # it is what alerts
        asked = dict(street.asked)
        await until(lambda: run.monitor.trouble() is None)
        await until(lambda: all(street.asked[id_] > asked[id_] for id_ in asked))
    assert len(street.logins) == DEVICES


async def test_who_asks_a_missing_prober_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at one of its devices, what was said with it, a reload that takes it away, and the end wait for nobody."""
    monkeypatch.setattr(prober, "WAITS_S", (600.0,))
    street = Street({OLD})
    async with asyncio.timeout(60.0), running(street, tmp_path, probers=1) as run:
        await until(lambda: accepted(street) == {"d0", "d1", "d2", "d3"})
        os.kill(*children(), signal.SIGKILL)
        await until(lambda: run.monitor.trouble() is not None)
        async with asyncio.timeout(3.0):
            looked = [event async for event in run.monitor.look("d3", False)]
            assert looked[-1] == failed("the prober of this camera is not running; the monitor's log says why")
            assert not await run.monitor.journal.recall("d1")
            await run.change(NEW)


async def test_a_prober_that_cannot_be_started_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none can be started it is said so from the first time on, nothing is left open by each try, and the devices
    are asked once one can be.
    """
    program = tmp_path / "program"
    monkeypatch.setattr(parts, "PROBER", (str(program), *PROBER[1:]))
    monkeypatch.setattr(prober, "WAITS_S", (0.1,))
    street = Street({OLD})
    async with running(street, tmp_path, probers=1) as run:
        await until(lambda: run.monitor.trouble() is not None)
        sockets = open_sockets()
        await asyncio.sleep(1.0)
        assert open_sockets() <= sockets + 1
        program.write_text(f"""#!/bin/sh\nexec '{PROBER[0]}' "$@"\n""")
        program.chmod(0o700)
        await until(lambda: accepted(street) == {"d0", "d1", "d2", "d3"})
        assert run.monitor.trouble() is None


async def test_what_cannot_be_taken_in_costs_one_word_or_the_prober_but_not_the_share(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in what follows a verdict is logged, and the next one is heard; a prober that talks nonsense is
    started again; what was found of a device that has left is passed over.
    """
    monkeypatch.setattr(prober, "WAITS_S", (0.1,))
    heard: list[Answer] = []

    def hear(answer: Answer) -> None:
        heard.append(answer)
        raise KeyError("a fault")

    program = (sys.executable, "-P", "-c", TALKS.format(known="d", gone="e"))
    device = Device("d", "127.0.0.1", {"onvif": 1}, ("onvif",), ("c",))
    probers = Probers(1, program, Rates(), SYSTEM_CLOCKS, {}, hear, lambda *_: None)
    probers.add([Assignment(device)])
    await until(lambda: len(heard) >= 4)  # two of each process
    await probers.close()
    assert {one.result.verdict.device for one in heard} == {"d"}
    assert "what prober 1 of 1 told could not be taken in" in caplog.text
    assert "what was said to or by prober 1 of 1" in caplog.text


async def test_a_prober_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says nothing any more is ended, and started again."""
    monkeypatch.setattr(prober, "MOST_SILENT", 3)
    street = Street({OLD})
    async with running(street, tmp_path, probers=1) as run:
        await until(lambda: accepted(street) == {"d0", "d1", "d2", "d3"})
        (pid,) = children()
        os.kill(pid, signal.SIGSTOP)
        await until(lambda: run.monitor.trouble() is not None)
        await until(lambda: run.monitor.trouble() is None)
        assert children() != {pid}


async def test_a_prober_ends_with_its_monitor() -> None:
    """Whatever becomes of the monitor: where nobody speaks to it any more, a prober ends; signals are not for it."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(*PROBER, "warning", "lines", stdin=theirs.fileno())
    line = await Line.over(ours)
    line.say(Begin(Rates(), SYSTEM_CLOCKS.ahead))
    assert await line.hear()  # how it goes, once a second
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGHUP)
    assert await line.hear()
    line.close()
    async with asyncio.timeout(20.0):
        assert await process.wait() == 0


async def test_no_secret_comes_to_a_prober_by_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told the logins of its devices, and finds nothing else that we may hold."""
    monkeypatch.setenv(SECRET, "not to be seen")
    async with running(Street({OLD}), tmp_path, probers=1):
        await until(lambda: bool(children()))
        (pid,) = children()
        environment = environment_of(pid)
    assert SECRET.encode() not in environment


async def test_sessions_are_torn_down_at_the_end(tmp_path: Path) -> None:
    """A prober takes leave of a device that it is just getting video from."""
    camera = "zones: {{z: {{}}}}\ncameras:\n  - {{id: a, address: 127.0.0.1, zone: z, probes: [rtsp], ports: {{rtsp: {0}}}, stream: /s}}\n"
    async with attacking(playing(every_s=0.2), "127.0.0.1") as video:
        path = tmp_path / "inventory.yaml"
        path.write_text(camera.format(video.port))
        monitor = Monitor(load(path, {}), Rates(spread_s=0.0), Ledger.open(tmp_path / "ledger"), probers=1)
        watching = asyncio.create_task(monitor.run())
        await until(lambda: video.requests("PLAY") == 1)
        monitor.stop.set()
        await watching
        await until(lambda: video.requests("TEARDOWN") == 1)


async def test_a_reload_gives_a_device_no_new_budget(tmp_path: Path) -> None:
    """A device that is changed over and over, each time by a reload, is asked no more than its budget allows."""
    camera = "zones: {{z: {{name: Z}}}}\ncameras:\n  - {{id: a, name: {0}, address: 127.3.2.1, zone: z, probes: [onvif], ports: {{onvif: {1}}}}}\n"
    async with attacking(answering(onvif()), "127.3.2.1") as peer:
        path = tmp_path / "inventory.yaml"
        path.write_text(camera.format("first", peer.port))
        monitor = Monitor(load(path, {}), Rates(spread_s=0.0), Ledger.open(tmp_path / "ledger"), probers=2)
        watching = asyncio.create_task(monitor.run())
        await until(lambda: peer.requests("POST") >= 1)
        for number in range(10):
            path.write_text(camera.format(f"n{number}", peer.port))
            await monitor.reload(path, {})
        await asyncio.sleep(1.0)
        asked = peer.requests("POST")
        monitor.stop.set()
        await watching
    assert asked <= 9
