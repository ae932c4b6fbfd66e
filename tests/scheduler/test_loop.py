"""The scheduler against real listeners: spread, bounded, fair, and polite when devices go or the monitor ends."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from effort import prompt
from peers.hostile import Handler, answering, attacking, descriptors, onvif, playing, settled, silent
from peers.servers import free_port
from polite.virtual import Time, run
from talks import CLOCKS, QUICK

from monitor.app import Monitor
from monitor.core import fleet as reducer
from monitor.core.model import Camera, Device, Inventory
from monitor.core.schedule import Rates
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.probes.base import Clocks, Result
from monitor.scheduler import Scheduler
from monitor.scheduler.assignment import Answer, assignments
from monitor.scheduler.loop import BEGUN_AT_ONCE
from monitor.scheduler.told import told_of

BEGAN = 1_795_000_000.0
BRISK = Rates(
    light_s=0.5, media_s=0.5, spread_s=0.0, http_per_minute=6000, http_burst=100, rtsp_per_minute=6000, rtsp_burst=100,
    deadlines=QUICK,
)  # fmt: skip


def fleet(ports: Iterable[dict[str, int]], probes: tuple[str, ...] = ("onvif",)) -> Inventory:
    """Return devices d0, d1, … on 127.3.0.1, 127.3.0.2, … with these ports."""
    devices = {f"d{n}": Device(f"d{n}", f"127.3.0.{n + 1}", own, probes, (f"c{n}",)) for n, own in enumerate(ports)}
    cameras = {f"c{n}": Camera(f"c{n}", f"c{n}", f"d{n}", 1, "zone", stream="/s") for n in range(len(devices))}
    return Inventory(devices, cameras, {}, {"zone": "Zone"})


class Watch:
    """A scheduler and what came out of it, by device."""

    def __init__(self, rates: Rates = BRISK, most_in_flight: int = 1000, clocks: Clocks = CLOCKS) -> None:
        self.results: list[tuple[float, str, Result]] = []
        self.scheduler = Scheduler(rates, clocks, self._take, lambda *_: None, most_in_flight)
        self._clocks = clocks

    def _take(self, answer: Answer) -> None:
        self.results.append((self._clocks.monotonic(), answer.result.verdict.device, answer.result))

    def counted(self) -> Counter[str]:
        return Counter(id_ for _, id_, _ in self.results)


async def until(condition: Callable[[], object], patience_s: float = 60.0) -> None:
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


def test_first_contacts_are_spread() -> None:
    """A hundred first contacts fall over the whole spread, not upon its beginning."""
    time = Time(BEGAN)
    watch = Watch(replace(BRISK, spread_s=1.0, light_s=60.0), clocks=time.clocks)

    async def course() -> None:
        devices = fleet([{"onvif": free_port()}] * 100)
        watch.scheduler.add(assignments(devices, devices.devices.values()))
        await asyncio.sleep(1.5)
        await watch.scheduler.close()

    run(time, course())
    thirds = Counter(min(2, int(at * 3)) for at, _, _ in watch.results)
    assert thirds.total() == 100
    assert all(thirds[third] >= 15 for third in range(3))


async def test_what_the_reducer_wishes_comes_before_the_next_turn() -> None:
    """A failure is to be confirmed within seconds, not at the device's turn in a minute."""
    rates = replace(BRISK, light_s=60.0)
    watch = Watch(rates)
    devices = fleet([{"onvif": free_port()}])
    watch.scheduler.add(assignments(devices, devices.devices.values()))
    await until(lambda: watch.results)
    verdict = watch.results[0][2].verdict
    judged, _ = reducer.step(reducer.start(devices, rates), [verdict], verdict.at)
    turn = watch.scheduler._heap[0][0]
    watch.scheduler.told([("d0", told_of(judged, devices.devices["d0"]))], verdict.at)
    assert watch.scheduler._heap[0][0] < turn - 30.0
    await watch.scheduler.close()


async def test_no_more_conversations_than_allowed() -> None:
    """Thirty silent devices and room for five: five at a time, each in its turn, and the lag says that it is late."""
    before = descriptors()
    at_once: list[int] = [0, 0]

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at_once[0] += 1
        at_once[1] = max(at_once)
        try:
            await silent(reader, writer)
        finally:
            at_once[0] -= 1

    async with attacking(counting, "0.0.0.0") as peer:
        watch = Watch(replace(BRISK, light_s=60.0, deadlines=replace(QUICK, reply_s=0.1)), most_in_flight=5)
        devices = fleet([{"onvif": peer.port}] * 30)
        watch.scheduler.add(assignments(devices, devices.devices.values()))
        await asyncio.sleep(0.05)
        assert (watch.scheduler.load().in_flight, watch.scheduler.load().waiting) == (5, 25)
        await until(lambda: len(watch.counted()) == 30)
        assert watch.scheduler.load().lag_s > 0.3
        await watch.scheduler.close()
    assert at_once[1] == 5
    assert set(watch.counted().values()) == {1}
    await settled(before)


def test_whoever_is_asked_goes_on_before_more_are_asked() -> None:
    """Of hundreds that are due at one moment a few are begun with each turn of the loop, and all in the end."""
    time, begun = Time(BEGAN), [0]
    watch = Watch(replace(BRISK, spread_s=0.0, light_s=60.0), clocks=time.clocks)

    async def course() -> None:
        async with attacking(silent, "0.0.0.0") as peer:
            devices = fleet([{"onvif": peer.port}] * 200)
            watch.scheduler.add(assignments(devices, devices.devices.values()))
            while begun[-1] < 200:
                await asyncio.sleep(0)
                begun.append(watch.scheduler.load().in_flight)
            await watch.scheduler.close()

    run(time, course())
    assert max(after - before for before, after in pairwise(begun)) == BEGUN_AT_ONCE


def test_overload_is_fair_and_bounded() -> None:
    """Thirty devices that would need six times the places there are wait once each, and are asked equally often."""
    time, most = Time(BEGAN), 0
    rates = replace(BRISK, light_s=1.0, deadlines=replace(QUICK, reply_s=1.0))
    watch = Watch(rates, most_in_flight=5, clocks=time.clocks)

    async def course() -> None:
        nonlocal most
        async with attacking(silent, "0.0.0.0") as peer:
            devices = fleet([{"onvif": peer.port}] * 30)
            watch.scheduler.add(assignments(devices, devices.devices.values()))
            for _ in range(20):
                await asyncio.sleep(3.0)
                most = max(most, watch.scheduler.load().waiting)
            await watch.scheduler.close()

    run(time, course())
    counted = watch.counted()
    assert 20 <= most <= 30
    assert len(counted) == 30
    assert max(counted.values()) - min(counted.values()) <= 2


def test_one_slow_device_delays_no_other() -> None:
    """Twenty devices that answer at once are asked on time beside three that never do."""
    time = Time(BEGAN)
    watch = Watch(replace(BRISK, light_s=5.0, deadlines=replace(QUICK, reply_s=4.0)), clocks=time.clocks)

    async def course() -> float:
        async with attacking(silent, "0.0.0.0") as slow, attacking(answering(onvif()), "0.0.0.0") as quick:
            devices = fleet([{"onvif": slow.port}] * 3 + [{"onvif": quick.port}] * 20)
            watch.scheduler.add(assignments(devices, devices.devices.values()))
            await asyncio.sleep(30.0)
            lag_s = watch.scheduler.load().lag_s
            await watch.scheduler.close()
            return lag_s

    assert run(time, course()) < 0.2
    counted = watch.counted()
    assert all(counted[f"d{n}"] >= 4 for n in range(3, 23))
    assert all(result.verdict.duration_s < 0.3 for _, id_, result in watch.results if int(id_[1:]) >= 3)
    assert all(result.verdict.duration_s >= 4.0 for _, id_, result in watch.results if int(id_[1:]) < 3)


async def test_one_tcp_conversation_at_a_time() -> None:
    """A device asked over ONVIF and RTSP never has two connections of ours."""
    open_now: list[int] = [0, 0]

    def counted(handler: Handler) -> Handler:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            open_now[0] += 1
            open_now[1] = max(open_now)
            try:
                await handler(reader, writer)
            finally:
                open_now[0] -= 1

        return handle

    async with (
        attacking(counted(answering(onvif())), "127.3.0.1") as web,
        attacking(counted(playing()), "127.3.0.1") as video,
    ):
        watch = Watch(replace(BRISK, light_s=0.1, media_s=0.1))
        devices = fleet([{"onvif": web.port, "rtsp": video.port}], ("onvif", "rtsp"))
        watch.scheduler.add(assignments(devices, devices.devices.values()))
        await until(lambda: len(watch.results) > 12)
        await watch.scheduler.close()
    assert {result.verdict.probe for _, _, result in watch.results} == {"onvif", "rtsp"}
    assert open_now[1] == 1


async def test_devices_come_and_go() -> None:
    """Removed devices are asked no more and tell nothing more; those that stay are not disturbed; one may come back."""
    async with attacking(answering(onvif()), "0.0.0.0") as peer:
        watch = Watch(replace(BRISK, light_s=0.1))
        devices = fleet([{"onvif": peer.port}] * 4)
        watch.scheduler.add(assignments(devices, devices.devices.values()))
        await until(lambda: len(watch.counted()) == 4)
        stays = watch.scheduler._stations["d3"]
        await watch.scheduler.remove(["d0", "d1"])
        watch.results.clear()
        await until(lambda: watch.counted()["d2"] >= 3)
        assert set(watch.counted()) == {"d2", "d3"}
        assert watch.scheduler._stations["d3"] is stays
        watch.scheduler.add(assignments(devices, [devices.devices["d0"]]))
        await until(lambda: watch.counted()["d0"] >= 2)
        await watch.scheduler.remove(["d0", "d2", "d3", "never there"])
        assert not watch.scheduler.devices
        watch.results.clear()
        await asyncio.sleep(0.3)
        assert not watch.results
        await watch.scheduler.close()


async def test_the_end_among_a_hundred_hung_devices() -> None:
    """A hundred devices hang, twenty play and ten of those answer no TEARDOWN: all is over within two seconds."""
    before = descriptors()
    async with (
        attacking(silent, "0.0.0.0") as hung,
        attacking(playing(every_s=0.2), "0.0.0.0") as polite,
        attacking(playing({"TEARDOWN": b""}, every_s=0.2), "0.0.0.0") as rude,
    ):
        ports = [{"rtsp": hung.port}] * 100 + [{"rtsp": polite.port}] * 10 + [{"rtsp": rude.port}] * 10
        watch = Watch(Rates(spread_s=0.0))
        devices = fleet(ports, ("rtsp",))
        watch.scheduler.add(assignments(devices, devices.devices.values()))
        await until(lambda: polite.requests("PLAY") == rude.requests("PLAY") == 10 and hung.connections == 100)
        began = time.monotonic()
        await watch.scheduler.close()
        took = time.monotonic() - began
        await until(lambda: polite.requests("TEARDOWN") == rude.requests("TEARDOWN") == 10)
    assert prompt(took, 2.0)
    assert watch.results == []
    await settled(before)


def test_a_stopped_loop_shows_as_lag() -> None:
    """What began late because the loop stood still is measured, once, and the next figure is about what came after."""
    time = Time(BEGAN)
    watch = Watch(replace(BRISK, light_s=0.1), clocks=time.clocks)

    async def course() -> None:
        devices = fleet([{"onvif": free_port()}] * 3)
        watch.scheduler.add(assignments(devices, devices.devices.values()))
        await asyncio.sleep(0.5)
        assert len(watch.counted()) == 3
        watch.scheduler.load()
        time.now += 0.6  # as time passes while nothing in this process runs
        await asyncio.sleep(0.1)
        assert 0.3 < watch.scheduler.load().lag_s < 0.9
        await asyncio.sleep(0.1)
        assert watch.scheduler.load().lag_s < 0.3
        await watch.scheduler.close()

    run(time, course())


def write(folder: Path, text: str) -> Path:
    path = folder / "inventory.yaml"
    path.write_text(text)
    return path


async def test_two_reloads_at_once(tmp_path: Path) -> None:
    """A second reload that comes while the first waits for a device to take leave wins, and leaves nothing of the first."""
    camera = "  - {{id: {0}, address: 127.3.1.{1}, zone: z, probes: [rtsp], ports: {{rtsp: {2}}}, stream: /s}}\n"
    head = "zones: {z: {name: Z}}\ncameras:\n"
    async with attacking(playing({"TEARDOWN": b""}, every_s=0.2), "0.0.0.0") as video:
        texts = [
            head + "".join(camera.format(name, n, video.port) for n, name in enumerate(names, 1))
            for names in ("ab", "ac", "ad")
        ]
        path = write(tmp_path, texts[0])
        monitor = Monitor(load(path, {}), Rates(spread_s=0.0), Ledger.open(tmp_path / "ledger"), CLOCKS)
        watching = asyncio.create_task(monitor.run())
        await until(lambda: video.requests("PLAY") == 2)
        write(tmp_path, texts[1])
        first = asyncio.create_task(monitor.reload(path, {}))
        await asyncio.sleep(0.02)
        write(tmp_path, texts[2])
        await asyncio.gather(first, monitor.reload(path, {}))
        stations = set(monitor._scheduler.devices)
        await asyncio.sleep(1.2)
        assert not watching.done()
        monitor.stop.set()
        await watching
    assert stations == {"a", "d"} == set(monitor.inventory.devices)


async def test_a_reload_gives_a_device_no_new_budget(tmp_path: Path) -> None:
    """A device that is changed over and over, each time by a reload, is asked no more than its budget allows."""
    camera = (
        "zones: {{z: {{name: Z}}}}\ncameras:\n  - {{id: a, name: {0}, address: 127.3.2.1, zone: z, probes: [onvif],"
    )
    camera += " ports: {{onvif: {1}}}}}\n"
    async with attacking(answering(onvif()), "127.3.2.1") as peer:
        path = write(tmp_path, camera.format("first", peer.port))
        monitor = Monitor(load(path, {}), Rates(spread_s=0.0), Ledger.open(tmp_path / "ledger"), CLOCKS)
        watching = asyncio.create_task(monitor.run())
        await until(lambda: peer.requests("POST") >= 1)
        for number in range(20):
            await asyncio.sleep(0.1)
            write(tmp_path, camera.format(f"n{number}", peer.port))
            await monitor.reload(path, {})
        await asyncio.sleep(0.3)
        asked = peer.requests("POST")
        monitor.stop.set()
        await watching
    assert asked <= 9
